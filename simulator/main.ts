import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Logger, pino, stdTimeFunctions } from 'pino';
import pretty from 'pino-pretty';
import { systemClock } from './clock.ts';
import { type Ledger, openLedger } from './ledger.ts';
import { openParts } from './parts.ts';
import { environment, readSettings, type Settings } from './settings.ts';

/**
 * The simulated bank: somebody else's system, in a process of its own, with books of its own. It
 * shares no code with the gateway, so that it can be the independent witness of what was paid.
 *
 * An argument, if any, is not read: it names the instance where processes are listed.
 */
function main(): void {
  const settings = readSettings(environment);
  if ('faults' in settings) {
    refuse(settings.faults.join('\n'));
    return;
  }
  const log = openLog(settings);
  const ledger = openBooks(settings, log);
  if (ledger === null) return;
  const parts = openParts(settings, ledger, log);
  const { front, back } = parts;
  front.server.once('error', (error: NodeJS.ErrnoException) => {
    refuse(
      error.code === 'EADDRINUSE'
        ? `Port ${settings.port} is in use by another program: free it or set BANK_SIMULATOR_PORT.`
        : `The simulated bank cannot listen on ${settings.host}:${settings.port}: ${error.message}.`,
    );
    parts.stop();
    ledger.close();
    back.close();
  });
  front.open((port) => {
    back.open((controlPort) => {
      parts.rules.replace(settings.rules);
      parts.statements.followDays();
      log.info(
        { host: settings.host, port, controlPort, settings: settings.words },
        'bank listening',
      );
      // A parent that opened a channel learns the ports that were taken.
      process.send?.({ kind: 'listening', port, controlPort });
    });
  });
  const stop = (signal: string): void => {
    log.info({ signal }, 'bank stopping');
    front.close();
    back.close();
    // One turn later and all in one: nothing can arrive between the last commit and the end.
    // Answers that are committed leave; whoever waits for one that is not sees the connection
    // close.
    setImmediate(() => {
      parts.stop();
      ledger.close();
      front.server.closeAllConnections();
      back.server.closeAllConnections();
    });
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

function openBooks(settings: Settings, log: Logger): Ledger | null {
  try {
    mkdirSync(dirname(settings.dataFile), { recursive: true });
    return openLedger({
      file: settings.dataFile,
      clock: systemClock,
      gatherMs: Math.min(5, settings.delayMsMin / 20),
      onBroken: (error) => {
        log.fatal({ error: String(error) }, 'the ledger refused a commit');
        // At once: to answer anybody now would be to answer for what is not on disk.
        process.exit(1);
      },
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    refuse(
      reason.includes('locked')
        ? `BANK_SIMULATOR_DATA (${settings.dataFile}) is in use by another simulated bank.`
        : `BANK_SIMULATOR_DATA (${settings.dataFile}) cannot be opened: ${reason}.`,
    );
    return null;
  }
}

function refuse(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 1;
}

function openLog(settings: Settings): Logger {
  const isPretty =
    settings.logFormat === 'pretty' || (settings.logFormat === 'auto' && process.stdout.isTTY);
  const options = {
    level: settings.logLevel,
    base: { process: 'simulator', pid: process.pid },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return isPretty ? pino(options, pretty({ colorize: true, ignore: 'pid' })) : pino(options);
}

main();
