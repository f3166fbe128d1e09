import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { present } from '../../src/assert.ts';
import { type CallbackAnswer, openCallbacks } from '../../src/callbacks/receive.ts';
import { reviewCallbacks } from '../../src/callbacks/review.ts';
import type { PaymentId } from '../../src/ids.ts';
import type { Claim } from '../../src/payments/execute-store.ts';
import { bankSecret, type CallbackWords, callbackBody, signCallback } from './bank-callbacks.ts';
import { type Books, commandFor, openBooks, silentLog } from './books.ts';
import { claimTerms, type Journey, openJourney } from './journey.ts';

/** Books, the stops of the journey, and where the bank calls. */
export interface CallbackDesk {
  readonly books: Books;
  readonly journey: Journey;
  /** A withdrawal of 1.00 that a worker has just claimed to submit it. */
  readonly submitted: () => Promise<Claim>;
  readonly call: (id: PaymentId, words?: CallbackWords) => Promise<CallbackAnswer>;
  readonly review: () => Promise<unknown>;
  readonly announced: readonly PaymentId[];
}

export async function openCallbackDesk(t: TestContext, inquires = true): Promise<CallbackDesk> {
  const books = await openBooks(t);
  const journey = openJourney(books.database);
  const person = await books.openAccount(10_000n);
  const announced: PaymentId[] = [];
  const options = {
    database: books.database,
    bank: { name: 'scripted', inquires },
    secret: bankSecret,
    leaseMs: claimTerms.leaseMs,
    announce: (ids: readonly PaymentId[]) => void announced.push(...ids),
    resolve: journey.resolve,
    log: silentLog,
  };
  const { receive } = openCallbacks(options);
  return {
    books,
    journey,
    announced,
    submitted: async () => {
      const command = commandFor(person);
      assert.equal((await journey.accept(command)).kind, 'accepted');
      const [claim] = await journey.claim(command.id);
      return present(claim, 'it is due');
    },
    call: (id, words = {}) => {
      const body = callbackBody(id, words);
      const posted = { body: Buffer.from(body), sender: '127.0.0.1', requestId: 'test' };
      return receive({ ...posted, signature: signCallback(body) });
    },
    review: () => reviewCallbacks(options),
  };
}

export async function verdictsOf(
  { books }: CallbackDesk,
  id: PaymentId,
): Promise<readonly string[]> {
  const rows = await books.sql<{ verdict: string }>(
    'SELECT verdict FROM bank_callbacks WHERE payment_id = $1 ORDER BY received_at',
    [id],
  );
  return rows.map((row) => row.verdict);
}
