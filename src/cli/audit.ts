import { parseArgs } from 'node:util';
import { verifyAuditLog } from '../audit-log/verify.ts';
import { environment, readConfig } from '../config.ts';
import type { Database } from '../db/database.ts';
import { type AuditReport, audit } from '../ledger/audit.ts';
import { withDatabase } from './database.ts';
import { formatTable } from './table.ts';

/**
 * `tollgate audit`: reads the whole books in one snapshot, and the whole audit log in another; exit
 * code 1 when a check does not hold.
 */
export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { json: { type: 'boolean' } } });
  const config = readConfig(environment());
  const report = await withDatabase(config, 'audit', auditAll);
  if (values.json === true) process.stdout.write(`${JSON.stringify(report)}\n`);
  else {
    const faultsOf = (check: string): number =>
      report.faults.filter((fault) => fault.check === check).length;
    const rows = report.checked.map(({ check, rows: count }) => [
      check,
      String(count),
      String(faultsOf(check)),
    ]);
    process.stdout.write(formatTable(['check', 'rows', 'faults'], rows));
    for (const fault of report.faults) process.stdout.write(`${fault.check}: ${fault.detail}\n`);
    process.stdout.write(report.faults.length === 0 ? 'The books are clean.\n' : '');
  }
  return report.faults.length === 0 ? 0 : 1;
}

async function auditAll(database: Database): Promise<AuditReport> {
  const books = await audit(database);
  const log = await verifyAuditLog(database);
  const check = 'the audit log is as it was written';
  return {
    checked: [...books.checked, { check, rows: log.rows }],
    faults: [
      ...books.faults,
      ...log.faults.map(({ seq, detail }) => ({ check, detail: `row ${seq} ${detail}` })),
    ],
  };
}
