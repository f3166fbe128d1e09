import { parseArgs } from 'node:util';
import { startGateway } from '../app.ts';
import { type Config, environment, readConfig } from '../config.ts';
import { StartRefused } from '../refused.ts';
import { askPort } from '../runtime/ports.ts';
import { type Logger, openLog } from '../telemetry/log.ts';
import type { WorkerRole } from '../workers/store.ts';
import { takeInstance } from './instance.ts';

/** One process of ours in the foreground, until a signal says stop. */
export async function runRole(role: WorkerRole, args: readonly string[]): Promise<number> {
  parseArgs({ args: [...args], options: {} });
  const config = readConfig(environment());
  const name = role === 'all' ? 'gateway' : role;
  const log = openLog({ level: config.LOG_LEVEL, format: config.LOG_FORMAT, process: name });
  // Only a whole gateway owns what is in DATA_DIR; the others have nothing there.
  const lock = role === 'all' ? takeInstance(config, 'gateway') : null;
  crashAloud(log);
  await refuseBusyPorts(config, role);
  // Listening before the start: a stop that arrives during it is obeyed after it.
  const stopAsked = awaitSignal(log);
  const gateway = await startGateway(config, log, role);
  if (process.connected) process.send?.({ kind: 'ready', url: gateway.url });
  await stopAsked;
  const stopSeconds = config.SHUTDOWN_GRACE_SECONDS + config.SHUTDOWN_DEADLINE_SECONDS;
  giveUpAfter(stopSeconds * 1000 + databaseStopMs, log);
  await gateway.stop();
  lock?.release();
  return 0;
}

/** PostgreSQL writes a checkpoint when it stops. */
const databaseStopMs = 75_000;

/** Before anything is started: a server that comes and goes tells nobody what is wrong. */
async function refuseBusyPorts(config: Config, role: WorkerRole): Promise<void> {
  if (role !== 'worker') await refuseBusy(config, 'HOST', 'PORT');
  if (config.METRICS_PORT !== 0) await refuseBusy(config, 'METRICS_HOST', 'METRICS_PORT');
}

async function refuseBusy(
  config: Config,
  host: 'HOST' | 'METRICS_HOST',
  port: 'PORT' | 'METRICS_PORT',
): Promise<void> {
  const answer = await askPort(config[port], config[host]);
  if (answer === 'taken')
    throw new StartRefused(
      `Port ${config[port]} is in use by another program: free it, or set ${port} to another one.`,
    );
  if (answer === 'no_address')
    throw new StartRefused(`${host} (${config[host]}) is no address of this machine.`);
}

/**
 * A promise that nobody awaits, or an error that nobody catches: state unknown, so start afresh.
 */
function crashAloud(log: Logger): void {
  const crash = (error: unknown): never => {
    log.fatal({ err: error }, 'unexpected error: the process ends');
    process.exit(1);
  };
  process.on('unhandledRejection', crash);
  process.on('uncaughtException', crash);
}

/**
 * The first signal asks for an orderly stop. The second does not wait: nothing accepted is lost.
 */
function awaitSignal(log: Logger): Promise<void> {
  return new Promise((resolve) => {
    let isAsked = false;
    const onSignal = (signal: NodeJS.Signals): void => {
      if (isAsked) {
        log.warn({ signal }, 'second signal: the process ends now');
        process.exit(1);
      }
      isAsked = true;
      log.info({ signal }, 'stopping');
      resolve();
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}

function giveUpAfter(capMs: number, log: Logger): void {
  setTimeout(() => {
    log.fatal({ capMs }, 'the stop did not end: the process does');
    process.exit(1);
  }, capMs).unref();
}
