import assert from 'node:assert/strict';
import { type Database, statement } from '../../src/db/database.ts';
import type { PaymentKind } from '../../src/payments/states.ts';
import { type Answer, idOf, type TestClient, type TestUser } from './client.ts';
import { type Proven, proveMoney, withOwner } from './proof.ts';
import type { Draws } from './random.ts';
import { until } from './wait.ts';

/**
 * Many customers at once, each of whom asks again with the same key until there is an answer: what
 * a well-behaved client does while a gateway dies and comes back.
 */
export interface Load {
  /** Answers so far; grows while the load runs. */
  readonly answered: readonly Acknowledged[];
  /** Every request has its answer. */
  readonly done: Promise<void>;
}

/** The client's own record: what it asked, and what it was told first. */
export interface Acknowledged {
  readonly user: TestUser;
  readonly order: Order;
  readonly answer: Answer;
}

export interface Order {
  readonly key: string;
  readonly kind: PaymentKind;
  readonly amount: string;
}

export interface LoadOptions {
  readonly users: readonly TestUser[];
  readonly payments: number;
  readonly draws: Draws;
  /** Requests under way at one time. */
  readonly lanes: number;
}

/** The bank carries this one out whatever its success rate. */
export const surelyPaid = '7771.01';

/** One after the other, so that a test can count what its preparations have set off. */
export async function registerFunded(client: TestClient, count: number): Promise<TestUser[]> {
  const users: TestUser[] = [];
  for (let index = 0; index < count; index++) {
    const user = await client.register();
    await user.fund(surelyPaid);
    users.push(user);
  }
  return users;
}

export function startLoad(options: LoadOptions): Load {
  const { users, payments, draws, lanes } = options;
  const answered: Acknowledged[] = [];
  const orders = Array.from({ length: payments }, (_, index) => drawOrder(draws, index));
  const waiting = orders.map((order, index) => ({ order, user: at(users, index % users.length) }));
  const runLane = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { user, order } = next;
      answered.push({ user, order, answer: await payUntilAnswered(user, order) });
    }
  };
  const done = Promise.all(Array.from({ length: lanes }, runLane)).then(() => {});
  // Awaited by the test when it is ready for it; until then a failure must not end the process.
  done.catch(() => {});
  return { answered, done };
}

function drawOrder(draws: Draws, index: number): Order {
  const kind = draws.share() < 0.5 ? 'deposit' : 'withdrawal';
  // One in twenty asks for more than anybody here has: a refusal must survive as well.
  const isTooMuch = kind === 'withdrawal' && draws.share() < 0.1;
  const minor = isTooMuch ? draws.whole(9_000_000, 9_999_999) : draws.whole(1, 9_999);
  return { key: `load-${index}`, kind, amount: formatMinor(minor) };
}

const formatMinor = (minor: number): string =>
  `${Math.floor(minor / 100)}.${String(minor % 100).padStart(2, '0')}`;

/** 503 and a broken connection say nothing about the payment: the same key finds out. */
function payUntilAnswered(user: TestUser, { key, kind, amount }: Order): Promise<Answer> {
  return until(
    async () => {
      const answer = await user.pay(kind, amount, { key });
      if (answer.status === 503) throw new Error(answer.text);
      return answer;
    },
    { what: `an answer to ${key}`, deadlineMs: 40_000, everyMs: 50 },
  );
}

export interface ConvergeOptions {
  readonly ownerUrl: string;
  readonly simulatorUrl: string;
  readonly load: Load;
}

/**
 * After the crash: every accepted payment ends, one payment for each key, the first answer is
 * repeated to the byte, and the money is where both books say.
 */
export async function proveConverged({
  ownerUrl,
  simulatorUrl,
  load,
}: ConvergeOptions): Promise<Proven> {
  await load.done;
  await untilSettled(ownerUrl);
  await withOwner(ownerUrl, (database) => proveKeys(database, load.answered));
  await proveReplays(load.answered);
  return proveMoney({ ownerUrl, simulatorUrl, settled: true });
}

const unfinished = statement<{ count: bigint }>(
  'load_unfinished',
  'SELECT count(*) AS count FROM payment_state WHERE due_at IS NOT NULL',
);

const hintsHastened = statement<{}>(
  'load_hints_hastened',
  `UPDATE payment_state SET due_at = contact_at
    WHERE due_at > contact_at AND contact_at <= clock_timestamp()`,
);

/**
 * A hint that died with its process is sent again when its payment is due, 30 s later. That moment
 * is brought forward here, once: nothing else is touched, and nobody waits for half a minute.
 */
export async function untilSettled(ownerUrl: string, deadlineMs = 30_000): Promise<void> {
  await withOwner(ownerUrl, async (database) => {
    await database.query(hintsHastened, []);
    await until(
      async () => {
        const [row] = await database.query(unfinished, []);
        return row?.count === 0n ? true : null;
      },
      { what: 'every payment to reach its end', deadlineMs, everyMs: 50 },
    );
  });
}

const idsByKey = statement<{ user_id: string; key: string; ids: string[] }>(
  'load_ids_by_key',
  `SELECT user_id, idempotency_key AS key, array_agg(id::text) AS ids
     FROM payments GROUP BY user_id, idempotency_key`,
);

async function proveKeys(database: Database, answered: readonly Acknowledged[]): Promise<void> {
  const rows = await database.query(idsByKey, []);
  const ids = new Map(rows.map((row) => [`${row.user_id} ${row.key}`, row.ids]));
  for (const { user, order, answer } of answered) {
    assert([202, 400].includes(answer.status), `${order.key} was answered: ${answer.text}`);
    const expected = [idOf(answer)];
    assert.deepEqual(ids.get(`${user.id} ${order.key}`), expected, `${order.key} is one payment`);
  }
}

async function proveReplays(answered: readonly Acknowledged[]): Promise<void> {
  const replays = await Promise.all(
    answered.map(({ user, order }) => user.pay(order.kind, order.amount, { key: order.key })),
  );
  replays.forEach((replay, index) => {
    const { order, answer } = at(answered, index);
    assert.equal(replay.headers['idempotent-replayed'], 'true', `${order.key} is a replay`);
    assert.deepEqual([replay.status, replay.text], [answer.status, answer.text], order.key);
  });
}

function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new Error(`no item ${index} of ${items.length}`);
  return item;
}
