import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Backlog } from './backlog.ts';

describe('backlog', () => {
  /** A broker with so many messages, or none that answers, and a clock that stands. */
  function openBacklog(first: number | null) {
    const broker = { messages: first, questions: 0 };
    const time = { ms: 10_000 };
    const clock = { now: () => time.ms, monotonic: () => time.ms };
    const backlog = new Backlog(clock, async () => {
      broker.questions++;
      return broker.messages;
    });
    return { broker, time, backlog };
  }

  test('counts messages while it does not know how many payments they name', async () => {
    const { backlog } = openBacklog(7);
    assert.equal(await backlog.count(), 7);
  });

  test('multiplies by what messages named on average', async () => {
    const { backlog, broker, time } = openBacklog(0);
    await backlog.count();
    for (const payments of [10, 20, 30]) backlog.sent(payments);
    assert.equal(await backlog.count(), 60);
    broker.messages = 5;
    time.ms += 1_000;
    assert.equal(await backlog.count(), 100);
  });

  test('adds what this process sent and takes off what it took, and is never negative', async () => {
    const { backlog } = openBacklog(0);
    await backlog.count();
    backlog.sent(10);
    backlog.taken(10);
    assert.equal(await backlog.count(), 0);
    backlog.taken(10);
    assert.equal(await backlog.count(), 0);
    backlog.handedBack(10);
    assert.equal(await backlog.count(), 0);
    backlog.handedBack(10);
    assert.equal(await backlog.count(), 10);
  });

  test('asks the broker once a second at most, however many want to know', async () => {
    const { backlog, broker, time } = openBacklog(3);
    await Promise.all([backlog.count(), backlog.count(), backlog.count()]);
    await backlog.count();
    assert.equal(broker.questions, 1);
    time.ms += 999;
    await backlog.count();
    assert.equal(broker.questions, 1);
    time.ms += 1;
    await Promise.all([backlog.count(), backlog.count()]);
    assert.equal(broker.questions, 2);
  });

  test('keeps the last answer while the broker gives none, and asks no more often', async () => {
    const { backlog, broker, time } = openBacklog(3);
    await backlog.count();
    broker.messages = null;
    time.ms += 1_000;
    assert.equal(await backlog.count(), 3);
    assert.equal(await backlog.count(), 3);
    assert.equal(broker.questions, 2);
  });

  test('forgets slowly what messages named long ago', async () => {
    const { backlog, broker, time } = openBacklog(0);
    for (let i = 0; i < 10_000; i++) backlog.taken(1);
    for (let i = 0; i < 40_000; i++) backlog.taken(100);
    broker.messages = 1;
    time.ms += 1_000;
    assert.ok((await backlog.count()) > 95);
  });
});
