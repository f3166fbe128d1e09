import type { TestContext } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import type { Database } from '../../src/db/database.ts';
import { newWorkerId, type UserId } from '../../src/ids.ts';
import { openKillPoints } from '../../src/runtime/kill-point.ts';
import { type Deliver, openDeliver } from '../../src/webhooks/deliver.ts';
import type { DeliveryPolicy } from '../../src/webhooks/deliver-options.ts';
import {
  createEndpoint,
  type EndpointWish,
  type FreshSecret,
} from '../../src/webhooks/endpoints.ts';
import { openGuard, type ResolveName } from '../../src/webhooks/guard.ts';
import { openSeal, type Seal } from '../../src/webhooks/seal.ts';
import { openSender } from '../../src/webhooks/send.ts';
import { silentLog } from './books.ts';
import { until } from './wait.ts';

const hourMs = 3_600_000;

export const deliveryPolicy: DeliveryPolicy = {
  timeoutMs: 15_000,
  delaysMs: [5_000, 300_000, 1_800_000].concat([2, 5, 10, 14, 20, 24].map((h) => h * hourMs)),
  inFlightMax: 200,
  endpointInFlightMax: 8,
  disableAfterMs: 120 * hourMs,
};

export interface TestWebhooks {
  readonly seal: Seal;
  readonly deliver: Deliver;
  readonly endpoint: (userId: UserId, wish: Partial<EndpointWish>) => Promise<FreshSecret>;
  /** Looks again and again until nothing is due, and waits for what is under way. */
  readonly deliverAll: () => Promise<void>;
}

export interface TestWebhooksOptions {
  readonly policy?: Partial<DeliveryPolicy>;
  readonly resolveName?: ResolveName;
  readonly random?: () => number;
}

/** The delivery of one process, by hand: nothing is sent unless the test says so. */
export function openTestWebhooks(
  t: TestContext,
  database: Database,
  { policy = {}, resolveName = async () => [], random = () => 0.5 }: TestWebhooksOptions = {},
): TestWebhooks {
  const rules = { allowHttp: false, allowLoopback: true, ports: [443] };
  const guard = openGuard(rules, resolveName);
  const seal = openSeal({ key: 'a key of thirty-two characters!!', previousKey: '' });
  const whole = { ...deliveryPolicy, ...policy };
  const deliver = openDeliver({
    database,
    sender: openSender({ guard, timeoutMs: whole.timeoutMs }),
    seal,
    clock: systemClock,
    random,
    log: silentLog,
    worker: newWorkerId(),
    reach: openKillPoints(''),
    policy: whole,
  });
  t.after(() => deliver.stop());
  return {
    seal,
    deliver,
    endpoint: async (userId, wish) => {
      const full = { url: 'https://example.com/', description: null, eventTypes: null, ...wish };
      const by = { actor: 'system', requestId: 'test', reason: null };
      const made = await createEndpoint({ database, guard, seal }, { userId, wish: full }, by);
      if (made.kind !== 'created') throw new Error(`no endpoint was made: ${JSON.stringify(made)}`);
      return made;
    },
    deliverAll: async () => {
      while ((await deliver.deliverOnce()) === 'again');
      await until(() => deliver.load() === 0, {
        what: 'the deliveries under way to end',
        deadlineMs: 30_000,
      });
    },
  };
}
