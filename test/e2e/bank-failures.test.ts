import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PaymentBody } from '../../src/api/schemas.ts';
import { type Database, statement } from '../../src/db/database.ts';
import type { PaymentKind } from '../../src/payments/states.ts';
import { type Balance, idOf, openClient, type TestClient } from '../support/client.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { countSubmits, listMovements, proveMoney, withOwner } from '../support/proof.ts';

/** docs/bank-contract.md: each of these amounts forces the bank to behave in one way. */
const amounts = {
  fundsMissing: '7771.02',
  requestInvalid: '7771.03',
  unavailableAlways: '7771.04',
  unavailableTwice: '7771.05',
  timeoutMoved: '7771.06',
  timeoutNotMoved: '7771.07',
} as const;

/** What each of these users has before. */
const funds = '8000.00';

/** As in the gateway's settings of tests; each gap may be 20 % shorter. */
const retryDelaysMs = [50, 100, 200];
const shortest = 0.8;

test('the bank misbehaves', async (t) => {
  const gateway = await startTestGateway(t);
  const client = openClient(gateway.url);
  t.after(client.close);
  const pay = (kind: PaymentKind, amount: string): Promise<Story> =>
    payAndRead(gateway, client, kind, amount);

  await t.test('unavailable twice: paid at the third submit, with growing gaps', async () => {
    const story = await pay('deposit', amounts.unavailableTwice);
    assert.equal(story.payment.status, 'SUCCESS');
    assert.deepEqual(told(story), ['submit retryable', 'submit retryable', 'submit approved']);
    assertBackoff(story);
  });

  await t.test('unavailable always: failed after four submits, and a human is told', async () => {
    const story = await pay('withdrawal', amounts.unavailableAlways);
    assert.equal(story.payment.status, 'FAILED');
    assert.equal(story.payment.error_code, 'BANK_UNAVAILABLE');
    assert.deepEqual(told(story), Array(4).fill('submit retryable'));
    assertBackoff(story);
    assert.deepEqual(story.tasks, ['BANK_UNAVAILABLE']);
    assert.deepEqual(story.balance, { balance: funds, available: funds, held: '0.00' });
  });

  await t.test(
    'W6 timeout after the money moved: an inquiry ends it, nothing moves twice',
    async () => {
      const story = await pay('withdrawal', amounts.timeoutMoved);
      assert.equal(story.payment.status, 'SUCCESS');
      assert.deepEqual(told(story), ['submit unknown', 'inquire approved']);
      assert.equal(story.submits, 1);
      assert.equal(story.movements, 1);
      assert.equal(story.balance.balance, '228.94');
    },
  );

  for (const [amount, code] of [
    [amounts.fundsMissing, 'INSUFFICIENT_FUNDS'],
    [amounts.requestInvalid, 'INVALID_REQUEST'],
  ] as const) {
    await t.test(`declined with ${code}: failed at once, with the bank's word`, async () => {
      const story = await pay('withdrawal', amount);
      assert.deepEqual([story.payment.status, story.payment.error_code], ['FAILED', code]);
      assert.notEqual(story.payment.error_message, null);
      assert.deepEqual(told(story), ['submit declined']);
      assert.deepEqual([story.movements, story.tasks], [0, []]);
    });
  }

  await t.test('W7 timeout without a movement: asked, sent again, moved once', async () => {
    const story = await pay('deposit', amounts.timeoutNotMoved);
    assert.equal(story.payment.status, 'SUCCESS');
    assert.deepEqual(told(story), ['submit unknown', 'inquire not_found', 'submit approved']);
    assert.equal(story.movements, 1);
  });

  await proveMoney({ ...gateway, settled: true });
});

/** One payment of a new user, from all sides: the API, our tables, the bank. */
interface Story {
  readonly payment: PaymentBody;
  readonly attempts: readonly Attempt[];
  readonly tasks: readonly string[];
  readonly balance: Balance;
  /** As the bank counts them. */
  readonly submits: number;
  readonly movements: number;
}

interface Attempt {
  readonly contact: string;
  readonly outcome: string;
  readonly started_at: Date;
  readonly ended_at: Date;
}

const attemptsOf = statement<Attempt>(
  'story_attempts',
  `SELECT contact, outcome, started_at, ended_at FROM attempts
    WHERE payment_id = $1 ORDER BY fence`,
);
const tasksOf = statement<{ reason: string }>(
  'story_tasks',
  'SELECT reason FROM failed_tasks WHERE payment_id = $1 ORDER BY reason',
);

async function payAndRead(
  gateway: TestGateway,
  client: TestClient,
  kind: PaymentKind,
  amount: string,
): Promise<Story> {
  const user = await client.register();
  await user.fund(funds);
  const answer = await user.pay(kind, amount);
  const payment = await user.untilFinal(answer);
  const { id } = payment;
  const movements = await listMovements(gateway.simulatorUrl);
  return withOwner(gateway.ownerUrl, async (database: Database) => ({
    payment,
    attempts: await database.query(attemptsOf, [idOf(answer)]),
    tasks: (await database.query(tasksOf, [id])).map(({ reason }) => reason),
    balance: await user.balance(),
    submits: await countSubmits(gateway.simulatorUrl, id),
    movements: movements.filter(({ reference }) => reference === id.replaceAll('-', '')).length,
  }));
}

function told(story: Story): string[] {
  return story.attempts.map(({ contact, outcome }) => `${contact} ${outcome}`);
}

/** From the end of one submit to the start of the next. */
function assertBackoff({ attempts }: Story): void {
  attempts.slice(1).forEach((attempt, index) => {
    const gapMs = attempt.started_at.getTime() - (attempts[index]?.ended_at.getTime() ?? 0);
    const leastMs = (retryDelaysMs[index] ?? 0) * shortest;
    assert(gapMs >= leastMs, `submit ${index + 2} came after ${gapMs} ms, not before ${leastMs}`);
  });
}
