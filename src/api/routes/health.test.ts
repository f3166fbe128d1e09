import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestApi, type TestApi } from '../../../test/support/api.ts';
import { testStatuses } from '../../../test/support/api-refusals.ts';
import { until } from '../../../test/support/wait.ts';
import type { HealthReport } from '../server.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

const ok = { status: 'ok' } as const;
const away = { status: 'away', detail: 'no answer' } as const;
const report = (
  status: HealthReport['status'],
  dependencies: HealthReport['dependencies'],
  oldest: number | null = null,
): HealthReport => ({
  status,
  version: '1.2.3',
  dependencies,
  oldest_unknown_seconds: oldest,
});

const cases: readonly (readonly [number, string, HealthReport])[] = [
  [200, 'all is well', report('ok', { database: ok, bank: ok })],
  [200, 'an outcome is unknown', report('ok', { database: ok, bank: ok }, 3600)],
  [200, 'only the bank is away', report('degraded', { database: ok, bank: away })],
  [503, 'the database is away', report('degraded', { database: away, bank: ok })],
  [503, 'it is about to stop', report('stopping', { database: ok, bank: ok })],
];
for (const path of ['/health', '/health/ready']) {
  for (const [status, what, expected] of cases) {
    test(`${path} answers ${status} when ${what}, and says so`, async () => {
      api.use({ health: async () => expected });
      const response = await api.inject({ method: 'GET', url: path });
      assert.equal(response.statusCode, status);
      assert.deepEqual(response.json(), expected);
    });
  }
}

test('however many ask at once, the dependencies are asked once', async () => {
  const { promise, resolve } = Promise.withResolvers<HealthReport>();
  let looks = 0;
  const health = (): Promise<HealthReport> => {
    looks += 1;
    return promise;
  };
  api.use({ health });
  const urls = Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? '/health' : '/health/ready'));
  const answers = urls.map((url) => api.inject({ method: 'GET', url }));
  await until(() => looks > 0, { what: 'the first look' });
  resolve(report('ok', { database: ok }));
  for (const answer of await Promise.all(answers)) assert.equal(answer.statusCode, 200);
  assert.equal(looks, 1);
  await api.inject({ method: 'GET', url: '/health' });
  assert.equal(looks, 2);
});

test('/health/live asks nobody', async () => {
  api.use({ health: () => Promise.reject(new Error('nobody asks')) });
  const response = await api.inject({ method: 'GET', url: '/health/live' });
  assert.deepEqual([response.statusCode, response.json()], [200, { status: 'ok' }]);
});

testStatuses(() => api, 'GET /health');
testStatuses(() => api, 'GET /health/ready');
testStatuses(() => api, 'GET /health/live');
