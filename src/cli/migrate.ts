import { parseArgs } from 'node:util';
import { type Config, environment, readConfig } from '../config.ts';
import { migrate, migrationStatus } from '../db/migrate.ts';
import { StartRefused } from '../refused.ts';
import { commandLog, type DatabaseUrls, withServer } from './database.ts';
import { formatTable } from './table.ts';

/** `tollgate migrate [up|status]` */
export async function run(args: readonly string[]): Promise<number> {
  const { positionals } = parseArgs({ args: [...args], options: {}, allowPositionals: true });
  const config = readConfig(environment());
  const [action = 'up'] = positionals;
  if (action !== 'up' && action !== 'status') {
    process.stderr.write(`"migrate ${action}" is not known: migrate up, migrate status.\n`);
    return 2;
  }
  return withServer(config, 'migrate', (urls) => {
    if (urls.owner === '')
      throw new StartRefused(
        'DATABASE_OWNER_URL is missing: migrations need the tables\u2019 owner.',
      );
    return action === 'up' ? applyPending(config, urls) : printStatus(urls);
  });
}

async function applyPending(config: Config, urls: DatabaseUrls): Promise<number> {
  const applied = await migrate({ ownerUrl: urls.owner, log: commandLog(config) });
  process.stdout.write(
    applied.length === 0 ? 'The schema is the newest.\n' : `Applied: ${applied.join(', ')}.\n`,
  );
  return 0;
}

async function printStatus(urls: DatabaseUrls): Promise<number> {
  const { applied, pending } = await migrationStatus({ ownerUrl: urls.owner });
  const rows = [
    ...applied.map(({ version, name, appliedAt }) => [
      String(version),
      name,
      appliedAt.toISOString(),
    ]),
    ...pending.map(({ version, name }) => [String(version), name, 'pending']),
  ];
  process.stdout.write(formatTable(['version', 'name', 'applied'], rows));
  return 0;
}
