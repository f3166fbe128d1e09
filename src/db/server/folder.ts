import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  lchownSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Launcher, programEnvironment } from './launcher.ts';
import { EmbeddedServerRefused } from './refused.ts';

/** The server's part of DATA_DIR. */
export interface ServerFolder {
  /** Real path: what /proc says a server of this folder works in. */
  readonly data: string;
  readonly log: string;
  /** Remembers the port, so that an operator's tools find the server where they left it. */
  readonly portFile: string;
  readonly credentials: Credentials;
}

export interface Credentials {
  /** Password of the superuser `tollgate`, who owns the tables. */
  readonly owner: string;
  /** Password of `tollgate_app`. */
  readonly app: string;
}

/** The folder with a cluster in it: an existing one, or a new one. @throws EmbeddedServerRefused */
export function prepareFolder(dataDir: string, launcher: Launcher): ServerFolder {
  const data = join(dataDir, 'postgres');
  const exists = existsSync(data) && readdirSync(data).length > 0;
  if (exists) refuseDamage(data);
  else if (existsSync(data)) refuseEmptied(dataDir, data);
  const credentials = readCredentials(dataDir, exists);
  if (!exists) makeCluster(dataDir, launcher, credentials);
  return {
    data: realpathSync(data),
    log: join(dataDir, 'logs', 'postgres.log'),
    portFile: join(dataDir, 'run', 'postgres-port'),
    credentials,
  };
}

/**
 * initdb works in a folder of another name, which gets its own when it is whole. A crash in between
 * leaves only that other folder, which holds nothing yet and is made again.
 */
function makeCluster(dataDir: string, launcher: Launcher, credentials: Credentials): void {
  const unfinished = join(dataDir, 'postgres.unfinished');
  const passwordFile = join(dataDir, 'postgres.password');
  rmSync(unfinished, { recursive: true, force: true });
  rmSync(passwordFile, { force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  try {
    writeFileSync(passwordFile, `${credentials.owner}\n`, { mode: 0o600, flag: 'wx' });
    if (launcher.runAs !== null) {
      chownSync(unfinished, launcher.runAs.uid, launcher.runAs.gid);
      chownSync(passwordFile, launcher.runAs.uid, launcher.runAs.gid);
    }
    runInitdb(unfinished, passwordFile, launcher);
  } finally {
    rmSync(passwordFile, { force: true });
  }
  // An empty folder of the final name may stand in the way; rename replaces it.
  renameSync(unfinished, join(dataDir, 'postgres'));
  syncFolder(dataDir);
}

const clusterOptions = [
  '--username=tollgate',
  '--auth=scram-sha-256',
  '--encoding=UTF8',
  // The builtin C.UTF-8 is the same on every machine: no system update can reorder an index.
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--data-checksums',
  '--no-instructions',
] as const;

function runInitdb(folder: string, passwordFile: string, launcher: Launcher): void {
  const [command, ...args] = launcher.command('initdb');
  const ended = spawnSync(
    command,
    [...args, '-D', folder, `--pwfile=${passwordFile}`, ...clusterOptions],
    { encoding: 'utf8', env: programEnvironment, ...launcher.runAs },
  );
  if (ended.status === 0) return;
  const reason = ended.error?.message ?? ended.stderr.trim().replaceAll('\n', ' ');
  throw new EmbeddedServerRefused(`The database could not be created in ${folder}: ${reason}.`);
}

/**
 * A volume that is not mounted is an empty folder. A first start that died leaves none: the cluster
 * is made under another name.
 */
function refuseEmptied(dataDir: string, data: string): void {
  if (!existsSync(join(dataDir, 'credentials.json'))) return;
  throw new EmbeddedServerRefused(
    `The database folder ${data} is empty, and was not always: is its volume mounted? Restore it from a backup, or remove it to begin with empty books.`,
  );
}

function refuseDamage(data: string): void {
  const missing = ['PG_VERSION', 'global/pg_control', 'base', 'pg_wal', 'postgresql.conf'].find(
    (name) => !existsSync(join(data, name)),
  );
  if (missing !== undefined) {
    throw new EmbeddedServerRefused(
      `The database folder ${data} is damaged (${missing} is missing): restore it from a backup, or remove it to begin with empty books.`,
    );
  }
  const version = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim();
  if (!/^\d+$/.test(version)) {
    throw new EmbeddedServerRefused(
      `The database folder ${data} is damaged (PG_VERSION holds no version): restore it from a backup, or remove it to begin with empty books.`,
    );
  }
  if (version !== '18') {
    throw new EmbeddedServerRefused(
      `The database folder ${data} is of PostgreSQL ${version}, and this release brings PostgreSQL 18.`,
    );
  }
}

function readCredentials(dataDir: string, clusterExists: boolean): Credentials {
  const path = join(dataDir, 'credentials.json');
  if (existsSync(path)) return parseCredentials(path);
  if (clusterExists) {
    throw new EmbeddedServerRefused(
      `${path} is missing: without it nobody can log in to the database beside it; restore it from a backup.`,
    );
  }
  const credentials = { owner: newPassword(), app: newPassword() };
  const unfinished = `${path}.unfinished`;
  rmSync(unfinished, { force: true });
  writeFileSync(unfinished, `${JSON.stringify(credentials, null, 2)}\n`, {
    mode: 0o600,
    flush: true,
  });
  renameSync(unfinished, path);
  return credentials;
}

function parseCredentials(path: string): Credentials {
  try {
    const read: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof read === 'object' && read !== null && 'owner' in read && 'app' in read) {
      const { owner, app } = read;
      if (typeof owner === 'string' && typeof app === 'string') return { owner, app };
    }
  } catch {
    // Unreadable and unusable are one sentence, below.
  }
  throw new EmbeddedServerRefused(`${path} cannot be read: restore it from a backup.`);
}

/** Hexadecimal, so that it needs no escape in a URL or in SQL. */
const newPassword = (): string => randomBytes(24).toString('hex');

/**
 * Once run as one user and once as another (a changed container, "sudo"): the data follows. Never
 * while a server runs on it.
 */
export function giveToServer(data: string, launcher: Launcher): void {
  const self = process.getuid?.() ?? 0;
  const owner = launcher.runAs?.uid ?? self;
  const found = statSync(data).uid;
  if (found !== owner && self !== 0) {
    throw new EmbeddedServerRefused(
      `The database folder ${data} belongs to another user (${found}): start Tollgate as that user, or change its owner.`,
    );
  }
  if (found !== owner) {
    const group = launcher.runAs?.gid ?? 0;
    for (const name of readdirSync(data, { recursive: true, encoding: 'utf8' })) {
      lchownSync(join(data, name), owner, group);
    }
    chownSync(data, owner, group);
  }
  // A copy made without care for modes (cp -r) would be refused as readable by others.
  chmodSync(data, 0o700);
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  fsyncSync(handle);
  closeSync(handle);
}
