import { parseArgs } from 'node:util';
import { failedTaskBody } from '../api/failed-task-body.ts';
import { type Config, environment, readConfig } from '../config.ts';
import type { Database } from '../db/database.ts';
import { closeTask } from '../failed-tasks/close.ts';
import {
  type RequeueResult,
  requeueMax,
  requeueReason,
  requeueSentence,
  requeueTasks,
} from '../failed-tasks/requeue.ts';
import { selectFailedTask, selectFailedTasks } from '../failed-tasks/store.ts';
import { type FailedTaskId, parseId } from '../ids.ts';
import {
  doneHere,
  exit,
  misunderstood,
  printJson,
  printList,
  printOne,
  readCount,
  readText,
  refuse,
} from './command.ts';
import { withDatabase } from './database.ts';
import { resolveByDecision } from './failed-tasks/resolve.ts';

const usage = `failed-tasks list [--state open|closed] [--reason R] [--payment ID] [--limit N] [--json]
failed-tasks show ID [--json]
failed-tasks requeue ID... | --reason R [--limit N] [--note TEXT] [--json]
failed-tasks close ID --note TEXT
failed-tasks resolve PAYMENT --as succeeded|failed --reason TEXT [--bank-transaction-id ID]
                     [--evidence TEXT] [--json]`;

const actions: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  list,
  show,
  requeue,
  close,
  resolve: resolveByDecision,
};

/** `tollgate failed-tasks`: what an operator does with dead letters, on the server itself. */
export async function run([action = '', ...args]: readonly string[]): Promise<number> {
  return actions[action]?.(args) ?? misunderstood(usage);
}

const inDatabase = <T>(work: (database: Database, config: Config) => Promise<T>): Promise<T> => {
  const config = readConfig(environment());
  return withDatabase(config, 'failed-tasks', (database) => work(database, config));
};

async function list(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      state: { type: 'string' },
      reason: { type: 'string' },
      payment: { type: 'string' },
      limit: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const limit = readCount(values.limit, 50, 1_000);
  if (limit === null) return misunderstood('--limit is 1 to 1000');
  const { state, reason = null } = values;
  if (state !== undefined && state !== 'open' && state !== 'closed')
    return misunderstood('--state is open or closed');
  const paymentId = values.payment === undefined ? null : parseId<'payment'>(values.payment);
  if (values.payment !== undefined && paymentId === null)
    return misunderstood('--payment is the id of a payment');
  const isOpen = state === undefined ? null : state === 'open';
  const tasks = await inDatabase((database) =>
    selectFailedTasks(database, { isOpen, reason, paymentId, after: null, limit }),
  );
  printList(
    tasks.map(failedTaskBody),
    ['id', 'state', 'reason', 'times', 'last_at', 'payment_id', 'payment_status', 'detail'],
    values.json,
  );
  return exit.done;
}

async function show(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { json: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const [id, ...others] = positionals.map((text) => parseId<'failedTask'>(text));
  if (id === undefined || id === null || others.length > 0)
    return misunderstood('failed-tasks show ID');
  const task = await inDatabase((database) => selectFailedTask(database, id));
  if (task === null) return refuse('There is no such failed task.');
  printOne({ ...failedTaskBody(task), history: task.history }, values.json);
  return exit.done;
}

/** Exit code 1 where one of them was not requeued. */
async function requeue(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      reason: { type: 'string' },
      limit: { type: 'string' },
      note: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const ids = positionals.flatMap((text) => parseId<'failedTask'>(text) ?? []);
  const limit = readCount(values.limit, requeueMax, requeueMax);
  const isSome = ids.length > 0 && ids.length <= requeueMax && values.reason === undefined;
  const isReason = positionals.length === 0 && values.reason !== undefined;
  if (ids.length < positionals.length || limit === null || !(isSome || isReason))
    return misunderstood(`failed-tasks requeue ID... (${requeueMax} at most) | --reason R`);
  const items = await inDatabase((database) => {
    // Nothing to announce to from here: the sweeper finds them due within its interval.
    const options = { database, announce: () => undefined };
    const done = doneHere(readText(values.note));
    return values.reason === undefined
      ? requeueIds(options, ids, done)
      : requeueReason(options, { reason: values.reason, limit }, done);
  });
  if (values.json) printJson(items);
  else {
    for (const { id, result } of items)
      process.stdout.write(`${id}  ${result}: ${requeueSentence(result)}\n`);
    if (items.length === 0) process.stdout.write('There is nothing to requeue.\n');
  }
  return items.every(({ result }) => result === 'requeued') ? exit.done : exit.refused;
}

async function requeueIds(
  options: Parameters<typeof requeueTasks>[0],
  ids: readonly FailedTaskId[],
  done: Parameters<typeof requeueTasks>[2],
): Promise<readonly { readonly id: FailedTaskId; readonly result: RequeueResult }[]> {
  const results = await requeueTasks(options, ids, done);
  return ids.map((id, at) => ({ id, result: results[at] ?? 'not_found' }));
}

const closeRefusals = {
  not_found: 'There is no such failed task.',
  already_closed: 'It is closed.',
  in_review: 'Its payment is in review: resolve the payment, which closes the task.',
} as const;

async function close(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { note: { type: 'string' } },
    allowPositionals: true,
  });
  const [id, ...others] = positionals.map((text) => parseId<'failedTask'>(text));
  const note = readText(values.note);
  if (id === undefined || id === null || others.length > 0 || note === null)
    return misunderstood('failed-tasks close ID --note TEXT');
  const result = await inDatabase((database) => closeTask(database, id, doneHere(note)));
  if (result !== 'closed') return refuse(closeRefusals[result]);
  process.stdout.write('Closed.\n');
  return exit.done;
}
