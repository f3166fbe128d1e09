import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import { startLoadedCluster, untilAnswers } from '../support/cluster-load.ts';
import { findFakeTime, wrongClock } from '../support/fake-time.ts';
import type { Settings } from '../support/gateway-home.ts';
import { proveConverged } from '../support/load.ts';

/**
 * Leases, deadlines and due times are the database's; a worker counts on its monotonic clock. What
 * its wall clock says does not matter.
 */
const library = findFakeTime();
const payments = 150;

test('K1 a worker three hours ahead and one three hours behind change nothing', async (t) => {
  if ('missing' in library) return t.skip(library.missing);
  const clocks = ['+3h', '-3h'].map((is) => wrongClock(library.library, { is }));
  await payWith(t, clocks, async (untilAnswered) => untilAnswered(payments));
});

test('K2 a worker whose clock steps back and forth changes nothing', async (t) => {
  if ('missing' in library) return t.skip(library.missing);
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-clock-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'offset');
  writeFileSync(file, '+0\n');
  await payWith(t, [wrongClock(library.library, { file })], async (untilAnswered) => {
    for (const [step, offset] of ['-3h', '+3h', '-1d', '+0'].entries()) {
      await untilAnswered((step + 1) * 30);
      writeFileSync(file, `${offset}\n`);
    }
  });
});

/** No worker but these; the bank fails one time in ten, so there is asking again, and waiting. */
async function payWith(
  t: TestContext,
  clocks: readonly Settings[],
  during: (untilAnswered: (count: number) => Promise<unknown>) => Promise<unknown>,
): Promise<void> {
  const { cluster, people, startLoad, proof } = await startLoadedCluster(t, {
    workers: 1,
    env: { BANK_SIMULATOR_SUCCESS_RATE: '0.9' },
  });
  for (const clock of clocks) await cluster.addWorker({ ...clock, LOG_LEVEL: 'debug' });
  await cluster.workers[0]?.stop();
  const load = startLoad(payments);
  await during((count) => untilAnswers(load, count));
  const { succeeded, failed } = await proveConverged({ ...proof, load });
  assert.equal(succeeded + failed, people.length + payments);
  for (const worker of cluster.workers.slice(1)) {
    const offsets = worker.log().map((line) => hoursOff(String(line['time'])));
    assert(
      offsets.some((hours) => hours >= 2),
      `${worker.name} had the right time`,
    );
  }
}

const hoursOff = (time: string): number =>
  Math.round(Math.abs(Date.parse(time) - systemClock.now()) / 3_600_000);
