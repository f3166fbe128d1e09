/**
 * In:   what somebody did, in the transaction that does it.
 * Out:  one row each, numbered without gaps, each with the hash of the row before it.
 * If we die here: neither the deed nor its row happened.
 */
import { present } from '../assert.ts';
import type { Tx } from '../db/database.ts';
import type { UserId } from '../ids.ts';
import { canonicalText, chainHash } from './chain.ts';
import { type AuditLogRow, type Head, insertRows, lockHead } from './store.ts';

export interface AuditEntry {
  /** One of `actors`. */
  readonly actor: string;
  /** As in failed_task.requeue, payment.resolve, api_key.create. */
  readonly action: string;
  /** As in payment:<id>. */
  readonly subject: string;
  /** What JSON can say (amounts as text), never a secret. */
  readonly before: object | null;
  readonly after: object | null;
  readonly reason: string | null;
  readonly requestId: string | null;
}

/** Who, why, and by which request: what an operation is told, the rest it knows. */
export type DoneBy = Pick<AuditEntry, 'actor' | 'reason' | 'requestId'>;

/** Who did it. */
export const actors = {
  user: (id: UserId): string => `user:${id}`,
  /** By the key's public id. */
  apiKey: (id: string): string => `key:${id}`,
  /** Somebody with the rights of our process on its machine, by the name of the system's user. */
  cli: (systemUser: string): string => `cli:${systemUser}`,
  system: 'system',
} as const;

/**
 * Call it last in its transaction: from here to COMMIT nobody else appends, and whoever locks rows
 * after it can meet another transaction that locked them before it.
 */
export async function appendAuditLog(tx: Tx, entries: readonly AuditEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await writeAuditLog(tx, await lockAuditLog(tx), entries);
}

/**
 * The same in two steps, for a group commit: the first belongs to its reads, after every lock that
 * they take, the second to its writes.
 */
export async function lockAuditLog(tx: Tx): Promise<Head> {
  const [head] = await lockHead(tx);
  return present(head, 'the end of the chain is one row, also where it is empty');
}

export function writeAuditLog(
  tx: Tx,
  head: Head,
  entries: readonly AuditEntry[],
): Promise<unknown> {
  const rows: AuditLogRow[] = [];
  for (const entry of entries) {
    const { seq, hash } = rows.at(-1) ?? head;
    const row = {
      seq: seq + 1n,
      at: head.at,
      actor: storable(entry.actor),
      action: storable(entry.action),
      subject: storable(entry.subject),
      before: stateText(entry.before),
      after: stateText(entry.after),
      reason: entry.reason === null ? null : storable(entry.reason),
      requestId: entry.requestId === null ? null : storable(entry.requestId),
      previousHash: hash,
    };
    rows.push({ ...row, hash: chainHash(row) });
  }
  return insertRows(tx, rows);
}

function stateText(state: object | null): string | null {
  if (state === null) return null;
  const kept: object = JSON.parse(JSON.stringify(state), (_key, value: unknown) =>
    typeof value === 'string' ? storable(value) : value,
  );
  return canonicalText(kept);
}

/**
 * What the database would refuse (NUL) or store as something else (half a surrogate pair), so that
 * the hash covers what is read back, and no text that somebody typed can stop the deed.
 */
function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd');
}
