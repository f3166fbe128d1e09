import type { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { type FieldNames, readEntry } from './entry.ts';
import type { StatementFault, StatementPart, StatementParts } from './statement.ts';

/**
 * A statement as CSV (RFC 4180, UTF-8). Its header names these columns, in any order; what else it
 * has is the bank's own business. `kind` is the payment's: a deposit moves money into our books, a
 * withdrawal and a refund out of them.
 */
export const csvColumns = [
  'reference',
  'bank_transaction_id',
  'kind',
  'amount',
  'currency',
  'executed_at',
] as const;

/** A line of ours has some 120 characters; a quote that never closes would take in the file. */
const recordLengthMax = 4_096;
const partsMax = 1_000;

const names: FieldNames = {
  reference: 'reference',
  bankTransactionId: 'bank_transaction_id',
  direction: 'kind',
  amount: 'amount',
  currency: 'currency',
  executedAt: 'executed_at',
};

export async function* readCsv(bytes: Readable): StatementParts {
  const parser = parse({
    bom: true,
    info: true,
    // A line with too few or too many fields is named by us and the next one is read.
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: recordLengthMax,
  });
  bytes.on('error', (error) => parser.destroy(error));
  bytes.pipe(parser);
  let parts: StatementPart[] = [];
  let header: Header | null = null;
  try {
    for await (const row of parser) {
      // Proven by the options: `info` gives every record its place, without `columns` it is a list.
      const { record, info } = row as CsvRow;
      if (header === null) {
        const missing = csvColumns.filter((name) => record.indexOf(name) < 0);
        if (missing.length > 0) {
          // Without it no line means anything.
          parts.push(faultAt(info.lines, `the header lacks ${missing.join(', ')}`));
          break;
        }
        header = headerOf(record);
        continue;
      }
      parts.push(readRecord(record, info.lines, header));
      if (parts.length < partsMax) continue;
      yield parts;
      parts = [];
    }
    if (header === null && parts.length === 0) parts.push(faultAt(1, 'the file is empty'));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    // From here on nobody knows where a field ends.
    parts.push(faultAt(lineOf(error), describe(error)));
  } finally {
    bytes.unpipe(parser);
    parser.destroy();
  }
  yield parts;
}

interface CsvRow {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/** Where each column stands. */
interface Header {
  readonly width: number;
  readonly cell: (record: readonly string[], name: (typeof csvColumns)[number]) => string;
}

function headerOf(cells: readonly string[]): Header {
  const places = new Map(csvColumns.map((name) => [name, cells.indexOf(name)]));
  return {
    width: cells.length,
    cell: (record, name) => record[places.get(name) ?? -1] ?? '',
  };
}

function readRecord(record: readonly string[], line: number, header: Header): StatementPart {
  if (record.length !== header.width)
    return faultAt(line, `has ${record.length} fields, not ${header.width}`);
  const read = readEntry(
    {
      reference: header.cell(record, 'reference'),
      bankTransactionId: header.cell(record, 'bank_transaction_id'),
      direction: directionOf(header.cell(record, 'kind')),
      amount: header.cell(record, 'amount'),
      currency: header.cell(record, 'currency'),
      executedAt: header.cell(record, 'executed_at'),
    },
    line,
    names,
  );
  return 'faults' in read ? faultAt(line, read.faults.join('; ')) : { kind: 'line', line: read };
}

function directionOf(kind: string): 'in' | 'out' | null {
  if (kind === 'deposit') return 'in';
  return kind === 'withdrawal' || kind === 'refund' ? 'out' : null;
}

function faultAt(line: number, detail: string): StatementPart {
  const fault: StatementFault = { line, entry: null, detail };
  return { kind: 'fault', fault };
}

function lineOf(error: CsvError): number {
  const { lines } = error;
  return typeof lines === 'number' ? lines : 1;
}

function describe({ code }: CsvError): string {
  if (code === 'CSV_QUOTE_NOT_CLOSED') return 'a quoted field never ends';
  if (code === 'CSV_MAX_RECORD_SIZE') return `is longer than ${recordLengthMax} characters`;
  return 'is not CSV: a quote stands where none may be';
}
