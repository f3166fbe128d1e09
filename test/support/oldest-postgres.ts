import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { programEnvironment } from '../../src/db/server/launcher.ts';
import { readPostmasterFile } from '../../src/db/server/postmaster.ts';
import { takeFreePort } from '../../src/runtime/ports.ts';
import { installPackages } from './debian-packages.ts';
import { prepareServer, type ServerUrls } from './postgres.ts';
import { killBelow, watchBelow } from './process-tree.ts';
import { until } from './wait.ts';

export interface OldestPostgres extends ServerUrls {
  readonly stop: () => Promise<void>;
}

const testFolder = fileURLToPath(new URL('../../.test', import.meta.url));
const programs = '/usr/lib/postgresql/15/bin';

/** PostgreSQL 15, the oldest supported, from Debian's package: a cluster of the test's own. */
export async function startOldestPostgres(): Promise<OldestPostgres> {
  if (!existsSync(join(programs, 'initdb')) && !installPackages(['postgresql-15']))
    throw new Error(
      `There is no PostgreSQL 15 in ${programs}, on which the database port is tested beside 18.\n` +
        'Install it: apt-get install postgresql-15.',
    );
  mkdirSync(testFolder, { recursive: true });
  const folder = realpathSync(mkdtempSync(join(testFolder, 'postgres15-')));
  const watchdog = watchBelow(folder);
  const stop = async (): Promise<void> => {
    await killBelow(folder);
    watchdog.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const port = await startServer(folder);
    const urls: ServerUrls = {
      ownerUrl: `postgres://tollgate@127.0.0.1:${port}/postgres`,
      appUrl: `postgres://tollgate_app@127.0.0.1:${port}/postgres`,
    };
    await makeApplicationRole(urls.ownerUrl);
    await prepareServer(urls);
    return { ...urls, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startServer(folder: string): Promise<number> {
  const data = join(folder, 'data');
  const [initdb, ...make] = commandOf('initdb');
  const options = ['-U', 'tollgate', '--auth=trust', '--encoding=UTF8', '--no-sync'];
  const made = spawnSync(initdb, [...make, '-D', data, ...options], {
    cwd: folder,
    encoding: 'utf8',
    env: programEnvironment,
  });
  if (made.status !== 0) throw new Error(`initdb: ${made.error?.message ?? made.stderr}`);
  const port = await takeFreePort();
  const log = openSync(join(folder, 'postgres.log'), 'a');
  const [postgres, ...run] = commandOf('postgres');
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=on'];
  const child = spawn(
    postgres,
    [...run, '-D', data, '-p', `${port}`, ...settings.flatMap((setting) => ['-c', setting])],
    { cwd: folder, stdio: ['ignore', log, log], env: programEnvironment },
  );
  child.unref();
  await until(() => readPostmasterFile(data)?.status === 'ready', { what: 'PostgreSQL 15' });
  return port;
}

/** It refuses to be root; in a user namespace it is nobody, and its files stay root's. */
function commandOf(program: string): readonly [string, ...string[]] {
  const path = join(programs, program);
  if (process.getuid?.() !== 0) return [path];
  return ['unshare', '--user', '--map-user=nobody', '--', path];
}

async function makeApplicationRole(ownerUrl: string): Promise<void> {
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  await client.query('CREATE ROLE tollgate_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE');
  await client.end();
}
