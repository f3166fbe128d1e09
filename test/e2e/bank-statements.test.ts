import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { inspect } from 'node:util';
import type { Kind } from '../../simulator/order.ts';
import { openDay } from '../../simulator/statement.ts';
import { writeCamt053 } from '../../simulator/statement-camt053.ts';
import { writeCsv } from '../../simulator/statement-csv.ts';
import type { Movement } from '../../simulator/store.ts';
import { checkStatement, readStatement } from '../../src/reconciliation/check.ts';
import { type StatementLine, statementFormats } from '../../src/reconciliation/statement.ts';

/** What the simulated bank writes is what reconciliation reads: they share no code to agree by. */
const date = '2026-01-31';
const books = [
  movement(1, 'deposit', '10000', 'USD', '00:00:00.000'),
  movement(2, 'withdrawal', '500', 'JPY', '12:00:00.500'),
  movement(3, 'refund', '1234', 'KWD', '12:00:00.500'),
  movement(4, 'withdrawal', '7', 'USD', '23:59:59.999'),
];

for (const format of statementFormats) {
  test(`a day of the simulated bank, as ${format}, is read as it happened`, async () => {
    const checked = await checkStatement(
      readStatement(format, await written(format)),
      null,
      new Date('2026-02-02T00:00:00.000Z'),
    );
    assert.equal(checked.kind, 'sound', inspect(checked));
    const lines: StatementLine[] = [];
    for await (const parts of readStatement(format, await written(format)))
      for (const part of parts) if (part.kind === 'line') lines.push(part.line);
    const inOrder = lines.toSorted((one, other) => (one.reference < other.reference ? -1 : 1));
    assert.deepEqual(
      inOrder.map((line) => [
        line.reference,
        line.bankTransactionId,
        line.amountMinor,
        line.currency,
        line.executedFrom.toISOString(),
      ]),
      books.map(({ reference, bank_transaction_id, kind, amount, currency, executed_at }) => [
        reference,
        bank_transaction_id,
        kind === 'deposit' ? BigInt(amount) : -BigInt(amount),
        currency,
        executed_at,
      ]),
    );
  });
}

async function written(format: (typeof statementFormats)[number]): Promise<Readable> {
  const source = {
    range: (after: number, until: number) =>
      books.filter(({ sequence }) => sequence > after && sequence <= until),
    sequenceLast: () => books.length,
  };
  const day = await openDay({ source, date, pause: async () => {} });
  const createdAt = '2026-02-01T00:00:10.000Z';
  const text = format === 'csv' ? writeCsv(day) : writeCamt053(day, createdAt);
  return Readable.from(encode(text));
}

async function* encode(text: AsyncIterable<string>): AsyncIterable<Buffer> {
  for await (const piece of text) yield Buffer.from(piece);
}

function movement(
  sequence: number,
  kind: Kind,
  amount: string,
  currency: string,
  time: string,
): Movement {
  return {
    sequence,
    reference: `0198c0de0000700080000000000000${String(sequence).padStart(2, '0')}`,
    kind,
    amount,
    currency,
    original_reference: kind === 'refund' ? 'pay-1' : null,
    bank_transaction_id: `BT${sequence}`,
    executed_at: `${date}T${time}Z`,
  };
}
