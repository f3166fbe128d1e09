import type { Currency } from '../money.ts';

/** What a bank says that it moved, one line of its statement. */
export interface StatementLine {
  /** Where it stands: in a CSV its line, in camt.053 its entry, both counted from 1. */
  readonly line: number;
  /** What the bank was told to know the payment by. */
  readonly reference: string;
  readonly bankTransactionId: string;
  readonly currency: Currency;
  /** Minor units into our books; negative: out of them. */
  readonly amountMinor: bigint;
  /** When the bank moved it: the first moment that its word allows, and the one after the last. */
  readonly executedFrom: Date;
  readonly executedTo: Date;
}

/** Something in the file that is not as the format says. */
export interface StatementFault {
  /** Of the file, counted from 1. */
  readonly line: number;
  /** Of camt.053, counted from 1; null where the fault is outside of the entries. */
  readonly entry: number | null;
  readonly detail: string;
}

/** From the first moment to the one after the last. */
export interface Period {
  readonly from: Date;
  readonly to: Date;
}

export type StatementPart =
  | { readonly kind: 'line'; readonly line: StatementLine }
  | { readonly kind: 'fault'; readonly fault: StatementFault }
  /** The days that the file says it is about. */
  | { readonly kind: 'period'; readonly period: Period }
  /** When the bank wrote it: it knows nothing of later. */
  | { readonly kind: 'created'; readonly at: Date };

/** A file's parts in order, some at a time. After a fault that hides the rest it ends. */
export type StatementParts = AsyncIterable<readonly StatementPart[]>;

export const statementFormats = ['csv', 'camt053'] as const;
export type StatementFormat = (typeof statementFormats)[number];

/** Faults told of one file: a wrong separator breaks every line. */
export const statementFaultsMax = 20;
