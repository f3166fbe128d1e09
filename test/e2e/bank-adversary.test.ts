import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { statement } from '../../src/db/database.ts';
import { type BankControl, type BankRule, openBankControl } from '../support/bank-control.ts';
import { type Answer, idOf, openClient, type TestUser } from '../support/client.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { untilSettled } from '../support/load.ts';
import { countSubmits, listMovements, proveMoney, withOwner } from '../support/proof.ts';
import { until } from '../support/wait.ts';

/** A gateway of several processes or one, a user with funds, and a bank that obeys the test. */
interface Scene {
  readonly gateway: TestGateway;
  readonly control: BankControl;
  readonly user: TestUser;
}

async function openScene(
  t: TestContext,
  env: Readonly<Record<string, string>> = {},
): Promise<Scene> {
  const gateway = await startTestGateway(t, { env });
  const client = openClient(gateway.url);
  t.after(client.close);
  const control = await openBankControl(gateway.simulatorUrl);
  const user = await client.register();
  await user.fund('1000.00');
  return { gateway, control, user };
}

/** One payment of each kind while the bank behaves so. */
async function payBoth({ control, user }: Scene, ...rules: readonly BankRule[]): Promise<Answer[]> {
  await control.setScenario(...rules);
  return Promise.all([user.deposit('3.00'), user.withdraw('2.00')]);
}

const attemptsOf = statement<{ told: string }>(
  'adversary_attempts',
  `SELECT contact || ' ' || outcome AS told FROM attempts WHERE payment_id = $1 ORDER BY fence`,
);

async function toldOf(gateway: TestGateway, answer: Answer): Promise<readonly string[]> {
  const rows = await withOwner(gateway.ownerUrl, (database) =>
    database.query(attemptsOf, [idOf(answer)]),
  );
  return rows.map(({ told }) => told);
}

/** For the first submit of both; then the bank is an ordinary one. */
const firstSubmits = (scenario: string, more: Partial<BankRule> = {}): BankRule => ({
  scenario,
  calls: 'submits',
  count: 2,
  ...more,
});

test('a bank whose word is lost', async (t) => {
  const scene = await openScene(t, { BANK_BREAKER_FAILURES: '0' });
  await movedAndUnsaid(t, scene);
  await neverMoved(t, scene);
  await movedLate(t, scene);
  await wrongAnswers(t, scene);
});

async function movedAndUnsaid(t: TestContext, scene: Scene): Promise<void> {
  const { gateway, user } = scene;
  for (const [row, scenario] of [
    ['W6', 'timeout-moved'],
    ['W6', 'silent-moved'],
    ['W6', 'server-error-moved'],
    ['W10', 'drip'],
    ['W10', 'cut'],
    ['W10', 'hang-up'],
    ['W10', 'garbled'],
    ['W10', 'huge'],
    ['W10', 'wrong-amount'],
    ['W10', 'wrong-currency'],
    ['W10', 'wrong-reference'],
  ] as const)
    await t.test(
      `${row} ${scenario}: the money moved once, and the payment ends as SUCCESS`,
      async () => {
        const more = scenario === 'drip' ? { drip_ms: 5_000 } : {};
        const answers = await payBoth(scene, firstSubmits(scenario, more));
        for (const answer of answers) {
          assert.equal((await user.untilFinal(answer)).status, 'SUCCESS');
          assert.deepEqual(await toldOf(gateway, answer), ['submit unknown', 'inquire approved']);
          assert.equal(await countSubmits(gateway.simulatorUrl, idOf(answer)), 1);
        }
        await proveMoney({ ...gateway, settled: true });
      },
    );
}

async function neverMoved(t: TestContext, scene: Scene): Promise<void> {
  const { gateway, user } = scene;
  for (const scenario of ['timeout-not-moved', 'silent-not-moved', 'server-error'])
    await t.test(`W7 ${scenario}: nothing moved, the same reference is sent again`, async () => {
      const answers = await payBoth(scene, firstSubmits(scenario));
      const expected = ['submit unknown', 'inquire not_found', 'submit approved'];
      for (const answer of answers) {
        assert.equal((await user.untilFinal(answer)).status, 'SUCCESS');
        assert.deepEqual(await toldOf(gateway, answer), expected);
      }
      await proveMoney({ ...gateway, settled: true });
    });
}

async function movedLate(t: TestContext, scene: Scene): Promise<void> {
  const { gateway, control, user } = scene;
  for (const scenario of ['late', 'late-after-inquiry'])
    await t.test(`W8 ${scenario}: executed after "not found", and once only`, async () => {
      const rule = firstSubmits(scenario, { late_ms: 400 });
      const answers = await payBoth(scene, rule);
      for (const answer of answers) {
        assert.equal((await user.untilFinal(answer)).status, 'SUCCESS');
        const told = await toldOf(gateway, answer);
        assert.deepEqual(told.slice(0, 2), ['submit unknown', 'inquire not_found']);
        assert.match(told.at(-1) ?? '', / approved$/);
      }
      // The late one has arrived by then: it finds its reference known.
      await until(async () => (await control.describe())['late'] === 0, {
        what: 'the late submits',
      });
      await proveMoney({ ...gateway, settled: true });
    });
}

async function wrongAnswers(t: TestContext, scene: Scene): Promise<void> {
  const { gateway, user } = scene;
  await t.test('W10 answers to questions go wrong as well: asked again', async () => {
    const scenarios = ['garbled', 'wrong-amount', 'cut', 'server-error-moved'];
    for (const scenario of scenarios) {
      const answers = await payBoth(scene, firstSubmits('silent-moved'), {
        scenario,
        calls: 'inquiries',
        count: 3,
      });
      for (const answer of answers)
        assert.equal((await user.untilFinal(answer)).status, 'SUCCESS', scenario);
    }
    await proveMoney({ ...gateway, settled: true });
  });

  await t.test(
    'W10 surplus bytes behind a true answer: it counts, and the socket is given up',
    async () => {
      const answers = await payBoth(scene, firstSubmits('surplus'));
      for (const answer of answers) {
        assert.equal((await user.untilFinal(answer)).status, 'SUCCESS');
        // Whatever undici makes of it: never another payment's answer.
        const told = await toldOf(gateway, answer);
        assert.match(told.at(-1) ?? '', / approved$/);
      }
      await proveMoney({ ...gateway, settled: true });
    },
  );
}

test('W9 a bank without deduplication: no payment is ever submitted twice', async (t) => {
  const scene = await openScene(t, {
    BANK_DEDUPLICATION_WINDOW_HOURS: '0',
    BANK_BREAKER_FAILURES: '0',
    BANK_INQUIRY_DELAYS_SECONDS: '0.05,0.1',
    // 1.8 s.
    PAYMENT_DEADLINE_HOURS: '0.0005',
  });
  const { gateway, control, user } = scene;
  const share = (scenario: string): BankRule => ({ scenario, calls: 'submits', share: 0.15 });
  const scenarios = [
    'timeout-moved',
    'silent-moved',
    'timeout-not-moved',
    'silent-not-moved',
    'unavailable',
    'garbled',
  ];
  await control.setScenario({ scenario: 'dup-charges' }, ...scenarios.map(share));
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, index) =>
      user.pay(index % 2 === 0 ? 'deposit' : 'withdrawal', '1.00'),
    ),
  );
  const ends = await Promise.all(
    answers.map((answer) =>
      until(
        async () => {
          const { status } = await user.read(answer);
          return ['SUCCESS', 'FAILED', 'PENDING_REVIEW'].includes(status) ? status : null;
        },
        { what: 'an end, or review', deadlineMs: 30_000, everyMs: 100 },
      ),
    ),
  );
  for (const answer of answers)
    assert.ok((await countSubmits(gateway.simulatorUrl, idOf(answer))) <= 1);
  const inReview = ends.filter((status) => status === 'PENDING_REVIEW').length;
  assert.ok(ends.includes('SUCCESS'));
  t.diagnostic(`${inReview} of ${ends.length} wait for a human`);
  await proveMoney({ ...gateway, settled: true, inReview });
});

const breakersOf = statement<{ state: string }>(
  'adversary_breakers',
  `SELECT breakers -> 'simulator' ->> 'state' AS state FROM workers WHERE role <> 'api'`,
);

test('W11 ten seconds of outage: the breaker opens, calls stay within the budget, the backlog drains', async (t) => {
  const scene = await openScene(t, { BANK_BREAKER_OPEN_SECONDS: '1' });
  const { gateway, control, user } = scene;
  const outageMs = 10_000;
  await control.setScenario({ scenario: 'outage-503', for_ms: outageMs });
  const before = await control.countCalls();
  const endsAt = performance.now() + outageMs;
  const answers: Answer[] = [];
  while (performance.now() < endsAt - 500) {
    answers.push(...(await Promise.all([1, 2, 3, 4].map(() => user.deposit('1.00')))));
    await until(() => performance.now() > endsAt - outageMs + 25 * answers.length, {
      what: 'the next arrivals',
    });
  }
  const [told] = await withOwner(gateway.ownerUrl, (database) => database.query(breakersOf, []));
  assert.ok(told !== undefined && told.state !== 'closed', `heartbeats say ${told?.state}`);
  const after = await control.countCalls();
  const calls = after.submits + after.inquiries - before.submits - before.inquiries;
  assert.ok(
    gateway.log().some((line) => line['breaker'] === 'open'),
    'the breaker opened',
  );
  // Of each of two workers at most: the five that open it and what was in flight by then (arrivals
  // of a tenth of a second), one inquiry a second, and one trial after each second of being open.
  const budget = 2 * (5 + 20 + 2 * (outageMs / 1_000));
  t.diagnostic(`${answers.length} payments, ${calls} calls during the outage`);
  assert.ok(calls <= budget, `${calls} calls, the budget is ${budget}`);
  await untilSettled(gateway.ownerUrl, 60_000);
  for (const answer of answers) assert.equal((await user.read(answer)).status, 'SUCCESS');
  await proveMoney({ ...gateway, settled: true });
});

test('W12 a slow bank: calls end by their deadline, quick payments pass the slow ones', async (t) => {
  const scene = await openScene(t, { BANK_BREAKER_FAILURES: '0', BANK_IN_FLIGHT_MAX: '40' });
  const { gateway, control, user } = scene;
  await control.setScenario({ scenario: 'slow', calls: 'submits', count: 20, slow_ms: 4_000 });
  const slow = await Promise.all(Array.from({ length: 20 }, () => user.deposit('1.00')));
  await until(async () => (await control.countCalls()).submits >= 20, { what: 'the slow calls' });
  const quick = await Promise.all(Array.from({ length: 20 }, () => user.deposit('2.00')));
  const quickEnds = await Promise.all(quick.map((answer) => user.untilFinal(answer)));
  assert.ok(quickEnds.every(({ status }) => status === 'SUCCESS'));
  const slowNow = await Promise.all(slow.map((answer) => user.read(answer)));
  assert.ok(
    slowNow.some(({ status }) => status === 'PROCESSING'),
    'the slow ones are behind',
  );
  for (const answer of slow) {
    assert.equal((await user.untilFinal(answer, 20_000)).status, 'SUCCESS');
    assert.equal((await toldOf(gateway, answer))[0], 'submit unknown');
  }
  assert.equal((await listMovements(gateway.simulatorUrl)).length, 41);
  await proveMoney({ ...gateway, settled: true });
});
