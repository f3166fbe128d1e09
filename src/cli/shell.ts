import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { environment, readConfig } from '../config.ts';
import { writableServer } from '../db/hosts.ts';
import { withServer } from './database.ts';
import { openSqlPrompt } from './sql-prompt.ts';

/**
 * `tollgate shell`: psql where it is installed, else a small prompt of our own. As the
 * application's role, which cannot rewrite the books, and neither can whoever sits here.
 */
export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { command: { type: 'string', short: 'c' }, psql: { type: 'boolean', default: true } },
    allowNegative: true,
  });
  const config = readConfig(environment());
  return withServer(config, 'shell', async ({ app }) => {
    const hasPsql = values.psql && spawnSync('psql', ['--version']).status === 0;
    const server = await writableServer(app);
    return hasPsql ? runPsql(server, values.command) : openSqlPrompt(server, values.command);
  });
}

async function runPsql(url: string, command: string | undefined): Promise<number> {
  const { password, ...login } = readUrl(url);
  // Not in the arguments: those are everybody's to read in the list of processes.
  const env = { ...environment(), PGPASSWORD: password, PGAPPNAME: 'tollgate-shell' };
  const place = ['-h', login.host, '-p', login.port, '-U', login.user, '-d', login.database];
  const args = command === undefined ? place : [...place, '-c', command];
  const child = spawn('psql', args, { stdio: 'inherit', env });
  // Ctrl-C cancels a statement in psql; it must not end us, who would stop its server.
  const ignore = (): void => undefined;
  process.on('SIGINT', ignore);
  const [code] = await once(child, 'exit');
  process.off('SIGINT', ignore);
  return typeof code === 'number' ? code : 1;
}

function readUrl(url: string): {
  password: string;
  host: string;
  port: string;
  user: string;
  database: string;
} {
  const parsed = new URL(url);
  return {
    password: decodeURIComponent(parsed.password),
    host: parsed.hostname,
    port: parsed.port === '' ? '5432' : parsed.port,
    user: decodeURIComponent(parsed.username),
    database: parsed.pathname.slice(1),
  };
}
