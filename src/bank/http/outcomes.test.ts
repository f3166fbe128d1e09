import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { BankOrder } from '../bank.ts';
import { type Exchange, readInquiry, readSubmit } from './outcomes.ts';

const order: BankOrder = {
  reference: '0198c0de000070008000000000000001',
  kind: 'deposit',
  amountMinor: 10_000n,
  currency: 'USD',
};
const echo = {
  reference: order.reference,
  kind: order.kind,
  amount: '10000',
  currency: order.currency,
};
const reference = order.reference;
const executed = { status: 'executed', ...echo, bank_transaction_id: 'BT1' };
const declined = { status: 'declined', ...echo, code: 'INSUFFICIENT_FUNDS' };

// The table of docs/bank-contract.md.
const rows: readonly (readonly [number, object, submit: string, inquiry: string])[] = [
  [200, executed, 'approved', 'approved'],
  [422, declined, 'declined', 'unknown'],
  [422, { ...declined, code: 'INVALID_REQUEST' }, 'declined', 'unknown'],
  [200, declined, 'unknown', 'declined'],
  [200, { status: 'pending', ...echo }, 'unknown', 'pending'],
  [404, { code: 'NOT_FOUND', reference }, 'unknown', 'not_found'],
  [503, { code: 'UNAVAILABLE', reference }, 'retryable', 'unknown'],
  [504, { code: 'TIMEOUT', reference }, 'unknown', 'unknown'],
  [409, { code: 'REFERENCE_REUSED', reference }, 'unknown', 'unknown'],
  [400, { code: 'MALFORMED_REQUEST' }, 'unknown', 'unknown'],
  // One word away from the table.
  [422, { ...declined, code: 'ACCOUNT_CLOSED' }, 'unknown', 'unknown'],
  [422, { ...declined, amount: '9999' }, 'unknown', 'unknown'],
  [503, { code: 'UNAVAILABLE' }, 'unknown', 'unknown'],
  [503, { code: 'UNAVAILABLE', reference: 'another' }, 'unknown', 'unknown'],
  [503, {}, 'unknown', 'unknown'],
  [404, {}, 'unknown', 'unknown'],
  [404, { code: 'NOT_FOUND', reference: 'another' }, 'unknown', 'unknown'],
  [201, executed, 'unknown', 'unknown'],
  [200, { ...executed, bank_transaction_id: '' }, 'unknown', 'unknown'],
  [200, { ...executed, bank_transaction_id: 'x'.repeat(65) }, 'unknown', 'unknown'],
];

for (const [status, body, submit, inquiry] of rows) {
  const text = JSON.stringify(body);
  test(`HTTP ${status} ${text}: submit ${submit}, inquiry ${inquiry}`, () => {
    const exchange: Exchange = { kind: 'answered', status, body: text };
    assert.equal(readSubmit(exchange, order).kind, submit);
    assert.equal(readInquiry(exchange, order).kind, inquiry);
  });
}

test('every decline of the contract keeps its code', () => {
  for (const code of ['INSUFFICIENT_FUNDS', 'INVALID_REQUEST']) {
    const body = JSON.stringify({ ...declined, code });
    const outcome = readSubmit({ kind: 'answered', status: 422, body }, order);
    assert.ok(outcome.kind === 'declined' && outcome.errorCode === code);
  }
});

test('nothing but the whole and exact answer is an outcome', () => {
  const word = fc.constantFrom<unknown>(
    ...Object.values(executed),
    'declined',
    'pending',
    'INSUFFICIENT_FUNDS',
    'UNAVAILABLE',
    'NOT_FOUND',
    10_000,
    null,
    undefined,
    {},
  );
  const body = fc.record({
    status: word,
    code: word,
    reference: word,
    kind: word,
    amount: word,
    currency: word,
    bank_transaction_id: word,
  });
  const status = fc.constantFrom(200, 201, 404, 422, 500, 503, 504);
  fc.assert(
    fc.property(status, body, (code, fields) => {
      const exchange: Exchange = { kind: 'answered', status: code, body: JSON.stringify(fields) };
      const isExact = Object.entries(echo).every(([name, value]) => {
        return Object.entries(fields).some(([key, given]) => key === name && given === value);
      });
      const outcomes = [readSubmit(exchange, order).kind, readInquiry(exchange, order).kind];
      const isFinal = outcomes.some((kind) => kind === 'approved' || kind === 'declined');
      assert.ok(isExact || !isFinal, `${code} ${JSON.stringify(fields)}`);
    }),
    { numRuns: 2000 },
  );
});

test('any text at any status is read without an exception, and its evidence is short and printable', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 100, max: 599 }),
      fc.oneof(fc.string(), fc.json()),
      (status, body) => {
        for (const read of [readSubmit, readInquiry]) {
          const { evidence } = read({ kind: 'answered', status, body }, order);
          assert.match(evidence, /^[\x20-\x7e]{1,300}$/);
        }
      },
    ),
  );
});

test('what was not sent may be sent again; what was cut off may not', () => {
  const notSent: Exchange = { kind: 'not_sent', reason: 'connect ECONNREFUSED' };
  const broken: Exchange = { kind: 'broken', reason: 'read ECONNRESET' };
  const refused = readSubmit(notSent, order);
  assert.ok(refused.kind === 'retryable' && refused.errorCode === 'BANK_UNREACHABLE');
  assert.equal(readSubmit(broken, order).kind, 'unknown');
  assert.equal(readInquiry(notSent, order).kind, 'unknown');
  assert.equal(readInquiry(broken, order).kind, 'unknown');
});
