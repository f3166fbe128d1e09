import assert from 'node:assert/strict';
import { test } from 'node:test';
import { present } from '../../src/assert.ts';
import { verifyAuditLog } from '../../src/audit-log/verify.ts';
import { statement } from '../../src/db/database.ts';
import { bankReference, parseId } from '../../src/ids.ts';
import { demoUsers } from '../../src/users/seed.ts';
import { callbackBody, postCallback } from '../support/bank-callbacks.ts';
import { type BankControl, openBankControl } from '../support/bank-control.ts';
import {
  type Answer,
  expectStatus,
  type HttpCall,
  idOf,
  openClient,
  type TestUser,
} from '../support/client.ts';
import { startTestGateway } from '../support/gateway.ts';
import { listMovements, proveMoney, withOwner } from '../support/proof.ts';
import { until } from '../support/wait.ts';

/** Whatever was submitted is lost on the way back, and no inquiry brings it. */
const silence = (bank: BankControl): Promise<void> =>
  bank.setScenario(
    { scenario: 'timeout-moved', calls: 'submits' },
    { scenario: 'server-error', calls: 'inquiries' },
  );

const inReview = (user: TestUser, accepted: Answer): Promise<unknown> =>
  until(async () => (await user.read(accepted)).status === 'PENDING_REVIEW', {
    what: 'review',
    deadlineMs: 20_000,
  });

const breaksOf = statement<{ kind: string; state: string; bank_amount: bigint }>(
  'review_story_breaks',
  'SELECT kind, state, bank_amount FROM breaks WHERE payment_id = $1',
);

test('unknown, in review, resolved as failed, and then the bank says it was paid: a break, and nothing is overwritten', async (t) => {
  const env = {
    RATE_LIMIT_ENABLED: 'false',
    BANK_BREAKER_FAILURES: '0',
    BANK_INQUIRY_DELAYS_SECONDS: '0.2',
    // 1.8 s.
    PAYMENT_DEADLINE_HOURS: '0.0005',
  };
  const gateway = await startTestGateway(t, { env });
  const client = openClient(gateway.url);
  t.after(client.close);
  const bank = await openBankControl(gateway.simulatorUrl);
  const user = await client.register();
  const operate = await signIn(client.send);

  await silence(bank);
  const [decided, asked] = [await user.deposit('10.00'), await user.deposit('20.00')];
  await Promise.all([decided, asked].map((accepted) => inReview(user, accepted)));
  const taskOf = async (accepted: Answer) => {
    const path = `/api/v1/failed-tasks?reason=REVIEW&payment_id=${idOf(accepted)}`;
    const { body } = await operate({ method: 'GET', path });
    // Proven by the route's schema.
    const [task] = body['items'] as readonly { id: string; state: string; closed_by: string }[];
    return present(task, 'what is in review is a failed task');
  };
  assert.equal((await taskOf(decided)).state, 'open');

  const path = `/api/v1/transactions/${idOf(decided)}/resolve`;
  const decision = { outcome: 'failed', reason: 'no record of it', evidence: 'a mail' };
  const answers = await Promise.all(
    [1, 2].map(() => operate({ method: 'POST', path, body: decision })),
  );
  assert.deepEqual(
    answers.map(({ status }) => status).toSorted((a, b) => a - b),
    [200, 409],
  );
  const failed = await user.untilFinal(decided);
  assert.deepEqual([failed.status, failed.error_code], ['FAILED', 'RESOLVED_AS_FAILED']);
  assert.match((await taskOf(decided)).closed_by, /^user:/);

  // The other one is asked about again, once the bank answers.
  await bank.setScenario();
  const requeue = `/api/v1/failed-tasks/${(await taskOf(asked)).id}/requeue`;
  expectStatus(await operate({ method: 'POST', path: requeue, body: {} }), 200);
  assert.equal((await user.untilFinal(asked)).status, 'SUCCESS');
  assert.equal((await taskOf(asked)).closed_by, 'system');

  const id = present(parseId<'payment'>(idOf(decided)), 'an accepted payment has an id');
  const movements = await listMovements(gateway.simulatorUrl);
  assert.ok(movements.some(({ reference }) => reference === bankReference(id)));
  for (let nth = 0; nth < 2; nth += 1) await postCallback(gateway.url, callbackBody(id));
  assert.equal((await user.read(decided)).status, 'FAILED');
  assert.equal((await user.balance()).balance, '20.00');
  await withOwner(gateway.ownerUrl, async (database) => {
    const breaks = await database.query(breaksOf, [id]);
    assert.deepEqual(breaks, [{ kind: 'contradiction', state: 'open', bank_amount: 1000n }]);
    const { rows, faults } = await verifyAuditLog(database);
    assert.deepEqual([rows, faults], [2, []]);
  });
  await proveMoney({ ...gateway, settled: true });
});

/** As the demo operator of CREDENTIALS.md. */
async function signIn(
  send: (call: HttpCall) => Promise<Answer>,
): Promise<(call: HttpCall) => Promise<Answer>> {
  const operator = present(
    demoUsers.find(({ role }) => role === 'operator'),
    'there is a demo operator',
  );
  const { email, password } = operator;
  const body = { email, password };
  const answer = await send({ method: 'POST', path: '/api/v1/auth/login', body });
  expectStatus(answer, 200);
  const authorization = `Bearer ${String(answer.body['access_token'])}`;
  return (call) => send({ ...call, headers: { authorization } });
}
