import { type Static, type TSchema, Type } from 'typebox';
import { type ErrorCode, errorEntry } from './errors.ts';

/** `T | null` in one schema, so that a refusal names one fault and not three. */
export function nullable<T>(type: string, keywords: Record<string, unknown> = {}) {
  return Type.Unsafe<T | null>({ type: [type, 'null'], ...keywords });
}

export const PaymentSchema = Type.Object({
  id: Type.String({ format: 'uuid' }),
  account_id: Type.String({ format: 'uuid' }),
  transaction_type: Type.Enum(['deposit', 'withdrawal', 'transfer', 'refund', 'correction']),
  amount: Type.String({ description: 'Decimal, with all decimals of the currency.' }),
  currency: Type.String({ description: 'ISO 4217.' }),
  status: Type.Enum(['PENDING', 'PROCESSING', 'SUCCESS', 'FAILED', 'PENDING_REVIEW']),
  bank_transaction_id: nullable<string>('string'),
  error_code: nullable<string>('string', { description: "The bank's word." }),
  error_message: nullable<string>('string'),
  created_at: Type.String({ format: 'date-time' }),
  updated_at: Type.String({ format: 'date-time' }),
  description: nullable<string>('string'),
  metadata: Type.Unsafe<unknown>({}),
  to_account_id: Type.Optional(
    Type.String({ format: 'uuid', description: 'Of a transfer: where it went.' }),
  ),
  deposit_id: Type.Optional(
    Type.String({ format: 'uuid', description: 'Of a refund: what it gives back.' }),
  ),
  message: Type.String(),
});

export type PaymentBody = Static<typeof PaymentSchema>;

export const FaultSchema = Type.Object({
  pointer: Type.Optional(Type.String({ description: 'JSON pointer into the body.' })),
  parameter: Type.Optional(Type.String({ description: 'Query parameter.' })),
  header: Type.Optional(Type.String()),
  line: Type.Optional(Type.Integer({ description: 'Of a file.' })),
  entry: Type.Optional(Type.Integer({ description: 'Of camt.053.' })),
  detail: Type.String(),
});

function problemSchema(codes: readonly ErrorCode[]) {
  return Type.Object(
    {
      type: Type.String({ format: 'uri' }),
      title: Type.String(),
      status: Type.Integer(),
      detail: Type.String(),
      instance: Type.String({ format: 'uri' }),
      code: Type.Enum([...new Set(codes)]),
      errors: Type.Optional(Type.Array(FaultSchema)),
      request_id: Type.String(),
      error: Type.String(),
      message: Type.String(),
    },
    { additionalProperties: true, description: problemWords },
  );
}

const problemWords = 'application/problem+json';

/** The codes of a refusal; null: the schema is of an answer. Fastify hands out copies of both. */
export function refusalCodes(schema: unknown): readonly ErrorCode[] | null {
  if (typeof schema !== 'object' || schema === null || !('description' in schema)) return null;
  if (schema.description !== problemWords) return null;
  // Proven by problemSchema, which alone describes one so.
  return (schema as unknown as ReturnType<typeof problemSchema>).properties.code.enum;
}

/**
 * What every route behind a token may be refused with: `problems(...guardCodes,
 * 'payment_not_found')`.
 */
export const guardCodes = [
  'token_missing',
  'token_invalid',
  'token_expired',
  'token_revoked',
  'forbidden',
  'rate_limit_exceeded',
  'database_away',
] as const satisfies readonly ErrorCode[];

/** The refusals that a route declares, by status; none is safe from our own mistakes. */
export function problems(...codes: readonly ErrorCode[]): Record<number, TSchema> {
  // Lists of codes that overlap may be put together.
  const all = new Set<ErrorCode>([...codes, 'internal_error']);
  const byStatus = Map.groupBy(all, (code) => errorEntry(code).status);
  return Object.fromEntries(
    Array.from(byStatus, ([status, sameStatus]) => [status, problemSchema(sameStatus)]),
  );
}

export const UserSchema = Type.Object({
  id: Type.String({ format: 'uuid' }),
  email: Type.String(),
  full_name: Type.String(),
  is_active: Type.Boolean(),
  role: Type.Enum(['user', 'operator', 'admin']),
  created_at: Type.String({ format: 'date-time' }),
  webhook_url: nullable<string>('string'),
});

export const TokenSchema = Type.Object({
  access_token: Type.String(),
  token_type: Type.Literal('bearer'),
  expires_in: Type.Integer({ description: 'Seconds.' }),
  refresh_token: Type.String({ description: 'Exchanged once, for the next pair of tokens.' }),
  refresh_expires_in: Type.Integer({ description: 'Seconds.' }),
  user: UserSchema,
});
