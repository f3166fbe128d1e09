import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, DatabaseError } from 'pg';
import { StartRefused } from '../refused.ts';
import type { Logger } from '../telemetry/log.ts';
import { writableServer } from './hosts.ts';

/**
 * Brings a database to the newest schema: forward only, each file of migrations/ in a transaction
 * of its own.
 *
 * In:   the URL of the role that owns the tables.
 * Out:  every migration applied once, on record with its checksum.
 * If we die here: the migration at hand is rolled back, and the next start runs it again. Two
 *       starts at once take turns by an advisory lock.
 */
export interface MigrateOptions {
  readonly ownerUrl: string;
  readonly log: Logger;
  /** The folder of NNNN_name.sql files; tests have their own. */
  readonly folder?: string;
}

export interface Migration {
  readonly version: number;
  readonly name: string;
}

export interface AppliedMigration extends Migration {
  readonly appliedAt: Date;
}

export interface MigrationStatus {
  readonly applied: readonly AppliedMigration[];
  readonly pending: readonly Migration[];
}

/** Database and code do not fit together, or a migration failed; one sentence for the operator. */
export class MigrationRefused extends StartRefused {
  override readonly name = 'MigrationRefused';
}

export const migrationsFolder = fileURLToPath(new URL('../../migrations', import.meta.url));

/** An arbitrary number that is ours: advisory locks share one space with every program's. */
const advisoryLock = 7_041_776_501;
/** Another start may be in the middle of a long migration. */
const turnTimeoutMs = 120_000;
/**
 * A migration waits this long for a table, then fails: while it waits, everybody queues behind it.
 */
const lockTimeoutMs = 5_000;

/** @returns the names of the migrations applied now. @throws MigrationRefused */
export async function migrate(options: MigrateOptions): Promise<readonly string[]> {
  const files = readMigrations(options.folder ?? migrationsFolder);
  return withClient(options.ownerUrl, async (client) => {
    await client.query(`SET lock_timeout = ${turnTimeoutMs}`);
    // Held until the connection ends, whatever happens in between.
    await client.query('SELECT pg_advisory_lock($1)', [advisoryLock]);
    await client.query(`SET lock_timeout = ${lockTimeoutMs}`);
    await prepare(client);
    const pending = compare(files, await readApplied(client));
    for (const file of pending) {
      await apply(client, file);
      options.log.info({ migration: file.label }, 'migration applied');
    }
    return pending.map((file) => file.label);
  });
}

/** Changes nothing. @throws MigrationRefused */
export async function migrationStatus(
  options: Pick<MigrateOptions, 'ownerUrl' | 'folder'>,
): Promise<MigrationStatus> {
  const files = readMigrations(options.folder ?? migrationsFolder);
  return withClient(options.ownerUrl, async (client) => {
    const { rows } = await client.query<{ has: boolean }>(
      `SELECT to_regclass('public.schema_migrations') IS NOT NULL AS has`,
    );
    const applied = rows[0]?.has === true ? await readApplied(client) : [];
    return { applied, pending: compare(files, applied) };
  });
}

interface MigrationFile extends Migration {
  readonly label: string;
  readonly sql: string;
  readonly checksum: string;
}

function readMigrations(folder: string): MigrationFile[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.sql'));
  return names.toSorted().map((fileName, at) => {
    const match = /^(\d{4})_([a-z0-9_]+)\.sql$/.exec(fileName);
    const [version, name] = [Number(match?.[1]), match?.[2] ?? ''];
    if (version !== at + 1) {
      throw new MigrationRefused(
        `migrations/${fileName} should be number ${at + 1}: the files count NNNN_name.sql without gap or repeat.`,
      );
    }
    // A checkout may write other line ends; the statement is the same.
    const sql = readFileSync(join(folder, fileName), 'utf8').replaceAll('\r\n', '\n');
    const checksum = createHash('sha256').update(sql).digest('hex');
    return { version, name, label: fileName.replace('.sql', ''), sql, checksum };
  });
}

interface AppliedRow extends AppliedMigration {
  readonly checksum: string;
}

/**
 * @returns what is still to do. @throws MigrationRefused where the database has another history.
 */
function compare(
  files: readonly MigrationFile[],
  applied: readonly AppliedRow[],
): readonly MigrationFile[] {
  for (const row of applied) {
    const file = files[row.version - 1];
    if (file === undefined) {
      throw new MigrationRefused(
        `The database has migration ${row.version} (${row.name}), which this release does not know: a newer release was here. Start that one, or a newer one.`,
      );
    }
    if (file.checksum !== row.checksum) {
      throw new MigrationRefused(
        `Migration ${file.label} was changed after it was applied on ${row.appliedAt.toISOString()}: put the file back, and make the change in a new migration.`,
      );
    }
  }
  const done = new Set(applied.map((row) => row.version));
  return files.filter((file) => !done.has(file.version));
}

async function prepare(client: Client): Promise<void> {
  await makeApplicationRole(client);
  await client.query(`
    CREATE TABLE IF NOT EXISTS schema_migrations (
      version    integer PRIMARY KEY,
      name       text NOT NULL,
      checksum   text NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT now()
    );
    GRANT SELECT ON schema_migrations TO PUBLIC;`);
}

/** Migrations grant to this role. On somebody's own server its login is theirs to arrange. */
async function makeApplicationRole(client: Client): Promise<void> {
  const { rowCount } = await client.query(`SELECT FROM pg_roles WHERE rolname = 'tollgate_app'`);
  if (rowCount !== 0) return;
  try {
    await client.query('CREATE ROLE tollgate_app NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE');
  } catch (error) {
    // Roles belong to the server, the advisory lock to one database: another one may have been
    // first.
    if (error instanceof DatabaseError && ['42710', '23505'].includes(error.code ?? '')) return;
    throw new MigrationRefused(
      `Role tollgate_app does not exist and could not be made (${sentence(error)}): make it with "CREATE ROLE tollgate_app NOLOGIN".`,
    );
  }
}

async function readApplied(client: Client): Promise<AppliedRow[]> {
  const { rows } = await client.query<AppliedRow>(
    `SELECT version, name, checksum, applied_at AS "appliedAt"
       FROM schema_migrations ORDER BY version`,
  );
  return rows;
}

async function apply(client: Client, file: MigrationFile): Promise<void> {
  try {
    await client.query('BEGIN');
    await client.query(file.sql);
    await client.query(
      'INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, $3)',
      [file.version, file.name, file.checksum],
    );
    await client.query('COMMIT');
  } catch (error) {
    throw new MigrationRefused(`Migration ${file.label} failed: ${sentence(error)}.`, {
      cause: error,
    });
  }
}

/** One connection for the whole: its end gives the lock back and rolls back what was open. */
async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = await connect(url).catch((error: unknown) => {
    if (error instanceof StartRefused) throw error;
    throw new MigrationRefused(`The database cannot be reached as its owner: ${sentence(error)}.`, {
      cause: error,
    });
  });
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function connect(url: string): Promise<Client> {
  const client = new Client({
    connectionString: await writableServer(url),
    application_name: 'tollgate-migrate',
    connectionTimeoutMillis: 10_000,
  });
  // A connection that breaks rejects the query that meets it; nobody else needs to hear of it.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

function sentence(error: unknown): string {
  if (error instanceof AggregateError) return sentence(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}
