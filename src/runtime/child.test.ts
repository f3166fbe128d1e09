import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../../test/support/books.ts';
import { until } from '../../test/support/wait.ts';
import { type Child, keepRunning } from './child.ts';

/** Every child has our own pid: one that is certainly alive, whoever it belongs to. */
function openChildren() {
  const ended: number[] = [];
  let started = 0;
  const start = async (): Promise<Child> => {
    started += 1;
    const number = started;
    return { pid: process.pid, stop: async () => void ended.push(number) };
  };
  return { start, started: () => started, ended };
}

test('a child whose pid is somebody else by now is started again', async () => {
  const children = openChildren();
  let mark: string | null = 'first';
  const options = { log: silentLog, markOf: () => mark };
  const service = await keepRunning('child', children.start, options);
  assert.equal(children.started(), 1);
  mark = 'somebody else';
  try {
    await until(async () => children.started() > 1, { what: 'another start', everyMs: 20 });
  } finally {
    await service.stop();
  }
  assert.deepEqual([children.started(), children.ended], [2, [2]]);
});

test('a child that lives is left alone, and one that has ended is not', async () => {
  const children = openChildren();
  const looks: (string | null)[] = ['first', 'first', 'first', null, 'second'];
  let looked = 0;
  const markOf = (): string | null => looks[Math.min(looked++, looks.length - 1)] ?? null;
  const service = await keepRunning('child', children.start, { log: silentLog, markOf });
  try {
    await until(async () => looked > looks.length, { what: 'all looks', everyMs: 20 });
  } finally {
    await service.stop();
  }
  assert.deepEqual([children.started(), children.ended], [2, [2]]);
});
