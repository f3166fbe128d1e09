import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statement } from '../../src/db/database.ts';
import { openClient } from '../support/client.ts';
import { startTestGateway } from '../support/gateway.ts';
import { proveConverged, registerFunded, startLoad } from '../support/load.ts';
import { proveMoney, withOwner } from '../support/proof.ts';
import { openDraws } from '../support/random.ts';
import { until } from '../support/wait.ts';

const users = 20;
const payments = 2_000;

const outcomes = statement<{ outcome: string }>(
  'stress_outcomes',
  'SELECT DISTINCT outcome FROM attempts',
);

test('2,000 payments of 20 people at a bank that fails one time in ten', async (t) => {
  const gateway = await startTestGateway(t, { env: { BANK_SIMULATOR_SUCCESS_RATE: '0.9' } });
  const client = openClient(gateway.url);
  t.after(client.close);
  const people = await registerFunded(client, users);
  const startedAt = performance.now();
  const load = startLoad({ users: people, payments, lanes: 100, draws: openDraws(t) });
  // In the middle of it, too: the audit reads one moment, and in every moment the books are right.
  for (const answers of [200, 800, 1_400]) {
    await until(() => load.answered.length >= answers, {
      what: `${answers} answers`,
      everyMs: 1,
      deadlineMs: 30_000,
    });
    await proveMoney({ ...gateway, settled: false });
  }
  const { succeeded, failed } = await proveConverged({ ...gateway, load });
  assert.equal(succeeded + failed, users + payments);
  t.diagnostic(
    `${succeeded} succeeded, ${failed} failed, in ${Math.round(performance.now() - startedAt)} ms`,
  );
  const seen = await withOwner(gateway.ownerUrl, (database) => database.query(outcomes, []));
  const kinds = new Set(seen.map(({ outcome }) => outcome));
  for (const kind of ['approved', 'declined', 'not_found', 'retryable', 'unknown'])
    assert(kinds.has(kind), `the bank was never ${kind}`);
});
