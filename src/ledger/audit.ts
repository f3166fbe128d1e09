import { type Database, statement, type Tx } from '../db/database.ts';
import { bankChecks } from './audit-bank.ts';
import { bookChecks } from './audit-books.ts';
import type { Check } from './audit-check.ts';
import { journeyChecks } from './audit-journey.ts';
import { webhookChecks } from './audit-webhooks.ts';

/**
 * The proof that the books are right: every check returns what breaks it, in one snapshot, so it
 * can run while the gateway works.
 */
export interface AuditReport {
  readonly faults: readonly AuditFault[];
  readonly checked: readonly { readonly check: string; readonly rows: number }[];
}

export interface AuditFault {
  readonly check: string;
  /** Which row, and what is wrong with it. */
  readonly detail: string;
}

/** Faults shown per check: one broken trigger can break every row. */
const faultsMax = 20;

const checks: readonly Check[] = [...bookChecks, ...journeyChecks, ...bankChecks, ...webhookChecks];

const counted = statement<{ payments: bigint; postings: bigint; accounts: bigint; events: bigint }>(
  'audit_counted',
  `SELECT (SELECT count(*) FROM payments) AS payments, (SELECT count(*) FROM postings) AS postings,
          (SELECT count(*) FROM accounts) AS accounts, (SELECT count(*) FROM events) AS events`,
);

export function audit(database: Database): Promise<AuditReport> {
  return database.snapshot(async (tx) => {
    const faults: AuditFault[] = [];
    const [first] = await tx.query(counted, []);
    for (const [index, check] of checks.entries())
      faults.push(...(await runCheck(tx, check, index)));
    const rows = Object.entries(first ?? {}).map(([check, count]) => ({
      check,
      rows: Number(count),
    }));
    return { faults, checked: [...rows, { check: 'checks', rows: checks.length }] };
  });
}

async function runCheck(tx: Tx, check: Check, index: number): Promise<readonly AuditFault[]> {
  const broken = statement<{ detail: string }>(`audit_${index}`, `${check.sql} LIMIT ${faultsMax}`);
  const rows = await tx.query(broken, []);
  return rows.map((row) => ({ check: check.name, detail: row.detail }));
}
