import { type Static, Type } from 'typebox';
import type { StandingRow } from '../ledger/accounts-store.ts';
import { availableFunds } from '../ledger/post.ts';
import { currencyExponent, formatAmount } from '../money.ts';

export const AccountSchema = Type.Object({
  id: Type.String({ format: 'uuid', description: 'Where a transfer may be sent to.' }),
  currency: Type.String({ description: 'ISO 4217.' }),
  decimals: Type.Integer({ description: 'Of every amount in this currency: 0, 2, 3 or 4.' }),
  balance: Type.String(),
  available: Type.String({ description: 'What a withdrawal may take now.' }),
  held: Type.String({ description: 'Reserved for what is on its way out.' }),
  created_at: Type.String({ format: 'date-time' }),
});

export type AccountBody = Static<typeof AccountSchema>;

export function accountBody(account: StandingRow): AccountBody {
  const { currency } = account;
  return {
    id: account.id,
    currency,
    decimals: currencyExponent(currency),
    balance: formatAmount(account.balance, currency),
    available: formatAmount(availableFunds(account), currency),
    held: formatAmount(account.held, currency),
    created_at: account.createdAt.toISOString(),
  };
}
