import { parseArgs } from 'node:util';
import { environment, readConfig } from '../config.ts';
import { audit } from '../ledger/audit.ts';
import { withDatabase } from './database.ts';
import { formatTable } from './table.ts';

/**
 * `tollgate audit`: reads the whole books in one snapshot; exit code 1 when a check does not hold.
 */
export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { json: { type: 'boolean' } } });
  const config = readConfig(environment());
  const report = await withDatabase(config, 'audit', audit);
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
