import { request } from 'undici';
import { until } from './wait.ts';

/**
 * The simulated bank's control endpoint (docs/bank-contract.md): how a test makes it misbehave, and
 * sees what it was asked and what it said. It goes by the control's own door, which stays open
 * while the bank refuses connections.
 */
export interface BankControl {
  /** In place of all rules there are; none is an ordinary bank. */
  readonly setScenario: (...rules: readonly BankRule[]) => Promise<void>;
  /** As it was started, and as if it had never been asked anything. Its books stay. */
  readonly reset: () => Promise<void>;
  readonly aimCallbacks: (target: CallbackAim) => Promise<void>;
  /** Every attempt at a callback, oldest first. */
  readonly listCallbacks: (reference?: string) => Promise<readonly SentCallback[]>;
  /** Waits until there are so many. */
  readonly untilCallbacks: (
    reference: string,
    count: number,
    deadlineMs?: number,
  ) => Promise<readonly SentCallback[]>;
  /** What it was asked about one reference, or altogether. */
  readonly countCalls: (reference?: string) => Promise<BankCalls>;
  /** Writes the day's statement files now, today's without a date, and says where they are. */
  readonly writeStatements: (date?: string) => Promise<{ date: string; files: readonly string[] }>;
  /** GET /control. */
  readonly describe: () => Promise<Readonly<Record<string, unknown>>>;
}

export interface BankRule {
  readonly scenario: string;
  readonly calls?: 'submits' | 'inquiries' | 'all';
  readonly kind?: 'deposit' | 'withdrawal' | 'refund';
  readonly count?: number;
  readonly share?: number;
  readonly seed?: number;
  readonly for_ms?: number;
  readonly slow_ms?: number;
  readonly late_ms?: number;
  readonly drip_ms?: number;
  readonly callback_delay_ms?: number;
}

export interface CallbackAim {
  readonly url?: string | null;
  readonly secret?: string;
  readonly retry_delays_ms?: readonly number[];
}

export interface SentCallback {
  readonly event_id: string;
  readonly reference: string;
  readonly status: string;
  readonly flaw: string;
  readonly attempt: number;
  readonly answer_status: number | null;
  readonly answer: string | null;
  readonly error: string | null;
}

export interface BankCalls {
  readonly submits: number;
  readonly inquiries: number;
}

export async function openBankControl(simulatorUrl: string): Promise<BankControl> {
  const started = await ask(simulatorUrl, 'GET', '/control');
  const url = String(started['control_url']);
  const post = async (path: string, body: unknown): Promise<void> => {
    await ask(url, 'POST', path, body);
  };
  const writeStatements = async (date?: string): Promise<{ date: string; files: string[] }> => {
    const written = await ask(
      url,
      'POST',
      '/control/statements',
      date === undefined ? {} : { date },
    );
    // Proven by the contract, and by the simulator's own tests.
    return written as { date: string; files: string[] };
  };
  const listCallbacks = async (reference?: string): Promise<readonly SentCallback[]> => {
    const { callbacks } = await ask(url, 'GET', `/control/callbacks${queryOf(reference)}`);
    // Proven by the contract, and by the simulator's own tests.
    return callbacks as readonly SentCallback[];
  };
  return {
    setScenario: (...rules) => post('/control/scenario', rules),
    reset: () => post('/control/reset', {}),
    aimCallbacks: (target) => post('/control/callbacks', target),
    listCallbacks,
    untilCallbacks: (reference, count, deadlineMs = 10_000) =>
      until(
        async () => {
          const sent = await listCallbacks(reference);
          return sent.length >= count ? sent : null;
        },
        { what: `${count} callbacks for ${reference}`, deadlineMs },
      ),
    countCalls: async (reference) => {
      const calls = await ask(url, 'GET', `/control/calls${queryOf(reference)}`);
      return { submits: Number(calls['submits']), inquiries: Number(calls['inquiries']) };
    },
    writeStatements,
    describe: () => ask(url, 'GET', '/control'),
  };
}

function queryOf(reference: string | undefined): string {
  return reference === undefined ? '' : `?reference=${reference}`;
}

/** @throws where the bank refuses it, in the bank's words */
async function ask(
  url: string,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
): Promise<Readonly<Record<string, unknown>>> {
  const text = body === undefined ? null : JSON.stringify(body);
  const answer = await request(url + path, { method, body: text, reset: true });
  // Proven by the contract: the control answers with objects.
  const answered = (await answer.body.json()) as Readonly<Record<string, unknown>>;
  if (answer.statusCode === 200) return answered;
  throw new Error(`${method} ${path}: ${answer.statusCode} ${String(answered['message'])}`);
}
