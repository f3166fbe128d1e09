import { setTimeout as rest } from 'node:timers/promises';
import { settings } from '../../src/config-table.ts';
import { newDeliveryId, newEndpointId } from '../../src/ids.ts';
import { openSeal } from '../../src/webhooks/seal.ts';
import { newSigningSecret } from '../../src/webhooks/sign.ts';
import type { Arm } from '../arm.ts';
import { startChild } from '../child.ts';
import type { Closing } from '../closing.ts';
import { readTreeCpuMs } from '../cpu.ts';
import { withClient } from '../people.ts';
import { atMost, figure } from '../report.ts';
import { openWorld } from '../world.ts';

/** Receivers that hang, among 1,000, are nobody else's business. */
export const webhooks: Arm = {
  name: 'webhooks',
  about: 'deliveries to 1,000 endpoints; p99 while 100 of them hang ÷ while none does',
  run: async (bench) => {
    const { gateway, system } = await openWorld(bench, {
      people: 1,
      env: { WEBHOOK_ALLOW_LOOPBACK: 'true' },
    });
    const { isQuick, repeats, windowMs } = bench.scale;
    const ownerUrl = gateway.url('owner');
    const endpoints = await openEndpoints(ownerUrl, await startReceiver(bench.closing));
    const all = endpoints.filter((_, index) => index >= hangingCount);
    const burst = isQuick ? 1_000 : 20_000;
    const rates: number[] = [];
    const cpuMs: number[] = [];
    const [without, ratios]: [number[], number[]] = [[], []];
    for (let n = 0; n < repeats; n++) {
      const cpuBefore = readTreeCpuMs(system.pid);
      const startedAt = performance.now();
      await insertDue(ownerUrl, repeated(all, burst));
      await untilDelivered(ownerUrl, all);
      rates.push((burst / (performance.now() - startedAt)) * 1000);
      cpuMs.push((readTreeCpuMs(system.pid) - cpuBefore) / burst);
      const p99 = async (): Promise<number> => {
        await forget(ownerUrl);
        await trickle(ownerUrl, endpoints, windowMs);
        await untilDelivered(ownerUrl, all);
        return p99Of(ownerUrl, all);
      };
      await turn(ownerUrl, endpoints, '/ok');
      const fine = await p99();
      await turn(ownerUrl, endpoints, '/hang');
      const beside = await p99();
      await turn(ownerUrl, endpoints, '/ok');
      without.push(fine);
      ratios.push(beside / fine);
    }
    return [
      figure('webhook deliveries', 'per s', rates),
      figure('CPU per webhook delivery, gateway and PostgreSQL', 'ms', cpuMs),
      figure('webhook p99 from due to delivered, no receiver hangs', 'ms', without),
      figure('the same while 100 of 1,000 hang ÷ while none does', 'ratio', ratios, atMost(1.2)),
    ];
  },
};

const endpointsCount = 1_000;
const hangingCount = 100;
/** Each tenth of a second; far from what would make anybody wait. */
const trickleRows = 25;

async function startReceiver(closing: Closing): Promise<string> {
  const program = new URL('../../test/support/webhook-receiver-program.ts', import.meta.url);
  const child = startChild({ program, name: 'webhook receiver', closing });
  const port = await child.receive((message) =>
    typeof message === 'object' && message !== null && 'port' in message
      ? Number(message.port)
      : null,
  );
  return `http://127.0.0.1:${port}`;
}

async function openEndpoints(ownerUrl: string, receiver: string): Promise<readonly string[]> {
  const seal = openSeal({ key: settings.WEBHOOK_ENCRYPTION_KEY.fallback, previousKey: '' });
  const ids = Array.from({ length: endpointsCount }, () => newEndpointId());
  const secrets = ids.map((id) => seal.close(newSigningSecret(), id));
  await withClient(ownerUrl, (client) =>
    client.query(
      `INSERT INTO webhook_endpoints (id, user_id, url, secret, event_types, matches_since,
                                      created_at, updated_at)
       SELECT e.id, u.id, $3 || '/ok', decode(e.secret, 'hex'), '{endpoint.disabled}', now(), now(),
              now()
         FROM unnest($1::uuid[], $2::text[]) AS e (id, secret),
              (SELECT user_id AS id FROM accounts WHERE user_id IS NOT NULL LIMIT 1) u`,
      [ids, secrets, receiver],
    ),
  );
  return ids;
}

/** What the first of them do from now on. */
function turn(ownerUrl: string, endpoints: readonly string[], path: string): Promise<unknown> {
  return withClient(ownerUrl, (client) =>
    client.query(
      `UPDATE webhook_endpoints SET url = regexp_replace(url, '/\\w+$', $2), failing_since = NULL
        WHERE id = ANY($1::uuid[])`,
      [endpoints.slice(0, hangingCount), path],
    ),
  );
}

function repeated(endpoints: readonly string[], count: number): string[] {
  return Array.from({ length: count }, (_, index) => endpoints[index % endpoints.length] ?? '');
}

function insertDue(ownerUrl: string, endpoints: readonly string[]): Promise<unknown> {
  return withClient(ownerUrl, (client) => client.query(dueInsert, values(endpoints)));
}

const dueInsert = `
  INSERT INTO webhook_deliveries (id, endpoint_id, user_id, type, data, occurred_at, due_at)
  SELECT d.id, w.id, w.user_id, 'test.ping', '{}', clock_timestamp(), clock_timestamp()
    FROM unnest($1::uuid[], $2::uuid[]) AS d (id, endpoint_id)
    JOIN webhook_endpoints w ON w.id = d.endpoint_id`;

function values(endpoints: readonly string[]): unknown[] {
  return [endpoints.map(() => newDeliveryId()), endpoints];
}

/** A steady stream to all of them in turn. */
function trickle(ownerUrl: string, endpoints: readonly string[], forMs: number): Promise<void> {
  return withClient(ownerUrl, async (client) => {
    const stream = repeated(endpoints, Math.max(1_000, (forMs / 100) * trickleRows));
    // Through the list by a step that shares no factor with it: who hangs comes between the others.
    const mixed = stream.map((_, index) => stream[(index * 7) % endpoints.length] ?? '');
    for (let from = 0; from < mixed.length; from += trickleRows) {
      await client.query(dueInsert, values(mixed.slice(from, from + trickleRows)));
      await rest(100);
    }
  });
}

/** What came before is not counted, and what still hangs is not due. */
function forget(ownerUrl: string): Promise<unknown> {
  return withClient(ownerUrl, (client) =>
    client.query(`ALTER TABLE webhook_deliveries DISABLE TRIGGER no_removal;
                  DELETE FROM webhook_deliveries;
                  ALTER TABLE webhook_deliveries ENABLE TRIGGER no_removal`),
  );
}

async function untilDelivered(ownerUrl: string, endpoints: readonly string[]): Promise<void> {
  await withClient(ownerUrl, async (client) => {
    const endsAt = performance.now() + 120_000;
    for (;;) {
      const { rows } = await client.query<{ left: string }>(
        `SELECT count(*) AS left FROM webhook_deliveries
          WHERE state <> 'delivered' AND endpoint_id = ANY($1::uuid[])`,
        [endpoints],
      );
      if (rows[0]?.left === '0') return;
      if (performance.now() > endsAt) throw new Error(`${rows[0]?.left} webhooks did not arrive`);
      await rest(20);
    }
  });
}

async function p99Of(ownerUrl: string, endpoints: readonly string[]): Promise<number> {
  return withClient(ownerUrl, async (client) => {
    const { rows } = await client.query<{ p99: number }>(
      `SELECT percentile_cont(0.99) WITHIN GROUP (
                ORDER BY extract(epoch FROM ended_at - occurred_at) * 1000)::float8 AS p99
         FROM webhook_deliveries WHERE endpoint_id = ANY($1::uuid[])`,
      [endpoints],
    );
    return rows[0]?.p99 ?? Number.NaN;
  });
}
