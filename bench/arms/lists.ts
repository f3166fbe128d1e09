import type { Arm } from '../arm.ts';
import { measureRequests, rateOf } from '../measure.ts';
import { awaitDrained, seededBank } from '../money.ts';
import { insertPeople, withClient } from '../people.ts';
import { atMost, figure } from '../report.ts';
import { openWorld } from '../world.ts';

/** Its page costs what the page shows, not what lies behind it. */
export const lists: Arm = {
  name: 'lists',
  about: 'a page of a list of 1,000,000 payments ÷ of a list of one, p50',
  run: async (bench) => {
    // A gateway of its own: somebody here has a million payments.
    const { gateway, system, load, tokens } = await openWorld(bench, { people: 1 });
    const { isQuick, repeats, warmUpMs, windowMs } = bench.scale;
    const payments = isQuick ? 10_000 : 1_000_000;
    await seedRefusals(gateway.url('owner'), payments);
    // After the seeding, which is for whoever is there.
    const [newcomer] = await insertPeople(gateway.url('owner'), 1);
    await payOnce(system.port, newcomer ?? '');
    await awaitDrained(gateway);
    const p50 = async (token: string, limit: number): Promise<number> => {
      const path = `/api/v1/users/me/transactions?limit=${limit}`;
      const request = {
        method: 'GET',
        path,
        tokens: [token],
        body: null,
        keyPrefix: 'list',
      } as const;
      const job = { port: system.port, connections: 1, pace: { kind: 'closed' }, request } as const;
      const report = await measureRequests(load, { job, warmUpMs, windowMs: windowMs / 2 });
      rateOf(report, 200);
      return report.latencyMs.p50;
    };
    const [ofOne, ofMany, full]: [number[], number[], number[]] = [[], [], []];
    for (let n = 0; n < repeats; n++) {
      ofOne.push(await p50(newcomer ?? '', 1));
      ofMany.push(await p50(tokens[0] ?? '', 1));
      full.push(await p50(tokens[0] ?? '', 100));
    }
    const ratios = ofMany.map((value, n) => value / (ofOne[n] ?? Number.NaN));
    const many = payments.toLocaleString('en-US');
    return [
      figure(`list page of 1 at ${many} payments ÷ at 1, p50`, 'ratio', ratios, atMost(1.2)),
      figure('list page of 1 at 1 payment, p50', 'ms', ofOne),
      figure(`list page of 100 at ${many} payments, p50`, 'ms', full),
    ];
  },
};

/**
 * Withdrawals that were refused: the one kind of payment whose whole history is these two rows, so
 * a million of them are there in seconds. No money moved, and nothing here is asked about money.
 */
const seedSql = `
  WITH one AS (SELECT id, user_id FROM accounts WHERE user_id IS NOT NULL),
  asked AS (
    INSERT INTO payments (id, user_id, account_id, kind, currency, amount, bank, answer_version,
                          refusal, refusal_available, idempotency_key, request_id, created_at)
    SELECT uuidv7('-1 day'), user_id, one.id, 'withdrawal', 'USD', 100, '${seededBank}', 1,
           'INSUFFICIENT_FUNDS', 0, 'seed-' || i, 'seed-' || i, now()
      FROM one, generate_series($1::int, $2::int) i
    RETURNING id)
  INSERT INTO payment_state (payment_id, status, error_code, updated_at)
  SELECT id, 'FAILED', 'INSUFFICIENT_FUNDS', now() FROM asked`;

const chunkSize = 100_000;

async function seedRefusals(ownerUrl: string, payments: number): Promise<void> {
  await withClient(ownerUrl, async (client) => {
    for (let from = 1; from <= payments; from += chunkSize)
      await client.query(seedSql, [from, Math.min(from + chunkSize - 1, payments)]);
  });
}

async function payOnce(port: number, token: string): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/deposits`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'idempotency-key': 'lists',
    },
    body: '{"amount":"1.00"}',
  });
  if (response.status !== 202) throw new Error(`the one payment was answered ${response.status}`);
}
