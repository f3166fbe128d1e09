import { type AmountRefusal, type Currency, parseAmount, parseCurrency } from '../money.ts';
import type { StatementLine } from './statement.ts';

/** One movement as the file has it: every field is text, and nothing is believed yet. */
export interface RawEntry {
  readonly reference: string;
  readonly bankTransactionId: string;
  readonly direction: 'in' | 'out' | null;
  readonly amount: string;
  readonly currency: string;
  readonly executedAt: string;
}

/** Names of the fields in the file's own words, for what is said of a fault. */
export type FieldNames = Readonly<Record<keyof RawEntry, string>>;

/** What a bank may put into its references: printable ASCII, four times ISO 20022's 35. */
const identifierForm = /^[\x21-\x7e](?:[\x20-\x7e]{0,138}[\x21-\x7e])?$/;

/** @returns the line, or every fault of it as a sentence. */
export function readEntry(
  raw: RawEntry,
  line: number,
  names: FieldNames,
): StatementLine | { readonly faults: readonly string[] } {
  const faults: string[] = [];
  for (const name of ['reference', 'bankTransactionId'] as const)
    if (!identifierForm.test(raw[name]))
      faults.push(`${names[name]} must be 1 to 140 printable characters`);
  if (raw.direction === null) faults.push(`${names.direction} is not one that we know`);
  const currency = parseCurrency(raw.currency);
  if (currency === null) faults.push(`${names.currency} "${shown(raw.currency)}" is not ISO 4217`);
  const amount = currency === null ? null : readAmount(raw.amount, currency);
  if (typeof amount === 'string') faults.push(`${names.amount} "${shown(raw.amount)}" ${amount}`);
  const moment = readMoment(raw.executedAt);
  if (moment === null)
    faults.push(
      `${names.executedAt} "${shown(raw.executedAt)}" is not a date, or a time with its zone`,
    );
  if (faults.length > 0 || currency === null || typeof amount !== 'bigint' || moment === null)
    return { faults };
  return {
    line,
    reference: raw.reference,
    bankTransactionId: raw.bankTransactionId,
    currency,
    amountMinor: raw.direction === 'in' ? amount : -amount,
    executedFrom: moment.from,
    executedTo: moment.to,
  };
}

const refusals: Readonly<Record<AmountRefusal, string>> = {
  not_a_decimal: 'is not a plain decimal',
  too_many_decimals: 'has more decimals than its currency',
  not_positive: 'is not above zero',
  too_large: 'is larger than any payment',
};

function readAmount(text: string, currency: Currency): bigint | string {
  const parsed = parseAmount(text, currency);
  return 'minor' in parsed ? parsed.minor : refusals[parsed.refused];
}

const momentForm =
  /^(\d{4})-(\d{2})-(\d{2})(?:T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d))?$/;

const dayMs = 86_400_000;

/** A date is a whole day of UTC, a time is itself. */
export function readMoment(text: string): { readonly from: Date; readonly to: Date } | null {
  const match = momentForm.exec(text);
  if (match === null) return null;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const date = new Date(Date.UTC(year, month - 1, day));
  // 30 February would roll over into March.
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  if (match[4] === undefined) return { from: date, to: new Date(date.getTime() + dayMs) };
  const at = new Date(text);
  return { from: at, to: new Date(at.getTime() + 1) };
}

/** Of what a stranger wrote, enough to find it. */
function shown(text: string): string {
  const printable = text.replace(/[^\x20-\x7e]/g, '?');
  return printable.length > 40 ? `${printable.slice(0, 40)}…` : printable;
}
