import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { statement } from '../../src/db/database.ts';
import type { KillPoint } from '../../src/runtime/kill-point.ts';
import { openClient } from '../support/client.ts';
import { startTestGateway } from '../support/gateway.ts';
import { proveConverged, registerFunded, startLoad } from '../support/load.ts';
import { withOwner } from '../support/proof.ts';
import { openDraws } from '../support/random.ts';

/** Funded one by one before the load: each passes every point about once. */
const users = 5;
/** So many groups, or payments, of the load have passed the point when the process dies at it. */
const groupsBefore = 3;
const paymentsBefore = 60;

const cases: readonly (readonly [fault: string, KillPoint, hit: number])[] = [
  ['A1 killed before the accept commits', 'accept.before_commit', users + groupsBefore],
  ['A2 killed between commit and answer', 'accept.after_commit', users + groupsBefore],
  ['A3 killed between commit and publish', 'dispatch.before_publish', users + groupsBefore],
  ['A4 killed just after a publish', 'dispatch.after_publish', users + groupsBefore],
  ['W1 killed before the bank is called', 'execute.after_claim', users + paymentsBefore],
  ['W2 killed after the bank has answered', 'execute.after_bank', users + paymentsBefore],
  ['W3 killed before the settle commits', 'settle.before_commit', users + groupsBefore],
  ['W4 killed after the settle commit', 'settle.after_commit', users + groupsBefore],
];

for (const [fault, point, hit] of cases) {
  test(`${fault}: nothing accepted is lost, nothing is paid twice`, async (t) => {
    const lostClaims = await dieAndRecover(t, `${point}:${hit}`);
    // Whoever dies with a claim in hand must show it; elsewhere it depends on the moment.
    if (fault.startsWith('W') && point !== 'settle.after_commit') assert(lostClaims > 0);
  });
}

async function dieAndRecover(t: TestContext, killPoint: string): Promise<number> {
  const gateway = await startTestGateway(t, {
    env: { KILL_POINT: killPoint, BANK_SIMULATOR_SUCCESS_RATE: '0.9' },
  });
  const client = openClient(gateway.url);
  t.after(client.close);
  const load = startLoad({
    users: await registerFunded(client, users),
    payments: 200,
    lanes: 40,
    draws: openDraws(t),
  });
  const ended = await gateway.ended();
  assert.deepEqual(ended, { code: null, signal: 'SIGKILL' }, 'the kill point was reached');
  await gateway.restart({ KILL_POINT: '' });
  const { succeeded, failed } = await proveConverged({ ...gateway, load });
  assert.equal(succeeded + failed, users + load.answered.length);
  const lost = await withOwner(gateway.ownerUrl, (database) => database.query(afterLostClaims, []));
  for (const { id, contact } of lost)
    assert.equal(contact, 'inquire', `${id}: nobody knew whether the lost claim had submitted`);
  return lost.length;
}

/**
 * The attempts that follow a claim that died. A claim takes a fence and its settlement spends the
 * next, so attempts are numbered 1, 3, 5, …; a wider gap is a claim that nobody settled.
 */
const afterLostClaims = statement<{ id: string; contact: string }>(
  'after_lost_claims',
  `SELECT id, contact FROM (
     SELECT payment_id AS id, contact, fence,
            coalesce(lag(fence) OVER (PARTITION BY payment_id ORDER BY fence), -1) AS before
       FROM attempts) a
    WHERE fence > before + 2`,
);
