import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { present } from '../assert.ts';
import type { AuditLogRow } from './store.ts';

/**
 * SHA-256 over the row in the form of RFC 8785, the hash of the row before it included: a row that
 * was changed no longer has its hash, and one whose hash was made anew is no longer the one that
 * the next row names. Whoever can write the table can forge all that follows a row, up to the end:
 * against that helps a hash that was written down elsewhere (`verify` compares it).
 */
export function chainHash(row: Omit<AuditLogRow, 'hash'>): string {
  const { at, actor, action, subject, before, after, reason } = row;
  const covered = {
    version: 1,
    seq: String(row.seq),
    at,
    actor,
    action,
    subject,
    before,
    after,
    reason,
    request_id: row.requestId,
    previous_hash: row.previousHash,
  };
  return createHash('sha256').update(canonicalText(covered)).digest('hex');
}

export function canonicalText(value: object): string {
  return present(canonicalize(value), 'an object has a canonical form');
}
