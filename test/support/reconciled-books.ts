import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { TestContext } from 'node:test';
import { present } from '../../src/assert.ts';
import type { BankOutcome } from '../../src/bank/bank.ts';
import { type BreakId, bankReference, type PaymentId } from '../../src/ids.ts';
import type { BreakRow } from '../../src/reconciliation/breaks-store.ts';
import type { ReconciliationOptions, StatementImport } from '../../src/reconciliation/job.ts';
import { resolveBreak } from '../../src/reconciliation/resolve-break.ts';
import {
  type ImportResult,
  openReconciliation,
  type Reconcile,
} from '../../src/reconciliation/run.ts';
import type { StatementFile } from '../../src/reconciliation/spool.ts';
import { type Books, commandFor, openBooks, type Person, silentLog, usd } from './books.ts';
import { type Journey, openJourney } from './journey.ts';
import { csvOf, type WrittenLine } from './statements.ts';

/** Books, the stops of the journey, and a bank's statements held against them. */
export interface ReconciledBooks extends Books {
  readonly reconciliation: ReconciliationOptions;
  readonly reconcile: Reconcile;
  readonly resolve: Journey['resolve'];
  readonly importText: (text: string, changes?: Partial<StatementImport>) => Promise<ImportResult>;
  /** The CSV of these lines, and it must be a new run. */
  readonly importLines: (
    ...lines: readonly WrittenLine[]
  ) => Promise<Extract<ImportResult, { readonly kind: 'complete' }>['run']>;
  /** A payment of a person whose contact with the bank has ended like this; null: not yet. */
  readonly pay: (
    person: Person,
    kind: 'deposit' | 'withdrawal',
    amountMinor: bigint,
    outcome: BankOutcome | null,
  ) => Promise<PaymentId>;
  readonly breaks: () => Promise<readonly BreakRow[]>;
  readonly decide: (
    id: BreakId,
    resolution?: 'correct' | 'accept',
  ) => ReturnType<typeof resolveBreak>;
  readonly balanceOf: (person: Person) => Promise<{ balance: bigint; held: bigint }>;
  readonly statusOf: (id: PaymentId) => Promise<string>;
}

export async function openReconciledBooks(t: TestContext): Promise<ReconciledBooks> {
  const books = await openBooks(t);
  const { database, sql } = books;
  const journey = openJourney(database);
  const reconciliation: ReconciliationOptions = {
    database,
    resolve: journey.resolve,
    bank: 'scripted',
    log: silentLog,
    marginMs: 0,
    paymentDeadlineMs: 72 * 3_600_000,
  };
  const reconcile = openReconciliation(reconciliation);
  const importText: ReconciledBooks['importText'] = (text, changes = {}) =>
    reconcile({ ...statementOf(text), ...changes });
  return {
    ...books,
    reconciliation,
    reconcile,
    resolve: journey.resolve,
    importText,
    importLines: async (...lines) => {
      const result = await importText(csvOf(lines));
      assert.equal(result.kind, 'complete');
      return result.run;
    },
    pay: async (person, kind, amountMinor, outcome) => {
      const command = commandFor(person, { kind, amountMinor });
      await journey.accept(command);
      const [claim] = await journey.claim(command.id);
      if (outcome !== null) await journey.end(present(claim, 'it is due'), outcome);
      return command.id;
    },
    breaks: () =>
      sql<BreakRow>('SELECT *, bank_amount::text, booked_amount::text FROM breaks ORDER BY id'),
    decide: (breakId, resolution = 'correct') =>
      resolveBreak(database, {
        breakId,
        resolution,
        reason: 'the bank has shown us its receipt',
        by: 'cli:test',
        requestId: 'request-1',
      }),
    balanceOf: async (person) => {
      const [row] = await sql<{ balance: string; held: string }>(
        'SELECT balance, held FROM accounts WHERE id = $1',
        [person.accountId],
      );
      const { balance, held } = present(row, 'the account is there');
      return { balance: BigInt(balance), held: BigInt(held) };
    },
    statusOf: async (id) => {
      const [row] = await sql<{ status: string }>(
        'SELECT status FROM payment_state WHERE payment_id = $1',
        [id],
      );
      return present(row, 'every payment stands somehow').status;
    },
  };
}

/** A file as somebody brings it, in the format that its first character shows. */
export function statementOf(text: string): StatementImport {
  return {
    file: fileOf(text),
    format: text.startsWith('<') ? 'camt053' : 'csv',
    period: null,
    by: 'cli:test',
    requestId: null,
  };
}

function fileOf(text: string): StatementFile {
  return {
    digest: createHash('sha256').update(text).digest(),
    open: () => Readable.from([Buffer.from(text)], { objectMode: false }),
  };
}

/** What the bank says of a payment of ours, unless it says otherwise. */
export function lineOf(id: PaymentId, changes: Partial<WrittenLine> = {}): WrittenLine {
  return {
    reference: bankReference(id),
    bankTransactionId: `bank-${randomUUID()}`,
    currency: usd,
    amountMinor: 100n,
    executedAt: new Date(),
    ...changes,
  };
}
