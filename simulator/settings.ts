import { isAbsolute } from 'node:path';

/** Every setting of the simulated bank; this is its only file that reads the environment. */
export interface Settings {
  readonly host: string;
  /** 0 takes a free one, for tests. */
  readonly port: number;
  readonly delayMsMin: number;
  readonly delayMsMax: number;
  readonly successRate: number;
  /** Absolute path of the ledger's file. */
  readonly dataFile: string;
  /** With a seed two runs draw the same; without, the machine's randomness. */
  readonly seed: number | null;
  readonly logLevel: string;
  readonly logFormat: 'auto' | 'json' | 'pretty';
  /** As text, for /health: whoever started us can see whether we are what they want. */
  readonly words: Readonly<Record<string, string>>;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/** The environment that `main.ts` starts with. */
export const environment: Environment = process.env;

/** All faults at once, each a sentence that names its setting. */
export function readSettings(env: Environment): Settings | { readonly faults: readonly string[] } {
  const faults: string[] = [];
  const words: Record<string, string> = {};
  const read = (name: string, fallback: string, form: RegExp, rule: string): string => {
    const given = env[name]?.trim() ?? '';
    const text = given === '' ? fallback : given;
    if (!form.test(text)) faults.push(`${name} (${text}) must be ${rule}.`);
    words[name] = text;
    return text;
  };
  const seconds = /^\d{1,4}(\.\d{1,6})?$/;
  const host = read('BANK_SIMULATOR_HOST', '127.0.0.1', /^[\w.:-]+$/, 'an address');
  const port = Number(read('BANK_SIMULATOR_PORT', '8001', /^\d{1,5}$/, 'a port, 0 to 65535'));
  const delayMin = Number(read('BANK_SIMULATOR_MIN_DELAY', '2', seconds, 'seconds, 0 to 3600'));
  const delayMax = Number(read('BANK_SIMULATOR_MAX_DELAY', '10', seconds, 'seconds, 0 to 3600'));
  const successRate = Number(
    read('BANK_SIMULATOR_SUCCESS_RATE', '0.9', /^[01](\.\d{1,9})?$/, 'a share, 0 to 1'),
  );
  const dataFile = read('BANK_SIMULATOR_DATA', '', /^/, 'a path');
  const seed = read('BANK_SIMULATOR_SEED', 'none', /^(none|\d{1,9})$/, 'up to 9 digits');
  const logLevel = read('LOG_LEVEL', 'info', /^/, 'a level');
  const logFormat = read('LOG_FORMAT', 'auto', /^(auto|json|pretty)$/, 'auto, json or pretty');
  const refuse = (wrong: boolean, sentence: string): void => {
    if (wrong) faults.push(sentence);
  };
  refuse(port > 65_535, `BANK_SIMULATOR_PORT (${port}) must be a port, 0 to 65535.`);
  refuse(delayMin > 3600, `BANK_SIMULATOR_MIN_DELAY (${delayMin}) must be seconds, 0 to 3600.`);
  refuse(delayMax > 3600, `BANK_SIMULATOR_MAX_DELAY (${delayMax}) must be seconds, 0 to 3600.`);
  refuse(
    delayMin > delayMax,
    `BANK_SIMULATOR_MIN_DELAY (${delayMin}) is above BANK_SIMULATOR_MAX_DELAY (${delayMax}).`,
  );
  refuse(successRate > 1, `BANK_SIMULATOR_SUCCESS_RATE (${successRate}) must be a share, 0 to 1.`);
  refuse(
    !isAbsolute(dataFile),
    dataFile === ''
      ? 'BANK_SIMULATOR_DATA is missing: the absolute path of the file that holds the ledger.'
      : `BANK_SIMULATOR_DATA (${dataFile}) must be an absolute path.`,
  );
  refuse(
    !logLevels.includes(logLevel),
    `LOG_LEVEL (${logLevel}) must be one of ${logLevels.join(', ')}.`,
  );
  if (faults.length > 0) return { faults };
  return {
    host,
    port,
    delayMsMin: delayMin * 1000,
    delayMsMax: delayMax * 1000,
    successRate,
    dataFile,
    seed: seed === 'none' ? null : Number(seed),
    logLevel,
    logFormat: logFormat === 'json' || logFormat === 'pretty' ? logFormat : 'auto',
    words,
  };
}
