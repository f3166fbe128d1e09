import type { Movement } from './store.ts';

/**
 * What the bank executed in one day (UTC), as a stream of text: a day can have a million lines.
 *
 * Promised: every movement that was on disk when the statement was begun, once, in the order in
 * which they happened; balances that its own lines add up to. Not promised: one instant for two
 * statements of a day that has not ended.
 */
export interface StatementSource {
  /** Movements with `after` < sequence <= `until`, in their order. */
  readonly range: (after: number, until: number) => readonly Movement[];
  readonly sequenceLast: () => number;
}

export interface StatementOptions {
  readonly source: StatementSource;
  /** `2026-01-31`. */
  readonly date: string;
  /** Lets others have their turn: the books are read in small pieces. */
  readonly pause: () => Promise<void>;
}

/** The day's movements of one bank customer, and what stood before them. */
export interface Day {
  readonly date: string;
  /** In the order of their letters. */
  readonly accounts: readonly Account[];
  /** Of one currency, or of all. */
  readonly movements: (currency: string | null) => AsyncIterable<readonly Movement[]>;
}

export interface Account {
  readonly currency: string;
  /** Minor units; below zero where more went out than came in. */
  readonly openingMinor: bigint;
  readonly closingMinor: bigint;
  readonly entries: number;
}

interface Sum extends Account {
  /** Of the day's movements in its currency: nothing outside is read again. */
  readonly range: Range | null;
}

interface Range {
  readonly first: number;
  readonly last: number;
}

/** So many are read without a pause: a few milliseconds. */
const pieceMax = 2000;

/** The books are read once for the balances, and the day again for every list of movements. */
export async function openDay(options: StatementOptions): Promise<Day> {
  const until = options.source.sequenceLast();
  const sums = await sumAccounts(options, until);
  return {
    date: options.date,
    accounts: sums.length === 0 ? [unused] : sums,
    movements: (currency) => {
      const ranges = sums
        .filter((sum) => currency === null || sum.currency === currency)
        .flatMap(({ range }) => range ?? []);
      return listDay(options, spanOf(ranges), currency);
    },
  };
}

/** A bank that never executed anything still has to say so. */
const unused: Account = { currency: 'USD', openingMinor: 0n, closingMinor: 0n, entries: 0 };

export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const ms = Date.parse(`${text}T00:00:00.000Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

/** The bank's customer gains by a deposit; a withdrawal and a refund are paid out. */
export function isCredit({ kind }: Movement): boolean {
  return kind === 'deposit';
}

async function sumAccounts(options: StatementOptions, until: number): Promise<readonly Sum[]> {
  const sums = new Map<string, Sum>();
  for await (const piece of read(options, { first: 1, last: until })) {
    for (const movement of piece) {
      const date = movement.executed_at.slice(0, 10);
      if (date > options.date) continue;
      const { currency } = movement;
      const sum = sums.get(currency) ?? { ...unused, currency, range: null };
      sums.set(currency, add(sum, movement, date === options.date));
    }
  }
  return [...sums.values()].toSorted((one, other) => (one.currency < other.currency ? -1 : 1));
}

function add(sum: Sum, movement: Movement, isOfDay: boolean): Sum {
  const change = isCredit(movement) ? BigInt(movement.amount) : -BigInt(movement.amount);
  const closingMinor = sum.closingMinor + change;
  if (!isOfDay) return { ...sum, closingMinor, openingMinor: sum.openingMinor + change };
  const { sequence } = movement;
  const range = { first: sum.range?.first ?? sequence, last: sequence };
  return { ...sum, closingMinor, entries: sum.entries + 1, range };
}

function spanOf(ranges: readonly Range[]): Range {
  return {
    first: Math.min(...ranges.map(({ first }) => first)),
    last: Math.max(...ranges.map(({ last }) => last)),
  };
}

async function* listDay(
  options: StatementOptions,
  range: Range,
  currency: string | null,
): AsyncIterable<readonly Movement[]> {
  for await (const piece of read(options, range)) {
    const wanted = piece.filter(
      (movement) =>
        movement.executed_at.startsWith(options.date) &&
        (currency === null || movement.currency === currency),
    );
    if (wanted.length > 0) yield wanted;
  }
}

async function* read(
  { source, pause }: StatementOptions,
  { first, last }: Range,
): AsyncIterable<readonly Movement[]> {
  for (let after = first - 1; after < last; after += pieceMax) {
    yield source.range(after, Math.min(after + pieceMax, last));
    await pause();
  }
}
