import { createHash } from 'node:crypto';
import { isAbsolute } from 'node:path';
import type { CallbackTarget } from './callbacks.ts';
import { type ParsedRules, parseRules, type RuleForm } from './rule-form.ts';
import { isCallbackUrl, type ParsedTarget } from './target-form.ts';

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
  /** The rules that hold from the start, and after a reset. */
  readonly rules: readonly RuleForm[];
  readonly callbacks: CallbackTarget;
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
  const read: Read = (name, fallback, form, rule) => {
    const given = env[name]?.trim() ?? '';
    const text = given === '' ? fallback : given;
    if (!form.test(text)) faults.push(`${name} (${text}) must be ${rule}.`);
    words[name] = text;
    return text;
  };
  const refuse: Refuse = (wrong, sentence) => {
    if (wrong) faults.push(sentence);
  };
  const place = readPlace(read, refuse);
  const work = readWork(read, refuse);
  const rules = readScenario(read('BANK_SIMULATOR_SCENARIO', 'none', /^/, 'a scenario'));
  const callbackUrl = read('BANK_SIMULATOR_CALLBACK_URL', 'none', /^/, 'an address');
  const secret = env['BANK_WEBHOOK_SECRET'] ?? '';
  words['BANK_WEBHOOK_SECRET'] = fingerprint(secret);
  const callbacks = readTarget(callbackUrl, secret);
  const logging = readLogging(read, refuse);
  if ('fault' in rules) return { faults: [...faults, rules.fault] };
  if ('fault' in callbacks) return { faults: [...faults, callbacks.fault] };
  if (faults.length > 0) return { faults };
  return { ...place, ...work, ...rules, callbacks: callbacks.target, ...logging, words };
}

type Read = (name: string, fallback: string, form: RegExp, rule: string) => string;
type Refuse = (wrong: boolean, sentence: string) => void;

function readPlace(read: Read, refuse: Refuse): Pick<Settings, 'host' | 'port' | 'dataFile'> {
  const host = read('BANK_SIMULATOR_HOST', '127.0.0.1', /^[\w.:-]+$/, 'an address');
  const port = Number(read('BANK_SIMULATOR_PORT', '8001', /^\d{1,5}$/, 'a port, 0 to 65535'));
  const dataFile = read('BANK_SIMULATOR_DATA', '', /^/, 'a path');
  refuse(port > 65_535, `BANK_SIMULATOR_PORT (${port}) must be a port, 0 to 65535.`);
  refuse(
    !isAbsolute(dataFile),
    dataFile === ''
      ? 'BANK_SIMULATOR_DATA is missing: the absolute path of the file that holds the ledger.'
      : `BANK_SIMULATOR_DATA (${dataFile}) must be an absolute path.`,
  );
  return { host, port, dataFile };
}

type Work = Pick<Settings, 'delayMsMin' | 'delayMsMax' | 'successRate' | 'seed'>;

function readWork(read: Read, refuse: Refuse): Work {
  const seconds = /^\d{1,4}(\.\d{1,6})?$/;
  const delayMin = Number(read('BANK_SIMULATOR_MIN_DELAY', '2', seconds, 'seconds, 0 to 3600'));
  const delayMax = Number(read('BANK_SIMULATOR_MAX_DELAY', '10', seconds, 'seconds, 0 to 3600'));
  const successRate = Number(
    read('BANK_SIMULATOR_SUCCESS_RATE', '0.9', /^[01](\.\d{1,9})?$/, 'a share, 0 to 1'),
  );
  const seed = read('BANK_SIMULATOR_SEED', 'none', /^(none|\d{1,9})$/, 'up to 9 digits');
  refuse(delayMin > 3600, `BANK_SIMULATOR_MIN_DELAY (${delayMin}) must be seconds, 0 to 3600.`);
  refuse(delayMax > 3600, `BANK_SIMULATOR_MAX_DELAY (${delayMax}) must be seconds, 0 to 3600.`);
  refuse(
    delayMin > delayMax,
    `BANK_SIMULATOR_MIN_DELAY (${delayMin}) is above BANK_SIMULATOR_MAX_DELAY (${delayMax}).`,
  );
  refuse(successRate > 1, `BANK_SIMULATOR_SUCCESS_RATE (${successRate}) must be a share, 0 to 1.`);
  return {
    delayMsMin: delayMin * 1000,
    delayMsMax: delayMax * 1000,
    successRate,
    seed: seed === 'none' ? null : Number(seed),
  };
}

function readLogging(read: Read, refuse: Refuse): Pick<Settings, 'logLevel' | 'logFormat'> {
  const logLevel = read('LOG_LEVEL', 'info', /^/, 'a level');
  const logFormat = read('LOG_FORMAT', 'auto', /^(auto|json|pretty)$/, 'auto, json or pretty');
  refuse(
    !logLevels.includes(logLevel),
    `LOG_LEVEL (${logLevel}) must be one of ${logLevels.join(', ')}.`,
  );
  return {
    logLevel,
    logFormat: logFormat === 'json' || logFormat === 'pretty' ? logFormat : 'auto',
  };
}

/** `none`, the name of a scenario, or what may be posted to /control/scenario. */
function readScenario(text: string): ParsedRules {
  if (text === 'none') return { rules: [] };
  const parsed = parseRules(/^[[{]/.test(text) ? parseJson(text) : { scenario: text });
  return 'fault' in parsed ? { fault: `BANK_SIMULATOR_SCENARIO: ${parsed.fault}.` } : parsed;
}

function readTarget(url: string, secret: string): ParsedTarget {
  const retryDelaysMs = [1000, 5000, 25_000];
  if (url === 'none') return { target: { url: null, secret, retryDelaysMs } };
  if (!isCallbackUrl(url))
    return {
      fault: `BANK_SIMULATOR_CALLBACK_URL (${url}) must be an http or https address, or none.`,
    };
  if (secret === '')
    return { fault: 'BANK_WEBHOOK_SECRET is missing: callbacks are signed with it.' };
  return { target: { url, secret, retryDelaysMs } };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Tells whether it is the one that is wanted, and nothing else. */
function fingerprint(secret: string): string {
  if (secret === '') return 'none';
  return `sha256:${createHash('sha256').update(secret).digest('hex').slice(0, 12)}`;
}
