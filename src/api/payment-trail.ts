import { type Static, type TSchema, Type } from 'typebox';
import { unreachable } from '../assert.ts';
import type { Queryable } from '../db/database.ts';
import type { UserId } from '../ids.ts';
import { formatAmount } from '../money.ts';
import type { PaymentDetails } from '../payments/details.ts';
import { type CallbackRow, type ContactRow, selectCallbacks } from '../payments/details-store.ts';
import {
  type EventRow,
  type PostingRow,
  selectEvents,
  selectPostings,
} from '../payments/history-store.ts';
import { evidenceSentence } from './payment-details.ts';
import { nullable } from './schemas.ts';

const TimelineSchema = Type.Array(
  Type.Object({
    at: Type.String({ format: 'date-time' }),
    type: Type.String({
      description:
        'deposit.succeeded and such: a status change; bank.submit and such: a contact; bank.called: its callback.',
    }),
    version: nullable<number>('integer', { description: 'Of a status change; else null.' }),
    data: Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true }),
  }),
);

const AttemptsSchema = Type.Array(
  Type.Object({
    number: Type.Integer(),
    contact: Type.Enum(['submit', 'inquire', 'callback', 'statement', 'operator']),
    outcome: Type.String(),
    started_at: Type.String({ format: 'date-time' }),
    ended_at: Type.String({ format: 'date-time' }),
    worker: Type.Optional(Type.String({ description: 'For operators.' })),
    evidence: Type.Optional(Type.String({ description: "The bank's words, for operators." })),
  }),
);

const PostingsSchema = Type.Array(
  Type.Object({
    account_id: Type.String({ format: 'uuid' }),
    account_kind: Type.Enum(['user', 'clearing', 'suspense']),
    seq: Type.String(),
    amount: Type.String({ description: 'Signed.' }),
    currency: Type.String(),
    balance_after: nullable<string>('string'),
    posted_at: Type.String({ format: 'date-time' }),
  }),
);

/** What comes with a payment where it is asked for. */
export const trailParts = {
  timeline: Type.Optional(TimelineSchema),
  postings: Type.Optional(PostingsSchema),
  attempts: Type.Optional(AttemptsSchema),
} as const satisfies Readonly<Record<string, TSchema>>;

export type TrailPart = keyof typeof trailParts;

export interface TrailBody {
  timeline?: Static<typeof TimelineSchema>;
  postings?: Static<typeof PostingsSchema>;
  attempts?: Static<typeof AttemptsSchema>;
}

export function isTrailPart(word: string): word is TrailPart {
  return Object.hasOwn(trailParts, word);
}

export interface Reader {
  /** Null for an operator. */
  readonly userId: UserId | null;
}

/** Only what is asked for is read. */
export async function readTrailBody(
  database: Queryable,
  details: PaymentDetails,
  parts: ReadonlySet<TrailPart>,
  { userId }: Reader,
): Promise<TrailBody> {
  const bodies = await Promise.all(
    Array.from(parts, async (part): Promise<TrailBody> => {
      const { id } = details.payment;
      switch (part) {
        case 'timeline': {
          const [events, callbacks] = await Promise.all([
            selectEvents(database, id),
            selectCallbacks(database, id),
          ]);
          return { timeline: timelineOf(events, details.contacts, callbacks) };
        }
        case 'postings': {
          const postings = await selectPostings(database, { id, userId });
          return { postings: postings.map(postingBody) };
        }
        case 'attempts':
          return { attempts: attemptBodies(details.contacts, userId === null) };
        default:
          return unreachable(part);
      }
    }),
  );
  return Object.assign({}, ...bodies);
}

/** Status changes, contacts and callbacks, as they happened. */
function timelineOf(
  events: readonly EventRow[],
  contacts: readonly ContactRow[],
  callbacks: readonly CallbackRow[],
): Static<typeof TimelineSchema> {
  const changes = events.map((event) => ({
    at: event.created_at.toISOString(),
    type: event.type,
    version: event.version,
    // Proven by who writes events: each is an object.
    data: JSON.parse(event.data) as Record<string, unknown>,
  }));
  const words = contacts.map((one) => ({
    at: one.ended_at.toISOString(),
    type: one.contact === 'operator' ? 'operator.decision' : `bank.${one.contact}`,
    version: null,
    data: { outcome: one.outcome, message: evidenceSentence(one) },
  }));
  const calls = callbacks.map(({ received_at, status, verdict, times }) => ({
    at: received_at.toISOString(),
    type: 'bank.called',
    version: null,
    data: { status, verdict, times },
  }));
  // Sorting is stable: of one moment, the word comes before what it changed.
  return [...calls, ...words, ...changes].toSorted((a, b) =>
    a.at < b.at ? -1 : a.at > b.at ? 1 : 0,
  );
}

function attemptBodies(
  contacts: readonly ContactRow[],
  isOperator: boolean,
): Static<typeof AttemptsSchema> {
  return contacts.map((one, index) => ({
    number: index + 1,
    contact: one.contact,
    outcome: one.outcome,
    started_at: one.started_at.toISOString(),
    ended_at: one.ended_at.toISOString(),
    ...(isOperator ? { worker: one.worker, evidence: one.evidence } : {}),
  }));
}

function postingBody(posting: PostingRow): Static<typeof PostingsSchema>[number] {
  const { currency, balance_after: balance } = posting;
  return {
    account_id: posting.account_id,
    account_kind: posting.account_kind,
    seq: String(posting.seq),
    amount: formatAmount(posting.amount, currency),
    currency,
    balance_after: balance === null ? null : formatAmount(balance, currency),
    posted_at: posting.posted_at.toISOString(),
  };
}
