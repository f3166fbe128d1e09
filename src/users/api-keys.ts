import { assert, present } from '../assert.ts';
import { appendAuditLog } from '../audit-log/append.ts';
import type { Database, Tx } from '../db/database.ts';
import { type ApiKeyId, newApiKeyId, type UserId } from '../ids.ts';
import {
  type ApiKeyRow,
  countKeys,
  insertKey,
  type KeyOfUser,
  lockKey,
  retireKey,
  revokeKey,
} from './api-keys-store.ts';
import { keyPrefixes } from './key-standing.ts';
import { type Role, seesEverybody } from './roles.ts';
import type { Scope } from './scopes.ts';
import { digestOf, newSecret } from './secrets.ts';

/** That count, of one user. */
export const apiKeysMax = 50;

/** Who asks, for the audit log. */
export interface By {
  readonly actor: string;
  readonly requestId: string;
}

export interface KeyWish {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly expiresAt: Date | null;
}

/** `secret` is told this once; nothing that is stored leads back to it. */
export interface FreshKey {
  readonly kind: 'created';
  readonly key: ApiKeyRow;
  readonly secret: string;
}

export type CreateResult = FreshKey | { readonly kind: 'too_many' };

export interface Owner {
  readonly userId: UserId;
  readonly role: Role;
  readonly environment: 'development' | 'production';
}

/** A key never exceeds its owner. */
export function mayGrant(role: Role, wanted: readonly Scope[]): boolean {
  return !wanted.includes('admin:*') || seesEverybody(role);
}

export function createKey(
  database: Database,
  owner: Owner,
  wish: KeyWish,
  by: By,
): Promise<CreateResult> {
  assert(mayGrant(owner.role, wish.scopes), 'the scopes are checked at the edge');
  return database.transaction(async (tx) => {
    if ((await countKeys(tx, owner.userId)) >= apiKeysMax) return { kind: 'too_many' };
    const fresh = await insertFresh(tx, owner, wish);
    await record(tx, by, 'api_key.create', { before: null, after: fresh.key });
    return fresh;
  });
}

export type RotateResult =
  | (FreshKey & { readonly replaced: ApiKeyRow })
  | { readonly kind: 'not_found' | 'not_active' | 'too_many' };

/**
 * In:   a key that counts and has no successor.
 * Out:  a successor with the same name and scopes; the old one counts until the overlap ends.
 * If we die here: before commit nothing happened; after it the successor's secret is lost with us,
 * and whoever asked makes a new key and revokes both.
 */
export function rotateKey(
  database: Database,
  owner: Owner,
  wish: {
    readonly id: ApiKeyId;
    readonly overlapSeconds: number;
    readonly expiresAt?: Date | null;
  },
  by: By,
): Promise<RotateResult> {
  return database.transaction(async (tx) => {
    const active = await countKeys(tx, owner.userId);
    const old = await lockKey(tx, { id: wish.id, userId: owner.userId });
    if (old === null) return { kind: 'not_found' };
    if (old.status !== 'active' || old.rotated_to !== null) return { kind: 'not_active' };
    if (active >= apiKeysMax) return { kind: 'too_many' };
    const { name, scopes } = old;
    const expiresAt = wish.expiresAt === undefined ? old.expires_at : wish.expiresAt;
    const fresh = await insertFresh(tx, owner, { name, scopes, expiresAt });
    const retirement = {
      id: old.id,
      successor: fresh.key.id,
      overlapSeconds: wish.overlapSeconds,
    };
    const replaced = present(await retireKey(tx, retirement), 'it is locked');
    await record(tx, by, 'api_key.rotate', { before: old, after: fresh.key });
    return { ...fresh, replaced };
  });
}

/** False: there is no such key, or it is somebody else's. A second time changes nothing. */
export function endKey(database: Database, key: KeyOfUser, by: By): Promise<boolean> {
  return database.transaction(async (tx) => {
    const old = await lockKey(tx, key);
    if (old === null) return false;
    if (old.revoked_at !== null) return true;
    await revokeKey(tx, old.id);
    await record(tx, by, 'api_key.revoke', { before: old, after: null });
    return true;
  });
}

async function insertFresh(tx: Tx, owner: Owner, wish: KeyWish): Promise<FreshKey> {
  const kind = owner.environment === 'production' ? 'live' : 'test';
  const secret = newSecret(keyPrefixes[kind]);
  const [key] = await insertKey(tx, {
    ...wish,
    id: newApiKeyId(),
    userId: owner.userId,
    // Eight characters of 43: enough to tell keys apart, and 208 bits remain.
    prefix: secret.slice(0, keyPrefixes[kind].length + 8),
    hash: digestOf(secret),
  });
  return { kind: 'created', key: present(key, 'a key was inserted'), secret };
}

function record(
  tx: Tx,
  by: By,
  action: string,
  change: { readonly before: ApiKeyRow | null; readonly after: ApiKeyRow | null },
): Promise<void> {
  const { before, after } = change;
  const subject = present(before ?? after, 'a change is of some key');
  return appendAuditLog(tx, [
    {
      ...by,
      action,
      subject: `api_key:${subject.id}`,
      before: before === null ? null : summary(before),
      after: after === null ? null : summary(after),
      reason: null,
    },
  ]);
}

function summary(key: ApiKeyRow): object {
  return {
    id: key.id,
    user_id: key.user_id,
    name: key.name,
    prefix: key.prefix,
    scopes: key.scopes,
    expires_at: key.expires_at?.toISOString() ?? null,
  };
}
