import assert from 'node:assert/strict';
import { request } from 'undici';
import { type Database, statement } from '../../src/db/database.ts';
import { openDatabase } from '../../src/db/external.ts';
import { audit } from '../../src/ledger/audit.ts';
import { openLog } from '../../src/telemetry/log.ts';

/**
 * The end of every crash, stress and concurrency test: the books are right by themselves, and the
 * bank, who keeps its own, says the same.
 */
export interface ProofOptions {
  readonly ownerUrl: string;
  readonly simulatorUrl: string;
  /** False while payments are under way: then only what has ended is held against the bank. */
  readonly settled: boolean;
  /** So many wait for a human in the end: 0 unless the test says so. */
  readonly inReview?: number;
}

export interface Proven {
  readonly succeeded: number;
  readonly failed: number;
  readonly unfinished: number;
}

export async function proveMoney(options: ProofOptions): Promise<Proven> {
  return withOwner(options.ownerUrl, async (database) => {
    // The bank first: what it moves from now on may be missing from its list, never the other way.
    const movements = await listMovements(options.simulatorUrl);
    const payments = await database.query(everyPayment, []);
    const breaks = await database.query(everyBreak, []);
    const report = await audit(database);
    assert.deepEqual(report.faults, [], 'the audit of the books finds nothing');
    holdAgainstBank({ payments, breaks }, movements, options.settled);
    const count = (status: string): number =>
      payments.filter((payment) => payment.status === status).length;
    const [succeeded, failed] = [count('SUCCESS'), count('FAILED')];
    const unfinished = payments.length - succeeded - failed;
    const { settled, inReview = 0 } = options;
    if (settled) assert.equal(count('PENDING_REVIEW'), inReview, 'so many are for a human');
    if (settled) assert.equal(unfinished, inReview, 'every payment has reached its end');
    return { succeeded, failed, unfinished };
  });
}

interface PaymentFacts {
  readonly reference: string;
  readonly kind: string;
  readonly amount: bigint;
  readonly currency: string;
  readonly status: string;
  readonly bank_transaction_id: string | null;
}

const everyPayment = statement<PaymentFacts>(
  'proof_payments',
  // Transfers and corrections are no bank's business.
  `SELECT replace(p.id::text, '-', '') AS reference, p.kind, p.amount, p.currency, s.status,
          s.bank_transaction_id
     FROM payments p JOIN payment_state s ON s.payment_id = p.id WHERE p.bank IS NOT NULL`,
);

interface BreakFacts {
  readonly reference: string;
  readonly bank_amount: bigint;
}

const everyBreak = statement<BreakFacts>(
  'proof_breaks',
  `SELECT replace(payment_id::text, '-', '') AS reference, bank_amount
     FROM breaks WHERE payment_id IS NOT NULL`,
);

/** Every movement is one SUCCESS payment of that amount, or a break says what the bank moved. */
function holdAgainstBank(
  { payments, breaks }: Recorded,
  movements: readonly Movement[],
  settled: boolean,
): void {
  const byReference = new Map(payments.map((payment) => [payment.reference, payment]));
  const moved = Map.groupBy(movements, (movement) => movement.reference);
  const isBreak = (reference: string): boolean =>
    breaks.some(
      (one) => one.reference === reference && one.bank_amount === sumOf(moved.get(reference) ?? []),
    );
  for (const [reference, [movement, ...more]] of moved) {
    const payment = byReference.get(reference);
    assert(payment !== undefined, `the bank moved ${reference}, which is no payment of ours`);
    if (isBreak(reference) || movement === undefined) continue;
    assert(more.length === 0, `the bank moved ${reference} twice`);
    const { kind, amount, currency } = movement;
    const asked = [payment.kind, payment.amount.toString(), payment.currency];
    assert.deepEqual([kind, amount, currency], asked, `the bank moved ${reference} as asked`);
    const isBooked = payment.status === 'SUCCESS';
    const isOpen = payment.status === 'PENDING_REVIEW' || !settled;
    const mayComeYet = isOpen && payment.status !== 'FAILED';
    assert(isBooked || mayComeYet, `the bank moved ${reference}, we call it ${payment.status}`);
  }
  // While payments are under way the list may be older than the books.
  if (!settled) return;
  for (const { reference, status, bank_transaction_id } of payments) {
    if (status !== 'SUCCESS' || isBreak(reference)) continue;
    const movement = moved.get(reference)?.[0];
    assert(movement !== undefined, `${reference} is SUCCESS and the bank never moved it`);
    assert.equal(bank_transaction_id, movement.bank_transaction_id, `${reference} names its move`);
  }
}

/** Minor units into our books (negative: out of them), as breaks have it. */
function sumOf(movements: readonly Movement[]): bigint {
  return movements.reduce(
    (sum, { kind, amount }) => sum + (kind === 'deposit' ? BigInt(amount) : -BigInt(amount)),
    0n,
  );
}

interface Recorded {
  readonly payments: readonly PaymentFacts[];
  readonly breaks: readonly BreakFacts[];
}

export interface Movement {
  readonly sequence: number;
  readonly reference: string;
  readonly kind: string;
  readonly amount: string;
  readonly currency: string;
  readonly bank_transaction_id: string;
}

export async function listMovements(simulatorUrl: string): Promise<readonly Movement[]> {
  const all: Movement[] = [];
  for (let after = 0; ; ) {
    const path = `/v1/movements?after=${after}&limit=1000`;
    const { body } = await request(simulatorUrl + path, { reset: true });
    // Proven by docs/bank-contract.md and its conformance suite.
    const page = (await body.json()) as {
      readonly movements: readonly Movement[];
      readonly next_after: number;
    };
    if (page.movements.length === 0) return all;
    all.push(...page.movements);
    after = page.next_after;
  }
}

/** How often the bank was asked to carry out one payment. */
export async function countSubmits(simulatorUrl: string, paymentId: string): Promise<number> {
  const path = `/v1/stats?reference=${paymentId.replaceAll('-', '')}`;
  const { body } = await request(simulatorUrl + path, { reset: true });
  const stats: unknown = await body.json();
  assert(typeof stats === 'object' && stats !== null && 'reference_submits' in stats);
  return Number(stats.reference_submits);
}

/** One for all: each log would leave a listener on this process. */
const log = openLog({ level: 'silent', format: 'json', process: 'test' });

/** The tables as their owner sees them, for as long as `work` takes. */
export async function withOwner<T>(
  ownerUrl: string,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const database = await openDatabase({
    url: ownerUrl,
    connectionsMax: 2,
    groupConnections: 1,
    log,
  });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
