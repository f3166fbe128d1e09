import { destination, pino } from 'pino';
import type { Config } from '../config.ts';
import type { Database } from '../db/database.ts';
import { findEmbeddedServer, startEmbeddedServer } from '../db/embedded.ts';
import { openDatabase } from '../db/external.ts';
import { migrationStatus } from '../db/migrate.ts';
import { StartRefused } from '../refused.ts';
import { poll } from '../runtime/poll.ts';
import type { Logger } from '../telemetry/log.ts';
import { InstanceHeld, isGateway, readInstance, takeInstance } from './instance.ts';

/** How a command reaches the database: beside a running gateway, or with a server of its own. */
export interface DatabaseUrls {
  readonly app: string;
  /** Empty where an external database's owner is not known to us. */
  readonly owner: string;
}

/** Only warnings, and on stderr: a command's stdout is its result. */
export const commandLog = (config: Config): Logger =>
  pino(
    { level: config.LOG_LEVEL === 'silent' ? 'silent' : 'warn', base: { process: 'tollgate' } },
    destination({ dest: 2, sync: true }),
  );

/**
 * While the gateway runs, its server is used and left alone; else one is started for the command.
 */
export async function withServer<T>(
  config: Config,
  command: string,
  work: (urls: DatabaseUrls) => Promise<T>,
): Promise<T> {
  if (config.DATABASE === 'external')
    return work({ app: config.DATABASE_URL, owner: config.DATABASE_OWNER_URL });
  const holder = readInstance(config);
  if (holder !== null) {
    if (!isGateway(holder)) throw new InstanceHeld(config, holder);
    return work(await runningServer(config));
  }
  const lock = takeInstance(config, command);
  try {
    const server = await startEmbeddedServer({
      dataDir: config.dataDir,
      port: config.DATABASE_PORT,
      log: commandLog(config),
    });
    try {
      return await work({ app: server.url('app'), owner: server.url('owner') });
    } finally {
      await server.stop();
    }
  } finally {
    lock.release();
  }
}

/** With the application's rights, on the newest schema. */
export async function withDatabase<T>(
  config: Config,
  command: string,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  return withServer(config, command, async (urls) => {
    await refuseOldSchema(urls);
    const database = await openDatabase({
      url: urls.app,
      connectionsMax: 4,
      groupConnections: 1,
      log: commandLog(config),
    });
    try {
      return await work(database);
    } finally {
      await database.close();
    }
  });
}

/** The gateway may be in the middle of its start. */
async function runningServer(config: Config): Promise<DatabaseUrls> {
  const server = await poll(() => findEmbeddedServer(config.dataDir), {
    everyMs: 100,
    deadlineMs: 10_000,
  });
  if (server !== null) return { app: server.url('app'), owner: server.url('owner') };
  throw new StartRefused('The gateway runs, but its database does not: see "tollgate status".');
}

async function refuseOldSchema(urls: DatabaseUrls): Promise<void> {
  // The application's role may read what was applied, too.
  const { pending } = await migrationStatus({
    ownerUrl: urls.owner === '' ? urls.app : urls.owner,
  });
  if (pending.length === 0) return;
  throw new StartRefused(
    `The database lacks ${pending.length} migration(s), from ${pending[0]?.name} on: run "make migrate" first.`,
  );
}
