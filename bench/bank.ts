import { join } from 'node:path';
import { request } from 'undici';
import { readPort, startChild } from './child.ts';
import type { Closing } from './closing.ts';

/** One answer of the simulated bank, as an object. */
export async function askBank(
  port: number,
  path: string,
): Promise<Readonly<Record<string, unknown>>> {
  const { body } = await request(`http://127.0.0.1:${port}${path}`);
  const answer: unknown = await body.json();
  if (typeof answer !== 'object' || answer === null) throw new Error(`${path}: not an object`);
  return { ...answer };
}

export interface BenchBank {
  readonly port: number;
  readonly pid: number;
}

/** Seconds; 0 and 0 is a bank without delay. */
export interface BankDelay {
  readonly min: number;
  readonly max: number;
}

/** A simulated bank that is nobody's child: of several processes, or of the control. */
export async function startBank(
  closing: Closing,
  dataDir: string,
  delay: BankDelay = { min: 0, max: 0 },
): Promise<BenchBank> {
  const child = startChild({
    program: '../simulator/main.ts',
    name: 'bank',
    closing,
    env: {
      BANK_SIMULATOR_PORT: '0',
      BANK_SIMULATOR_MIN_DELAY: String(delay.min),
      BANK_SIMULATOR_MAX_DELAY: String(delay.max),
      BANK_SIMULATOR_SUCCESS_RATE: '1',
      BANK_SIMULATOR_DATA: join(dataDir, 'bank.sqlite'),
      LOG_LEVEL: 'warn',
    },
  });
  return { port: await child.receive(readPort), pid: child.pid };
}

export interface Movement {
  readonly reference: string;
  readonly kind: string;
  /** As the bank writes it. */
  readonly amount: string;
  readonly currency: string;
}

/** What the bank says it executed after `after`, page by page. */
export async function* movementsOf(port: number, after: number): AsyncGenerator<MovementPage> {
  for (let from = after; ; ) {
    const answer = await askBank(port, `/v1/movements?after=${from}&limit=1000`);
    // Proven by the bank's contract; the money check compares every field with ours.
    const movements = answer['movements'] as readonly Movement[];
    if (movements.length === 0) return;
    from = Number(answer['next_after']);
    yield { movements, lastSequence: from };
  }
}

export interface MovementPage {
  readonly movements: readonly Movement[];
  readonly lastSequence: number;
}
