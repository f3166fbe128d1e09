import { parseArgs } from 'node:util';
import { environment, readConfig } from '../config.ts';
import { seedDemo } from '../users/seed.ts';
import { withDatabase } from './database.ts';

/** `tollgate seed`: the demo accounts of CREDENTIALS.md, where they are missing. */
export async function run(args: readonly string[]): Promise<number> {
  parseArgs({ args: [...args], options: {} });
  const config = readConfig(environment());
  const { created } = await withDatabase(config, 'seed', (database) => seedDemo(database, config));
  process.stdout.write(
    created === 0 ? 'All demo accounts exist.\n' : `Created ${created} demo account(s).\n`,
  );
  return 0;
}
