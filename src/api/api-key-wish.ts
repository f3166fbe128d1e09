import type { Clock } from '../clock.ts';
import { mayGrant, type Owner } from '../users/api-keys.ts';
import type { Scope } from '../users/scopes.ts';
import type { Caller } from './auth.ts';
import type { ApiContext } from './context.ts';
import { parseInstant } from './instant.ts';
import type { Fault } from './problem.ts';

/** Whose keys they are. */
export function ownerOf({ userId, role }: Caller, { config }: ApiContext): Owner {
  return { userId, role, environment: config.ENVIRONMENT };
}

/** Undefined: nothing was said of it; null: never. */
export function parseExpiry(
  text: string | null | undefined,
  clock: Clock,
): { readonly expiresAt: Date | null | undefined } | { readonly faults: readonly Fault[] } {
  if (text === null || text === undefined) return { expiresAt: text };
  const expiresAt = parseInstant(text);
  const pointer = '#/expires_at';
  if (expiresAt === null) return { faults: [{ pointer, detail: 'is not a time' }] };
  if (expiresAt.getTime() <= clock.now())
    return { faults: [{ pointer, detail: 'must be in the future' }] };
  return { expiresAt };
}

/** What the owner may not give, because they have it not. */
export function scopeFaults(caller: Caller, wanted: readonly Scope[]): readonly Fault[] {
  if (mayGrant(caller.role, wanted)) return [];
  return [{ pointer: '#/scopes', detail: 'may hold admin:* for operators and admins only' }];
}
