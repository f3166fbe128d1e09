import { destination, type Logger, pino, stdTimeFunctions } from 'pino';
import pretty from 'pino-pretty';

export type { Logger };

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
export type LogFormat = 'auto' | 'json' | 'pretty';

export interface LogOptions {
  readonly level: LogLevel;
  /** `auto` is pretty in a terminal, JSON everywhere else. */
  readonly format: LogFormat;
  /** Which of our processes is speaking: `gateway`, `simulator`. */
  readonly process: string;
}

/** What never reaches a log line, wherever in the object it stands. */
const redacted = ['password', 'password_hash', 'access_token', 'authorization', 'secret'];

/**
 * One JSON object a line. A line costs about 7 µs, so there is one per request and one per group;
 * per payment only at debug.
 */
export function openLog(options: LogOptions): Logger {
  const isPretty =
    options.format === 'pretty' || (options.format === 'auto' && process.stdout.isTTY);
  const settings = {
    level: options.level,
    base: { process: options.process, pid: process.pid },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: {
      paths: redacted.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]),
      censor: '[redacted]',
    },
  };
  return isPretty
    ? pino(settings, pretty({ colorize: true, ignore: 'pid' }))
    : pino(settings, gatheredOutput());
}

const gatherBytes = 8_192;
const gatherMs = 100;

/**
 * Lines leave together: a write for each would be a system call per request. What is still gathered
 * when the process ends is written then; kill -9 loses at most a tenth of a second of lines.
 */
function gatheredOutput(): ReturnType<typeof destination> {
  const output = destination({ fd: 1, sync: false, minLength: gatherBytes });
  setInterval(() => output.flush(), gatherMs).unref();
  process.on('exit', () => output.flushSync());
  return output;
}
