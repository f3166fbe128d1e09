import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandFor, openBooks, silentLog } from '../test/support/books.ts';
import { openJourney } from '../test/support/journey.ts';
import { approved, openScriptedBank } from '../test/support/scripted-bank.ts';
import { systemClock } from './clock.ts';
import { readConfig } from './config.ts';
import { openMemoryCoordination } from './coordination/memory.ts';
import { newWorkerId } from './ids.ts';
import { openSettling, startWork } from './journey.ts';
import { openEmbeddedQueue } from './queue/embedded.ts';
import type { Queue } from './queue/queue.ts';
import { type Service, stopAll } from './runtime/service.ts';

test('what a dead predecessor left is taken over, and nothing that this process has claimed', async (t) => {
  const books = await openBooks(t);
  const command = commandFor(await books.openAccount(1_000n));
  await openJourney(books.database).accept(command);
  const gate = Promise.withResolvers<void>();
  const bank = openScriptedBank({ submits: [approved], before: () => gate.promise });
  // A broker that outlived the predecessor hands over its messages at once.
  const queue: Queue = {
    ...openEmbeddedQueue(),
    consume: async (handle) => {
      await handle({ paymentIds: [command.id] });
      return { stop: async () => {} };
    },
  };
  const coordination = openMemoryCoordination(systemClock);
  const services: Service[] = [];
  const options = {
    config: readConfig({}),
    log: silentLog,
    clock: systemClock,
    ports: { database: books.database, queue, coordination, bank },
    worker: newWorkerId(),
    services,
  };
  await startWork(options, openSettling(options));
  const [row] = await books.sql(
    'SELECT fence, contact_at > clock_timestamp() AS leased FROM payment_state WHERE payment_id = $1',
    [command.id],
  );
  gate.resolve();
  await stopAll(services, { deadlineMs: 10_000, log: silentLog });
  assert.deepEqual(row, { fence: 1, leased: true });
  await books.assertAudited();
});
