import { type BreakId, type PaymentId, parseId } from '../ids.ts';
import { type BreakKind, breakFingerprint, type NewBreak } from '../ledger/breaks.ts';
import type { Currency } from '../money.ts';
import { isFinal, type PaymentStatus } from '../payments/states.ts';

/** A line of a statement as it was kept. Amounts are minor units into our books. */
export interface KeptLine {
  readonly line: number;
  readonly reference: string;
  readonly bankTransactionId: string;
  readonly currency: Currency;
  readonly amountMinor: bigint;
}

/** What the bank moved under a reference, told by any of its statements. */
export type Movement = Omit<KeptLine, 'line'>;

/** What we know of the payment that a reference names. */
export interface PaymentFacts {
  readonly id: PaymentId;
  readonly bank: string | null;
  readonly currency: Currency;
  readonly status: PaymentStatus;
  /** What the books show of it once it has succeeded. */
  readonly askedMinor: bigint;
  /** What its corrections have added. */
  readonly correctedMinor: bigint;
}

export type LineResult = 'matched' | 'missing_in_books' | 'amount_differs' | 'duplicate';

export interface MatchFacts {
  readonly bank: string;
  readonly runId: string;
  readonly lines: readonly KeptLine[];
  /** Of every statement of this bank, for the references of `lines`; one per transaction. */
  readonly movements: readonly Movement[];
  readonly payments: ReadonlyMap<PaymentId, PaymentFacts>;
}

export interface Matched {
  readonly results: readonly { readonly line: number; readonly result: LineResult }[];
  readonly breaks: readonly NewBreak[];
  /** Payments that stand in the books as the bank says, with what it moved. */
  readonly agreeing: readonly Agreement[];
}

export interface Agreement {
  readonly paymentId: PaymentId;
  readonly bankMinor: bigint;
}

/**
 * Holds lines against the books: by reference, currency and signed amount. The bank's word about a
 * payment is the sum of all it moved under that reference, on this statement or another: two files
 * about one day, or a second movement a week later, come to the same.
 */
export function matchLines(facts: MatchFacts, newId: () => BreakId): Matched {
  const byKey = Map.groupBy(facts.movements, keyOf);
  const results: Matched['results'][number][] = [];
  const breaks: NewBreak[] = [];
  const agreeing: Agreement[] = [];
  for (const [key, lines] of Map.groupBy(facts.lines, keyOf)) {
    const payment = paymentOf(facts, lines);
    const movements = byKey.get(key) ?? [];
    if (payment === null) {
      const strange = lines.map((line) => strangeBreak(facts, line, newId()));
      breaks.push(...strange);
      results.push(...lines.map(({ line }) => ({ line, result: 'missing_in_books' as const })));
      continue;
    }
    const judged = judge(payment, movements);
    if (judged.kind === 'matched') agreeing.push(judged.agreement);
    else breaks.push(paymentBreak(facts, { payment, movements, judged }, newId()));
    results.push(...lines.map((line) => ({ line: line.line, result: resultOf(judged, line) })));
  }
  return { results, breaks, agreeing };
}

type Judged =
  | { readonly kind: 'matched'; readonly agreement: Agreement }
  | {
      readonly kind: Exclude<BreakKind, 'missing_in_bank' | 'contradiction'>;
      readonly bankMinor: bigint;
      readonly bookedMinor: bigint;
      /** Of a duplicate: the movement that is the payment's own. */
      readonly ownId: string | null;
    };

function judge(payment: PaymentFacts, movements: readonly Movement[]): Judged {
  const bankMinor = movements.reduce((sum, one) => sum + one.amountMinor, 0n);
  const bookedMinor = bookedOf(payment);
  if (isFinal(payment.status) && bankMinor === bookedMinor)
    return { kind: 'matched', agreement: { paymentId: payment.id, bankMinor } };
  const sums = { bankMinor, bookedMinor };
  const own = movements.find((one) => one.amountMinor === payment.askedMinor);
  if (own !== undefined && movements.length > 1 && payment.status !== 'FAILED')
    return { ...sums, kind: 'duplicate', ownId: own.bankTransactionId };
  const isWhole = bankMinor === payment.askedMinor;
  return { ...sums, kind: isWhole ? 'missing_in_books' : 'amount_differs', ownId: null };
}

export function bookedOf(payment: PaymentFacts): bigint {
  return (payment.status === 'SUCCESS' ? payment.askedMinor : 0n) + payment.correctedMinor;
}

function resultOf(judged: Judged, line: KeptLine): LineResult {
  const isOwn = judged.kind === 'duplicate' && judged.ownId === line.bankTransactionId;
  return isOwn ? 'matched' : judged.kind;
}

/** Null for what names no payment of ours, of another bank's, or in another currency. */
function paymentOf(facts: MatchFacts, [line]: readonly KeptLine[]): PaymentFacts | null {
  const id = line === undefined ? null : paymentIdOf(line.reference);
  const payment = id === null ? undefined : facts.payments.get(id);
  const isIts = payment?.bank === facts.bank && payment.currency === line?.currency;
  return isIts ? payment : null;
}

function paymentBreak(
  { bank, runId }: MatchFacts,
  found: {
    readonly payment: PaymentFacts;
    readonly movements: readonly Movement[];
    readonly judged: Exclude<Judged, { readonly kind: 'matched' }>;
  },
  id: BreakId,
): NewBreak {
  const { payment, movements, judged } = found;
  const other = movements.find((one) => one.bankTransactionId !== judged.ownId);
  const difference = {
    paymentId: payment.id,
    bank,
    bankTransactionId: other?.bankTransactionId ?? null,
    bankAmountMinor: judged.bankMinor,
  };
  const ids = movements.map((one) => one.bankTransactionId);
  return {
    ...difference,
    id,
    kind: judged.kind,
    source: 'statement',
    fingerprint: breakFingerprint(difference),
    bankReference: other?.reference ?? null,
    currency: payment.currency,
    bookedAmountMinor: judged.bookedMinor,
    detail: `${payment.status} on our side, the bank moved ${shownIds(ids)}`,
    runId,
  };
}

function strangeBreak({ bank, runId }: MatchFacts, line: KeptLine, id: BreakId): NewBreak {
  const difference = {
    paymentId: null,
    bank,
    bankTransactionId: line.bankTransactionId,
    bankAmountMinor: line.amountMinor,
  };
  return {
    ...difference,
    id,
    kind: 'missing_in_books',
    source: 'statement',
    fingerprint: breakFingerprint(difference),
    bankReference: line.reference,
    currency: line.currency,
    bookedAmountMinor: 0n,
    detail: 'the reference names no payment of ours at this bank in this currency',
    runId,
  };
}

/** A SUCCESS payment that no statement about its time has. */
export function missingBreak(
  run: { readonly bank: string; readonly runId: string },
  payment: PaymentFacts,
  id: BreakId,
): NewBreak {
  const difference = {
    paymentId: payment.id,
    bank: run.bank,
    bankTransactionId: null,
    bankAmountMinor: 0n,
  };
  return {
    ...difference,
    id,
    kind: 'missing_in_bank',
    source: 'statement',
    fingerprint: breakFingerprint(difference),
    bankReference: null,
    currency: payment.currency,
    bookedAmountMinor: bookedOf(payment),
    detail: 'SUCCESS on our side, and on no statement about the time at which it happened',
    runId: run.runId,
  };
}

/** The other way round than `bankReference`. */
export function paymentIdOf(reference: string): PaymentId | null {
  const groups = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/;
  const parts = groups.exec(reference);
  return parts === null ? null : parseId<'payment'>(parts.slice(1).join('-'));
}

const keyOf = (one: { readonly reference: string; readonly currency: Currency }): string =>
  `${one.currency} ${one.reference}`;

/** A bank without deduplication may have moved one payment very often. */
function shownIds(ids: readonly string[]): string {
  const more = ids.length - 5;
  return more > 0 ? `${ids.slice(0, 5).join(', ')} and ${more} more` : ids.join(', ');
}
