import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { present } from '../../src/assert.ts';
import { statement } from '../../src/db/database.ts';
import { bankReference, type PaymentId, parseId } from '../../src/ids.ts';
import {
  bankSecret,
  callbackBody,
  postCallback,
  signCallback,
  unixNow,
} from '../support/bank-callbacks.ts';
import { type BankControl, openBankControl } from '../support/bank-control.ts';
import { type Answer, idOf, openClient, type TestUser } from '../support/client.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { countSubmits, listMovements, proveMoney, withOwner } from '../support/proof.ts';
import { until } from '../support/wait.ts';

/** docs/bank-contract.md: each of these amounts forces the bank to behave in one way. */
const amounts = {
  timeoutMoved: '7771.06',
  timeoutNotMoved: '7771.07',
  callbackBefore: '7771.25',
  callbackAfter: '7771.26',
  callbackInstead: '7771.27',
  callbackNever: '7771.28',
  callbackFiveTimes: '7771.29',
  callbackOutOfOrder: '7771.30',
  callbackForged: '7771.31',
  callbackStale: '7771.32',
  callbackWrongAmount: '7771.33',
  declinedThenPaid: '7771.34',
  paidThenDeclined: '7771.35',
  paidNeverMoved: '7771.36',
} as const;

/** An unknown outcome stays so for this test: who asks the bank was told to by a callback. */
const patient = {
  BANK_INQUIRY_DELAYS_SECONDS: '3600',
  // Longer than the test waits for anything: whoever waits for a lease fails it.
  BANK_CALL_TIMEOUT_SECONDS: '60',
  PAYMENT_LEASE_SECONDS: '120',
};

/** A gateway, its bank that calls it back, and somebody with an account. */
interface Scene {
  readonly gateway: TestGateway;
  readonly bank: BankControl;
  readonly register: () => Promise<TestUser>;
}

async function openScene(t: TestContext, env: Readonly<Record<string, string>>): Promise<Scene> {
  const gateway = await startTestGateway(t, { env });
  const client = openClient(gateway.url);
  t.after(client.close);
  const bank = await openBankControl(gateway.simulatorUrl);
  const url = `${gateway.url}/webhooks/bank-callback`;
  await bank.aimCallbacks({ url, secret: bankSecret, retry_delays_ms: [] });
  return { gateway, bank, register: client.register };
}

function paymentIdOf(answer: Answer): PaymentId {
  return present(parseId<'payment'>(idOf(answer)), 'an accepted payment has an id');
}

const eventsOf = statement<{ type: string }>(
  'callback_story_events',
  'SELECT type FROM events WHERE payment_id = $1 ORDER BY version',
);
const attemptsOf = statement<{ contact: string; outcome: string }>(
  'callback_story_attempts',
  'SELECT contact, outcome FROM attempts WHERE payment_id = $1 ORDER BY fence',
);
const inboxOf = statement<{ verdict: string; times: number }>(
  'callback_story_inbox',
  'SELECT verdict, times FROM bank_callbacks WHERE payment_id = $1 ORDER BY received_at',
);
const breaksOf = statement<{ kind: string; bank_amount: bigint; booked_amount: bigint }>(
  'callback_story_breaks',
  'SELECT kind, bank_amount, booked_amount FROM breaks WHERE payment_id = $1',
);

interface Story {
  readonly events: readonly string[];
  readonly attempts: readonly string[];
  readonly inbox: readonly string[];
  readonly breaks: readonly (readonly [string, bigint, bigint])[];
  readonly submits: number;
  readonly movements: number;
}

async function storyOf({ gateway }: Scene, id: PaymentId): Promise<Story> {
  const movements = await listMovements(gateway.simulatorUrl);
  return withOwner(gateway.ownerUrl, async (database) => ({
    events: (await database.query(eventsOf, [id])).map((event) => event.type),
    attempts: (await database.query(attemptsOf, [id])).map(
      (one) => `${one.contact} ${one.outcome}`,
    ),
    inbox: (await database.query(inboxOf, [id])).map((one) => `${one.verdict} ${one.times}`),
    breaks: (await database.query(breaksOf, [id])).map(
      (one) => [one.kind, one.bank_amount, one.booked_amount] as const,
    ),
    submits: await countSubmits(gateway.simulatorUrl, id),
    movements: movements.filter(({ reference }) => reference === bankReference(id)).length,
  }));
}

/** Its outcome is unknown: the bank was asked, and answered nothing that we can use. */
async function untilUnknown(scene: Scene, accepted: Answer): Promise<PaymentId> {
  const id = paymentIdOf(accepted);
  await until(async () => (await storyOf(scene, id)).attempts.includes('submit unknown'), {
    what: 'the submit to be unknown',
  });
  return id;
}

const once = ['deposit.created', 'deposit.processing', 'deposit.succeeded'];

test('callbacks of a bank that can be asked', async (t) => {
  const scene = await openScene(t, patient);
  const user = await scene.register();
  await testRepeated(t, scene, user);
  await testEarly(t, scene, user);
  await testSpoilt(t, scene, user);
  await testAttacks(t, scene, user);
  await testContradictions(t, scene, user);
  await proveMoney({ ...scene.gateway, settled: true });
});

async function testRepeated(t: TestContext, scene: Scene, user: TestUser): Promise<void> {
  const { bank } = scene;
  await t.test('W13 one event five times at once: one transition', async () => {
    const accepted = await user.deposit(amounts.callbackFiveTimes);
    assert.equal((await user.untilFinal(accepted)).status, 'SUCCESS');
    const id = paymentIdOf(accepted);
    const sent = await bank.untilCallbacks(bankReference(id), 5);
    assert.deepEqual(
      sent.map((one) => one.answer_status),
      [200, 200, 200, 200, 200],
    );
    const story = await storyOf(scene, id);
    assert.deepEqual(story.events, once);
    assert.deepEqual(story.attempts, ['submit unknown', 'inquire approved']);
    assert.match(story.inbox.join(), /^(inquiry_due|agrees) 5$/);
    assert.deepEqual([story.submits, story.movements], [1, 1]);
  });

  await t.test('W13 events out of order: the bank is asked what holds now', async () => {
    const accepted = await user.deposit(amounts.callbackOutOfOrder);
    assert.equal((await user.untilFinal(accepted)).status, 'SUCCESS');
    const id = paymentIdOf(accepted);
    await bank.untilCallbacks(bankReference(id), 2);
    const story = await storyOf(scene, id);
    assert.deepEqual(story.events, once);
    assert.deepEqual(story.breaks, []);
  });
}

async function testEarly(t: TestContext, scene: Scene, user: TestUser): Promise<void> {
  const { bank } = scene;
  await t.test('W14 the callback before the answer: taken, and the answer settles', async () => {
    const accepted = await user.deposit(amounts.callbackBefore);
    assert.equal((await user.untilFinal(accepted)).status, 'SUCCESS');
    const story = await storyOf(scene, paymentIdOf(accepted));
    assert.deepEqual(story.events, once);
    assert.deepEqual(story.attempts, ['submit approved']);
    assert.deepEqual([story.submits, story.movements], [1, 1]);
  });

  await t.test('W14 the callback in place of an answer: nobody waits for the lease', async () => {
    const accepted = await user.deposit(amounts.callbackInstead);
    assert.equal((await user.untilFinal(accepted)).status, 'SUCCESS');
    const story = await storyOf(scene, paymentIdOf(accepted));
    assert.deepEqual(story.events, once);
    assert.deepEqual(story.attempts, ['inquire approved']);
    assert.deepEqual([story.submits, story.movements], [1, 1]);
  });

  await t.test('a callback after the answer agrees, and changes nothing', async () => {
    const accepted = await user.deposit(amounts.callbackAfter);
    assert.equal((await user.untilFinal(accepted)).status, 'SUCCESS');
    const id = paymentIdOf(accepted);
    await bank.untilCallbacks(bankReference(id), 1);
    const story = await storyOf(scene, id);
    assert.deepEqual(story.events, once);
    assert.deepEqual(story.attempts, ['submit approved']);
  });
}

async function testSpoilt(t: TestContext, scene: Scene, user: TestUser): Promise<void> {
  const { bank, gateway } = scene;
  await t.test('W16 forged: refused, and the payment fails as the bank answered', async () => {
    const accepted = await user.deposit(amounts.callbackForged);
    const payment = await user.untilFinal(accepted);
    assert.deepEqual([payment.status, payment.error_code], ['FAILED', 'INSUFFICIENT_FUNDS']);
    const id = paymentIdOf(accepted);
    const sent = await bank.untilCallbacks(bankReference(id), 1);
    assert.deepEqual(
      sent.map((one) => one.answer_status),
      [401],
    );
    const story = await storyOf(scene, id);
    assert.deepEqual([story.inbox, story.breaks, story.movements], [[], [], 0]);
  });

  await t.test('W16 stale: refused, kept, and nobody is asked', async () => {
    const accepted = await user.deposit(amounts.callbackStale);
    const id = await untilUnknown(scene, accepted);
    const sent = await bank.untilCallbacks(bankReference(id), 1);
    assert.deepEqual(
      sent.map((one) => one.answer_status),
      [400],
    );
    assert.deepEqual((await storyOf(scene, id)).attempts, ['submit unknown']);
    await showsUnknown(user, accepted);
    await endByCallback(scene, user, accepted);
  });

  await t.test('W16 S16 wrong amount: an alert and a break, no credit', async () => {
    const before = await user.balance();
    const accepted = await user.deposit(amounts.callbackWrongAmount);
    const id = await untilUnknown(scene, accepted);
    const sent = await bank.untilCallbacks(bankReference(id), 1);
    assert.deepEqual(
      sent.map((one) => one.answer_status),
      [409],
    );
    const story = await storyOf(scene, id);
    assert.deepEqual(story.breaks, [['amount_differs', 777_134n, 0n]]);
    assert.deepEqual(story.attempts, ['submit unknown']);
    assert.deepEqual(await user.balance(), before);
    await until(
      () => gateway.log().find((line) => line['level'] === 'error' && line['payment_id'] === id),
      { what: 'the operator to be told' },
    );
    await endByCallback(scene, user, accepted);
  });
}

async function testAttacks(t: TestContext, scene: Scene, user: TestUser): Promise<void> {
  const { gateway } = scene;
  await t.test("W16 another one's reference: the bank's word about that one counts", async () => {
    const other = await scene.register();
    const [mine, theirs] = await Promise.all([
      user.deposit(amounts.timeoutMoved),
      other.deposit(amounts.timeoutNotMoved),
    ]);
    const [myId, theirId] = [await untilUnknown(scene, mine), await untilUnknown(scene, theirs)];
    // With the money of mine.
    const crossed = callbackBody(theirId, { amount: '777106', currency: 'USD' });
    assert.equal((await postCallback(gateway.url, crossed)).status, 409);
    // With its own: a lie, for the bank has moved nothing yet.
    const lie = callbackBody(theirId, { amount: '777107', currency: 'USD' });
    assert.equal((await postCallback(gateway.url, lie)).status, 200);
    assert.equal((await other.untilFinal(theirs)).status, 'SUCCESS');
    const story = await storyOf(scene, theirId);
    assert.deepEqual(story.attempts, ['submit unknown', 'inquire not_found', 'submit approved']);
    assert.equal(story.movements, 1);
    assert.deepEqual((await storyOf(scene, myId)).attempts, ['submit unknown']);
    await endByCallback(scene, user, mine);
  });

  await t.test('W16 S15 re-serialised, doubly signed or replayed: no second effect', async () => {
    const accepted = await user.deposit(amounts.timeoutMoved);
    const id = await untilUnknown(scene, accepted);
    const body = callbackBody(id);
    const signature = signCallback(body);
    const spaced = JSON.stringify(JSON.parse(body), null, 1);
    const post = (text: string, signed: string | string[]) =>
      postCallback(gateway.url, text, { 'x-bank-signature': signed });
    assert.equal((await post(spaced, signature)).status, 401);
    assert.equal((await post(body, [signature, signature])).status, 401);
    assert.equal((await post(body, signature.toUpperCase())).status, 401);
    assert.deepEqual((await storyOf(scene, id)).attempts, ['submit unknown']);
    assert.equal((await post(body, signature)).status, 200);
    assert.equal((await user.untilFinal(accepted)).status, 'SUCCESS');
    const replayed = await post(body, signature);
    assert.deepEqual([replayed.status, replayed.body['duplicate']], [200, true]);
    const aged = callbackBody(id, { timestamp: unixNow() - 360 });
    assert.equal((await postCallback(gateway.url, aged)).status, 400);
    assert.deepEqual((await storyOf(scene, id)).events, once);
  });
}

async function testContradictions(t: TestContext, scene: Scene, user: TestUser): Promise<void> {
  const { bank } = scene;
  for (const [amount, status, sides] of [
    [amounts.declinedThenPaid, 'FAILED', [777_134n, 0n]],
    [amounts.paidThenDeclined, 'SUCCESS', [0n, 777_135n]],
    [amounts.paidNeverMoved, 'SUCCESS', [0n, 777_136n]],
  ] as const)
    await t.test(`W17 ${amount}: ${status}, then the opposite: a break, no overwrite`, async () => {
      const accepted = await user.deposit(amount);
      assert.equal((await user.untilFinal(accepted)).status, status);
      const before = await user.balance();
      const id = paymentIdOf(accepted);
      await bank.untilCallbacks(bankReference(id), 1);
      const story = await until(
        async () => {
          const told = await storyOf(scene, id);
          return told.breaks.length > 0 ? told : null;
        },
        { what: 'the break' },
      );
      assert.deepEqual(story.breaks, [['contradiction', ...sides]]);
      assert.equal((await user.read(accepted)).status, status);
      assert.deepEqual(await user.balance(), before);
      assert.equal(story.events.length, 3, 'one end');
    });
}

/** The owner is told that nobody knows, since when, and when the bank is asked next. */
async function showsUnknown(user: TestUser, accepted: Answer): Promise<void> {
  const { body } = await user.send({ method: 'GET', path: `/api/v1/deposits/${idOf(accepted)}` });
  assert.deepEqual([body['status'], body['outcome']], ['PROCESSING', 'unknown']);
  const inMs = Date.parse(String(body['next_inquiry_at'])) - Date.now();
  assert.ok(inMs > 2_000_000 && inMs < 4_400_000, `the next inquiry is in ${inMs} ms`);
  assert.match(JSON.stringify(body['evidence']), /"contact":"submit","outcome":"unknown"/);
  const health = await until(
    async () => {
      const answer = await user.send({ method: 'GET', path: '/health' });
      return answer.body['oldest_unknown_seconds'] === null ? null : answer.body;
    },
    { what: 'health to tell of it', deadlineMs: 15_000, everyMs: 500 },
  );
  assert.ok(Number(health['oldest_unknown_seconds']) < 60);
}

/** The truth at last, so that the payment ends. */
async function endByCallback({ gateway }: Scene, user: TestUser, accepted: Answer): Promise<void> {
  const { status } = await postCallback(gateway.url, callbackBody(paymentIdOf(accepted)));
  assert.equal(status, 200);
  assert.equal((await user.untilFinal(accepted)).status, 'SUCCESS');
}

test('W15 a callback that never comes: the schedule of inquiries ends the payment', async (t) => {
  const scene = await openScene(t, {});
  const user = await scene.register();
  const accepted = await user.deposit(amounts.callbackNever);
  assert.equal((await user.untilFinal(accepted)).status, 'SUCCESS');
  const id = paymentIdOf(accepted);
  const story = await storyOf(scene, id);
  assert.deepEqual(story.attempts, ['submit unknown', 'inquire approved']);
  assert.deepEqual([story.inbox, story.submits, story.movements], [[], 1, 1]);
  assert.deepEqual(await scene.bank.listCallbacks(bankReference(id)), []);
  await proveMoney({ ...scene.gateway, settled: true });
});
