import { join, sep } from 'node:path';
import type { Config } from '../config.ts';

const answerMs = 3_000;

/** What a process says of itself at /health; null where nobody answers. */
export interface Health {
  readonly status: string;
  /** 503 while something that it needs is away. */
  readonly isOk: boolean;
  readonly pid: number | null;
  readonly dataFile: string | null;
}

export async function readHealth(url: string): Promise<Health | null> {
  try {
    const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(answerMs) });
    const body: unknown = await response.json();
    const said = typeof body === 'object' && body !== null ? body : {};
    return {
      status: 'status' in said ? String(said.status) : `HTTP ${response.status}`,
      isOk: response.ok,
      pid: 'pid' in said && typeof said.pid === 'number' ? said.pid : null,
      dataFile: 'data_file' in said && typeof said.data_file === 'string' ? said.data_file : null,
    };
  } catch {
    return null;
  }
}

export const bankUrl = (config: Config): string =>
  config.BANK_URL === '' ? `http://127.0.0.1:${config.BANK_SIMULATOR_PORT}` : config.BANK_URL;

/** The simulated bank of this DATA_DIR; another instance's may listen on the same port. */
export async function readOwnSimulator(config: Config): Promise<Health | null> {
  if (config.BANK_URL !== '') return null;
  const health = await readHealth(bankUrl(config));
  const isOwn = health?.dataFile?.startsWith(join(config.dataDir, sep)) === true;
  return isOwn ? health : null;
}
