import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { contradictions } from './config-contradictions.ts';
import { type Settings, settings } from './config-table.ts';
import { readSettings } from './settings.ts';

export interface Config extends Settings {
  /** DATA_DIR, absolute. */
  readonly dataDir: string;
}

/** Says every fault at once, each in one sentence that names the setting. */
export class ConfigRefused extends Error {
  override readonly name = 'ConfigRefused';
}

/** The environment, completed (never overridden) by `.env` in the working directory. */
export function environment(): Readonly<Record<string, string | undefined>> {
  if (existsSync('.env')) process.loadEnvFile('.env');
  return process.env;
}

/** @throws ConfigRefused */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const { values, faults } = readSettings(settings, env);
  if (faults.length === 0) faults.push(...contradictions(values));
  if (faults.length > 0) throw new ConfigRefused(faults.join('\n'));
  return { ...values, dataDir: resolve(values.DATA_DIR) };
}
