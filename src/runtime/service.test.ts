import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Service, stopAll } from './service.ts';

const never = (): Promise<void> => Promise.withResolvers<void>().promise;

function openOptions(wait: () => Promise<void> = never) {
  const errors: object[] = [];
  const log = { error: (fields: object) => errors.push(fields) };
  return { options: { deadlineMs: 1000, log, wait }, errors };
}

function openServices(names: readonly string[]) {
  const events: string[] = [];
  const services = names.map((name): Service => {
    return {
      name,
      stop: async () => {
        events.push(`stop ${name}`);
        await Promise.resolve();
        events.push(`${name} ended`);
      },
    };
  });
  return { services, events };
}

test('services stop in reverse order, each after the later one has ended', async () => {
  const { services, events } = openServices(['database', 'worker', 'api']);
  const { options } = openOptions();
  assert.deepEqual(await stopAll(services, options), { unfinished: [] });
  const expected = ['api', 'worker', 'database'].flatMap((name) => [
    `stop ${name}`,
    `${name} ended`,
  ]);
  assert.deepEqual(events, expected);
});

test('a service that cannot stop is named and does not keep the others running', async () => {
  const { services, events } = openServices(['database']);
  const broken: Service = { name: 'broken', stop: () => Promise.reject(new Error('no')) };
  const { options, errors } = openOptions();
  assert.deepEqual(await stopAll([...services, broken], options), { unfinished: ['broken'] });
  assert.deepEqual(events, ['stop database', 'database ended']);
  assert.equal(errors.length, 1);
});

test('past the deadline the rest is told to stop and nobody waits', async () => {
  const { services, events } = openServices(['database']);
  const stuck: Service = { name: 'stuck', stop: never };
  const deadline = Promise.withResolvers<void>();
  const { options } = openOptions(() => deadline.promise);
  const stopped = stopAll([...services, stuck], options);
  deadline.resolve();
  const { unfinished } = await stopped;
  assert.ok(unfinished.includes('stuck'));
  assert.equal(events[0], 'stop database');
});
