import { type Static, Type } from 'typebox';
import { type AmountRefusal, type Currency, parseAmount, parseCurrency } from '../money.ts';
import { containsCardNumber } from './card-number.ts';
import type { ErrorCode } from './errors.ts';
import { metadataBytesMax, metadataDepthMax, parseMetadata } from './metadata.ts';
import type { Occurrence } from './problem.ts';
import { nullable } from './schemas.ts';

export const PaymentRequestSchema = Type.Object(
  {
    amount: Type.Unsafe<string | number>({
      type: ['string', 'number'],
      maxLength: 32,
      description: 'Positive, as a decimal string; a number only where it is exact.',
      examples: ['100.00'],
    }),
    currency: Type.Optional(
      nullable<string>('string', {
        maxLength: 3,
        description: "ISO 4217; the account's where absent.",
      }),
    ),
    description: Type.Optional(nullable<string>('string', { maxLength: 500 })),
    metadata: Type.Optional(
      nullable<Record<string, unknown>>('object', {
        description: `At most ${metadataBytesMax} bytes, ${metadataDepthMax} deep.`,
      }),
    ),
  },
  { additionalProperties: false },
);

export type PaymentRequest = Static<typeof PaymentRequestSchema>;

export interface Refusal {
  readonly refused: ErrorCode;
  readonly occurrence?: Occurrence;
}

/** The currency that was asked for; null: the account's own. */
export function parseRequestCurrency(
  request: PaymentRequest,
): { currency: Currency | null } | Refusal {
  const given = request.currency ?? null;
  if (given === null) return { currency: null };
  const currency = parseCurrency(given);
  if (currency !== null) return { currency };
  const detail = 'is not an ISO 4217 currency that we know';
  return {
    refused: 'unknown_currency',
    occurrence: { errors: [{ pointer: '#/currency', detail }] },
  };
}

export interface PaymentTerms {
  readonly amountMinor: bigint;
  readonly description: string | null;
  readonly metadata: string | null;
}

export function parseTerms(request: PaymentRequest, currency: Currency): PaymentTerms | Refusal {
  const amount = parseAmount(request.amount, currency);
  if ('refused' in amount) {
    const reason = amountReasons[amount.refused].replace('{currency}', currency);
    return {
      refused: 'invalid_amount',
      occurrence: { values: { reason }, errors: [{ pointer: '#/amount', detail: reason }] },
    };
  }
  const description = request.description ?? null;
  if (description !== null && containsCardNumber(description)) return cardRefusal('description');
  if ((request.metadata ?? null) === null)
    return { amountMinor: amount.minor, description, metadata: null };
  const metadata = parseMetadata(request.metadata ?? {});
  if (metadata.kind === 'card_number') return cardRefusal('metadata');
  if (metadata.kind === 'invalid') {
    const errors = [{ pointer: '#/metadata', detail: metadata.reason }];
    return { refused: 'validation_failed', occurrence: { errors } };
  }
  return { amountMinor: amount.minor, description, metadata: metadata.text };
}

const amountReasons: Readonly<Record<AmountRefusal, string>> = {
  not_a_decimal: 'must be a plain decimal like "100.00"',
  too_many_decimals: 'has more decimals than {currency}',
  not_positive: 'must be greater than zero',
  too_large: 'is larger than we handle',
};

/** None is ever stored, wherever it was typed. */
export function cardRefusal(field: string): Refusal {
  const detail = 'contains what looks like a card number';
  return {
    refused: 'card_number_refused',
    occurrence: { values: { field }, errors: [{ pointer: `#/${field}`, detail }] },
  };
}
