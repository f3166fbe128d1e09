import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { readMemory } from '../../bench/cpu.ts';
import { type Database, statement } from '../../src/db/database.ts';
import { type Answer, idOf, openClient, type TestUser } from '../support/client.ts';
import { startTestGateway } from '../support/gateway.ts';
import { registerFunded, untilSettled } from '../support/load.ts';
import { proveMoney, withOwner } from '../support/proof.ts';
import { type TestMode, testMode, testModes } from '../support/test-mode.ts';
import { until } from '../support/wait.ts';

/** What the bank lets through: so many calls at one time, each this long. */
const inFlightMax = 10;
const bankDelaySeconds = 0.1;
const capacityPerSecond = inFlightMax / bankDelaySeconds;
const offeredPerSecond = 3 * capacityPerSecond;
const overloadMs = 8_000;
const backlogMax = 150;
/** The backlog is counted every second or some more: what arrives until then comes on top. */
const unfinishedMax = backlogMax + 3 * offeredPerSecond;
/** A collapse leaves a tenth; a test machine that is busy itself must not look like one. */
const finishedPerSecondMin = capacityPerSecond / 3;
const growthMbMax = 200;
const users = 5;

/** Also with servers between its parts, which have room for a backlog of their own. */
const modes = [...new Set([testMode(), 'distributed'] as const)];

for (const name of modes)
  test(`A10 three times what it can do, from clients who do not wait: it does what it can, ${name}`, (t) =>
    proveOverload(t, testModes[name]));

async function proveOverload(t: TestContext, mode: TestMode): Promise<void> {
  // Each has a share of the bank, so that the capacity is the same in every mode.
  const workers = mode.roles.filter((role) => role !== 'api').length;
  const gateway = await startTestGateway(t, {
    mode,
    env: {
      BANK_IN_FLIGHT_MAX: String(inFlightMax / workers),
      BANK_SIMULATOR_MIN_DELAY: String(bankDelaySeconds),
      BANK_SIMULATOR_MAX_DELAY: String(bankDelaySeconds),
      BACKLOG_MAX: String(backlogMax),
      ACCEPT_WAITING_MAX: '50',
    },
  });
  const client = openClient(gateway.url);
  t.after(client.close);
  const people = await registerFunded(client, users);
  const before = readMemory(gateway.pid());
  const overload = await withOwner(gateway.ownerUrl, (database) => offer(people, database));
  const { nowMb } = readMemory(gateway.pid());
  const accepted = overload.answers.filter(({ status }) => status === 202);
  const refused = overload.answers.filter(({ status }) => status !== 202);
  t.diagnostic(
    `${accepted.length} accepted, ${refused.length} refused, ${overload.reads.length} reads, ` +
      `${Math.round(overload.finishedPerSecond)} finished a second, at most ` +
      `${overload.unfinished} under way, ${Math.round(nowMb - before.nowMb)} MB more`,
  );

  for (const answer of refused) proveRefusal(answer);
  for (const read of overload.reads) assert.equal(read.status, 200, read.text);
  assert(refused.length > overload.answers.length / 4, 'the load was more than it could take');
  assert(overload.unfinished <= unfinishedMax, 'the backlog is bounded');
  assert(nowMb - before.nowMb < growthMbMax, 'so is the memory');
  assert(overload.finishedPerSecond > finishedPerSecondMin, 'and it does not work less for it');

  await untilSettled(gateway.ownerUrl);
  const { succeeded, failed } = await proveMoney({ ...gateway, settled: true });
  assert.equal(succeeded + failed, users + accepted.length, 'a refused one was not taken');
  const rows = await withOwner(gateway.ownerUrl, (database) => database.query(everyId, []));
  const known = new Set(rows.map(({ id }) => id));
  assert(accepted.every((answer) => known.has(idOf(answer))));
  await until(
    async () => (await client.register()).deposit('1.00').then(({ status }) => status === 202),
    {
      what: 'payments to be welcome again',
      everyMs: 100,
    },
  );
}

interface Overload {
  readonly answers: readonly Answer[];
  readonly reads: readonly Answer[];
  readonly finishedPerSecond: number;
  /** The most that were under way when we looked. */
  readonly unfinished: number;
}

/** Sends on schedule whatever becomes of what was sent before; looks at the books beside it. */
async function offer(people: readonly TestUser[], database: Database): Promise<Overload> {
  const posts: Promise<Answer>[] = [];
  const reads: Promise<Answer>[] = [];
  const counts: Counts[] = [];
  const startedAt = performance.now();
  await until(
    async () => {
      const elapsedMs = performance.now() - startedAt;
      for (; posts.length < (elapsedMs / 1_000) * offeredPerSecond; )
        posts.push(personAt(people, posts.length).deposit('1.00'));
      if (elapsedMs / readEveryMs > reads.length) {
        reads.push(readBalance(personAt(people, reads.length)));
        counts.push(await countNow(database));
      }
      return elapsedMs >= overloadMs;
    },
    { what: 'the overload to be over', everyMs: 20, deadlineMs: 2 * overloadMs },
  );
  return {
    answers: await Promise.all(posts),
    reads: await Promise.all(reads),
    finishedPerSecond: rateOf(counts),
    unfinished: Math.max(...counts.map(({ unfinished }) => unfinished)),
  };
}

const readEveryMs = 100;

function personAt(people: readonly TestUser[], index: number): TestUser {
  const person = people[index % people.length];
  assert(person !== undefined);
  return person;
}

function readBalance(user: TestUser): Promise<Answer> {
  return user.send({ method: 'GET', path: `/api/v1/users/${user.id}/balance` });
}

/** A refusal says when to come again. */
function proveRefusal({ status, text, body, headers }: Answer): void {
  assert.equal(status, 503, text);
  assert.equal(body['code'], 'overloaded', text);
  assert.match(String(headers['retry-after']), /^[1-9]\d*$/);
}

interface Counts {
  readonly atMs: number;
  readonly finished: number;
  readonly unfinished: number;
}

/** Over the second half: by then the backlog has been full for a while. */
function rateOf(counts: readonly Counts[]): number {
  const [from, to] = [counts[Math.floor(counts.length / 2)], counts.at(-1)];
  assert(from !== undefined && to !== undefined && to.atMs > from.atMs);
  return ((to.finished - from.finished) * 1_000) / (to.atMs - from.atMs);
}

const finishedCounts = statement<{ finished: bigint; unfinished: bigint }>(
  'overload_counts',
  `SELECT count(*) FILTER (WHERE due_at IS NULL) AS finished, count(due_at) AS unfinished
     FROM payment_state`,
);

async function countNow(database: Database): Promise<Counts> {
  const [row] = await database.query(finishedCounts, []);
  assert(row !== undefined);
  const { finished, unfinished } = row;
  return {
    atMs: performance.now(),
    finished: Number(finished),
    unfinished: Number(unfinished),
  };
}

const everyId = statement<{ id: string }>('overload_every_id', 'SELECT id FROM payments');
