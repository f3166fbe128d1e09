import type { Readable } from 'node:stream';
import { unreachable } from '../assert.ts';
import { readCamt053 } from './camt053.ts';
import { readCsv } from './csv.ts';
import {
  type Period,
  type StatementFault,
  type StatementFormat,
  type StatementLine,
  type StatementParts,
  statementFaultsMax,
} from './statement.ts';

export type Checked =
  | {
      readonly kind: 'sound';
      readonly period: Period;
      readonly lineCount: number;
      /** Null where they are too many to be held: read the file again. */
      readonly lines: readonly StatementLine[] | null;
    }
  | { readonly kind: 'malformed'; readonly faults: readonly StatementFault[] };

export function readStatement(format: StatementFormat, bytes: Readable): StatementParts {
  switch (format) {
    case 'csv':
      return readCsv(bytes);
    case 'camt053':
      return readCamt053(bytes);
    default:
      return unreachable(format);
  }
}

/** Some 60 MB; a second reading of as many lines of XML takes seconds. */
const linesHeldMax = 150_000;

/**
 * Reads the whole file before anything of it is kept.
 *
 * A statement knows nothing of what happened after it was written. Where the day it is about had
 * not ended by then (`now`), it covers that day up to its own creation, or if it does not say when
 * that was, up to its last entry.
 */
export async function checkStatement(
  parts: StatementParts,
  given: Period | null,
  now: Date,
): Promise<Checked> {
  const faults: StatementFault[] = [];
  const placeOfTransaction = new Map<string, number>();
  const days = openSpan();
  const entries = openSpan();
  let createdAt: Date | null = null;
  let held: StatementLine[] = [];
  const take = (line: StatementLine): void => {
    const earlier = placeOfTransaction.get(line.bankTransactionId);
    if (earlier === undefined) placeOfTransaction.set(line.bankTransactionId, line.line);
    else faults.push(repeated(line, earlier));
    if (placeOfTransaction.size <= linesHeldMax) held.push(line);
    else held = [];
    entries.add({ from: line.executedFrom, to: line.executedTo });
  };
  reading: for await (const some of parts) {
    for (const part of some) {
      if (part.kind === 'line') take(part.line);
      else if (part.kind === 'fault') faults.push(part.fault);
      else if (part.kind === 'period') days.add(part.period);
      else createdAt = part.at;
      if (faults.length >= statementFaultsMax) break reading;
    }
  }
  if (faults.length > 0) return { kind: 'malformed', faults };
  const about = given ?? days.read() ?? entries.read();
  if (about === null) return malformed('has no entries and names no day: say which day it is of');
  const knownUntil = createdAt ?? entries.read()?.to ?? about.from;
  const to = about.to > now ? earlierOf(about.to, knownUntil) : about.to;
  const period = { from: about.from, to };
  if (period.to <= period.from) return malformed('is of a day that has not begun');
  const outside = entries.read();
  if (outside !== null && (outside.from < about.from || outside.to > about.to))
    return malformed('has entries outside of the days that it is about');
  const lineCount = placeOfTransaction.size;
  return { kind: 'sound', period, lineCount, lines: lineCount <= linesHeldMax ? held : null };
}

function repeated({ line, bankTransactionId }: StatementLine, earlier: number): StatementFault {
  const detail = `the bank's transaction ${bankTransactionId} stands at ${earlier} already`;
  return { line, entry: null, detail };
}

function malformed(detail: string): Checked {
  return { kind: 'malformed', faults: [{ line: 1, entry: null, detail }] };
}

const earlierOf = (one: Date, other: Date): Date => (one < other ? one : other);

/** From the earliest to the latest of what was added. */
function openSpan(): {
  readonly add: (period: Period) => void;
  readonly read: () => Period | null;
} {
  let span: Period | null = null;
  return {
    add: ({ from, to }) => {
      span = {
        from: span === null || from < span.from ? from : span.from,
        to: span === null || to > span.to ? to : span.to,
      };
    },
    read: () => span,
  };
}
