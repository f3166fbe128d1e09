import type { NamedPayment } from './rules.ts';
import type { NamedRow } from './store.ts';

export function standingOf({ isLeased, claimsOpen, ...payment }: NamedRow): NamedPayment {
  return { ...payment, contact: !isLeased ? 'none' : claimsOpen > 1 ? 'asked_again' : 'asked' };
}
