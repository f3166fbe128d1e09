import { type Cache, openCache } from '../cache.ts';
import type { Clock } from '../clock.ts';
import type { Queryable } from '../db/database.ts';
import type { ApiKeyId, UserId } from '../ids.ts';
import type { Logger } from '../telemetry/log.ts';
import { selectKeyStanding, touchKey } from './api-keys-store.ts';
import type { Role } from './roles.ts';
import type { Scope } from './scopes.ts';
import { digestOf, isSecret } from './secrets.ts';

/** What a key says of whoever sends it. */
export type KeyVerdict =
  | { readonly kind: 'valid'; readonly key: KeyHolder }
  | { readonly kind: 'expired' | 'revoked' | 'unknown' };

export interface KeyHolder {
  readonly id: ApiKeyId;
  readonly userId: UserId;
  /** Its owner's, now. */
  readonly role: Role;
  readonly scopes: readonly Scope[];
}

export interface KeyStandings {
  readonly verify: (secret: string) => Promise<KeyVerdict>;
  /** For this process at once; the others hear of it within seconds. */
  readonly forgetAll: () => void;
}

/** As for tokens (standing.ts): an answer is 4 s old at most when it is used. */
const freshMs = 4_000;

/** About 400 bytes each: 8 MB when full. */
const keysMax = 20_000;

export const keyPrefixes = { live: 'tg_live_', test: 'tg_test_' } as const;

/** Looks like a key, so it is no token. */
export function isKey(bearer: string): boolean {
  return bearer.startsWith('tg_');
}

/**
 * Keys by their digest, which costs 1.4 µs where the answer is remembered. An unknown key is not
 * remembered: whoever makes them up would push out those that count.
 */
export function openKeyStandings(database: Queryable, clock: Clock, log: Logger): KeyStandings {
  const open = (): Cache<string, KeyVerdict> =>
    openCache<string, KeyVerdict>({
      sizeMax: keysMax,
      freshMs,
      clock,
      load: (hash) => load(database, hash, log),
      keep: (verdict) => verdict.kind !== 'unknown',
    });
  let known = open();
  return {
    verify: async (secret) => {
      const isOurs = isSecret(secret, keyPrefixes.live) || isSecret(secret, keyPrefixes.test);
      return isOurs ? known.get(digestOf(secret)) : { kind: 'unknown' };
    },
    forgetAll: () => {
      known = open();
    },
  };
}

async function load(database: Queryable, hash: string, log: Logger): Promise<KeyVerdict> {
  const row = await selectKeyStanding(database, hash);
  if (row === null) return { kind: 'unknown' };
  if (row.status === 'revoked' || !row.owner_active) return { kind: 'revoked' };
  if (row.status === 'expired') return { kind: 'expired' };
  if (row.use_is_news)
    // Nobody waits for it: a key is loaded because it is used, every few seconds at most.
    touchKey(database, row.id).catch((error: unknown) =>
      log.warn({ err: error, key_id: row.id }, 'the use of a key could not be written down'),
    );
  const { id, user_id: userId, role, scopes } = row;
  return { kind: 'valid', key: { id, userId, role, scopes } };
}
