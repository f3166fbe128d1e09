import { decimal } from './currencies.ts';
import { type Day, isCredit } from './statement.ts';
import type { Movement } from './store.ts';

/** RFC 4180 with a header; lines end in CRLF. */
export async function* writeCsv(day: Day): AsyncIterable<string> {
  yield `${columns.join(',')}\r\n`;
  for await (const movements of day.movements(null)) yield movements.map(lineOf).join('');
}

const columns = [
  'reference',
  'bank_transaction_id',
  'kind',
  'credit_debit',
  'amount',
  'currency',
  'executed_at',
  'original_reference',
];

function lineOf(movement: Movement): string {
  const { reference, bank_transaction_id, kind, amount, currency, executed_at } = movement;
  const cells = [
    reference,
    bank_transaction_id,
    kind,
    isCredit(movement) ? 'credit' : 'debit',
    decimal(BigInt(amount), currency),
    currency,
    executed_at,
    movement.original_reference ?? '',
  ];
  return `${cells.map(quote).join(',')}\r\n`;
}

/** No cell of ours needs it today; a reader must not depend on that. */
function quote(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
