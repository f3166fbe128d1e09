import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Answer } from './client.ts';
import { StoryEnded } from './story-ended.ts';

/** What the story reads of each answer: as with any client, the rest may change without it. */

const nullableText = Type.Union([Type.String(), Type.Null()]);

export const SessionAnswer = Type.Object({
  access_token: Type.String(),
  expires_in: Type.Number(),
  user: Type.Object({ id: Type.String(), email: Type.String() }),
});

export const PaymentAnswer = Type.Object({
  id: Type.String(),
  status: Type.String(),
  message: Type.String(),
  error_code: nullableText,
  error_message: nullableText,
  bank_transaction_id: nullableText,
});
export type PaymentAnswer = Static<typeof PaymentAnswer>;

export const BalanceAnswer = Type.Object({
  balance: Type.String(),
  available: Type.String(),
  held: Type.String(),
  currency: Type.String(),
});

export const ProblemAnswer = Type.Object({
  title: Type.String(),
  detail: Type.String(),
  code: Type.String(),
});

const AttemptAnswer = Type.Object({
  contact: Type.String(),
  outcome: Type.String(),
  started_at: Type.String(),
  ended_at: Type.String(),
});
export type AttemptAnswer = Static<typeof AttemptAnswer>;

export const TrailAnswer = Type.Object({
  created_at: Type.String(),
  currency: Type.String(),
  timeline: Type.Array(
    Type.Object({
      type: Type.String(),
      at: Type.String(),
      /** Null: no change of status. */
      version: Type.Union([Type.Integer(), Type.Null()]),
      data: Type.Object({
        status: Type.Optional(Type.String()),
        bank_transaction_id: Type.Optional(Type.String()),
        error_code: Type.Optional(Type.String()),
      }),
    }),
  ),
  attempts: Type.Array(AttemptAnswer),
  postings: Type.Array(
    Type.Object({
      account_id: Type.String(),
      account_kind: Type.String(),
      amount: Type.String(),
      balance_after: nullableText,
    }),
  ),
});
export type TrailAnswer = Static<typeof TrailAnswer>;

/** The body of the answer that was expected. @throws StoryEnded for any other */
export function read<Schema extends TSchema>(
  answer: Answer,
  status: number,
  schema: Schema,
): Static<Schema> {
  const body = parseJson(answer.text);
  if (answer.status === status && Value.Check(schema, body)) return body;
  const problem = Value.Check(ProblemAnswer, body) ? `: ${body.detail}` : '.';
  throw new StoryEnded(
    `The story expected ${status} here, and the answer was ${answer.status}${problem}`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
