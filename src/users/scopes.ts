import { type Role, seesEverybody } from './roles.ts';

/**
 * What an API key may be allowed. Somebody who signed in has no scopes: he may what his role may.
 * `read` reads whatever the key's owner may read; `deposits:write` moves money in,
 * `withdrawals:write` moves it on or out (withdrawals, transfers, refunds, cancellations).
 */
export const scopes = [
  'deposits:write',
  'withdrawals:write',
  'read',
  'webhooks:write',
  'admin:*',
] as const;

export type Scope = (typeof scopes)[number];

export function parseScope(word: unknown): Scope | null {
  return scopes.find((scope) => scope === word) ?? null;
}

/**
 * `admin:*` is all that the owner's role may, and only where that role is more than a customer's:
 * the key of an operator who was demoted is left with the scopes that it names.
 */
export function allows(granted: readonly Scope[], wanted: Scope, ownerRole: Role): boolean {
  const isAlmighty = granted.includes('admin:*') && seesEverybody(ownerRole);
  return isAlmighty || (wanted !== 'admin:*' && granted.includes(wanted));
}
