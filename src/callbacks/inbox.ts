import { present } from '../assert.ts';
import { classifyGroupFailure, type Database, readNow, type Tx } from '../db/database.ts';
import type { PaymentId } from '../ids.ts';
import { recordBreaks } from '../ledger/breaks-store.ts';
import { excerptOf } from '../payments/excerpt.ts';
import { recordUnnamedFailure, type UnnamedFailure } from '../payments/failed-task-store.ts';
import { openBatcher, type Verdict as Turn } from '../runtime/batcher.ts';
import { toBreak } from './difference.ts';
import { paymentOf, type Received } from './read.ts';
import { type Decision, decideCallback, type Verdict } from './rules.ts';
import { standingOf } from './standing.ts';
import {
  bringInquiries,
  type InboxRow,
  judgeCallbacks,
  lockNamed,
  type NamedRow,
  type TakenRow,
  takeCallbacks,
} from './store.ts';

export interface InboxOptions {
  readonly database: Pick<Database, 'group'>;
  readonly bank: { readonly name: string; readonly inquires: boolean };
  /** How long a worker may wait for the bank's answer. */
  readonly leaseMs: number;
}

/** One callback that bears the bank's signature. */
export interface Item {
  readonly row: InboxRow;
  readonly received: Received;
}

/** What became of it. */
export interface Taken {
  readonly id: string;
  readonly verdict: Verdict;
  readonly isDuplicate: boolean;
  /** Null where a repeat found its verdict, or nothing can be decided. */
  readonly decision: Decision | null;
}

export interface Inbox {
  /** @throws Overloaded, and whatever the database throws: nothing is known to be stored */
  readonly take: (item: Item) => Promise<Taken>;
}

/** PROTOCOLS: a timestamp further away than this is a replay, or a clock that is wrong. */
const windowSeconds = 300;
/** An answer that is on its way when its callback comes is usually milliseconds away. */
const answerComesMs = 1_000;
const groupDeadlineMs = 5_000;

/** Keeps each event once, and writes what it means, in one transaction per group. */
export function openInbox(options: InboxOptions): Inbox {
  const batcher = openBatcher<Item, Taken>({
    name: 'callbacks',
    // One: a group holds one connection, and commits a hundred in the time of one.
    slots: 1,
    groupMax: 100,
    waitingMax: 1_000,
    flush: (group) => takeGroup(options, group),
    classify: classifyGroupFailure,
  });
  return { take: batcher.submit };
}

/** Two of one event are taken one after the other: the second finds the first one's verdict. */
async function takeGroup(
  options: InboxOptions,
  group: readonly Item[],
): Promise<readonly Turn<Taken>[]> {
  const keys = new Set<string>();
  const items = group.filter(({ row }) => {
    if (keys.has(row.eventKey) || keys.has(row.staleKey)) return false;
    keys.add(row.eventKey).add(row.staleKey);
    return true;
  });
  const taken = await options.database.group({
    name: 'callbacks',
    deadlineMs: groupDeadlineMs,
    read: (tx) => readFacts(options, tx, items),
    write: (tx, facts) => {
      const result = new Map(items.map((item) => [item, decide(options, item, facts)]));
      return { written: writeGroup(options, tx, result, facts), result };
    },
  });
  return group.map((item) => {
    const one = taken.get(item);
    return one === undefined ? 'later' : { done: one };
  });
}

interface Facts {
  readonly taken: ReadonlyMap<string, TakenRow>;
  readonly payments: ReadonlyMap<PaymentId, NamedRow>;
  readonly now: Date;
}

async function readFacts(
  { bank, leaseMs }: InboxOptions,
  tx: Tx,
  items: readonly Item[],
): Promise<Facts> {
  const rows = items.map((item) => item.row);
  const named = items.flatMap(({ row: { eventKey }, received }) => {
    const id = paymentOf(received);
    return id === null ? [] : [{ id, eventKey }];
  });
  const [taken, payments, now] = await Promise.all([
    takeCallbacks(tx, rows, { bank: bank.name, windowSeconds }),
    lockNamed(tx, named, { bank: bank.name, leaseMs }),
    readNow(tx),
  ]);
  return {
    taken: new Map(taken.map((one) => [one.eventKey, one])),
    payments: new Map(payments.map((one) => [one.id, one])),
    now,
  };
}

function decide({ bank }: InboxOptions, { row, received }: Item, facts: Facts): Taken {
  const found = facts.taken.get(row.eventKey) ?? facts.taken.get(row.staleKey);
  const { id, verdict, times } = present(found, 'every callback of the group has its row');
  const isDuplicate = times > 1;
  const { content } = received;
  // One that is to settle by itself is decided again until it is known to have settled.
  const isDone = isDuplicate && verdict !== 'settling';
  if (isDone || verdict === 'stale' || 'fault' in content)
    return { id, verdict, isDuplicate, decision: null };
  const named = content.paymentId === null ? undefined : facts.payments.get(content.paymentId);
  const decision = decideCallback(content, named === undefined ? null : standingOf(named), bank);
  return { id, verdict: decision.verdict, isDuplicate, decision };
}

function writeGroup(
  options: InboxOptions,
  tx: Tx,
  taken: ReadonlyMap<Item, Taken>,
  { payments, now }: Facts,
): Promise<unknown> {
  const decided = [...taken].flatMap(([item, { id, decision }]) =>
    decision === null ? [] : [{ id, decision, content: item.received.content }],
  );
  const judged = decided.map(({ id, decision: { verdict, detail }, content }) => {
    const paymentId = 'fault' in content ? null : content.paymentId;
    const isOurs = paymentId !== null && payments.has(paymentId);
    return { id, verdict, detail, paymentId: isOurs ? paymentId : null };
  });
  const inquiries = decided.flatMap(({ decision, content }) => {
    if (decision.verdict !== 'inquiry_due' || decision.ask === 'on_answer') return [];
    if ('fault' in content || content.paymentId === null) return [];
    return [{ id: content.paymentId, inMs: decision.ask === 'now' ? 0 : answerComesMs }];
  });
  const breaks = decided.flatMap(({ decision, content }) =>
    'fault' in content ? [] : toBreak(options.bank.name, content, decision),
  );
  const tasks = [...taken].flatMap(([item, one]) => toFailedTask(item, one));
  const writes: Promise<unknown>[] = tasks.map((task) => recordUnnamedFailure(tx, task));
  if (judged.length > 0) writes.push(judgeCallbacks(tx, judged));
  if (inquiries.length > 0) writes.push(bringInquiries(tx, inquiries));
  if (breaks.length > 0) writes.push(recordBreaks(tx, breaks, now));
  return Promise.all(writes);
}

/** For a human to look at. One that is stale may be a replay: only the inbox has it. */
function toFailedTask(
  { row }: Item,
  { id, verdict, isDuplicate, decision }: Taken,
): UnnamedFailure[] {
  const isOfNoUse =
    verdict === 'unknown_payment' || verdict === 'unreadable' || verdict === 'unproven';
  if (isDuplicate || !isOfNoUse) return [];
  const said = Buffer.from(row.bodyHex, 'hex').toString('utf8');
  const detail = `${decision?.detail ?? row.detail}: ${excerptOf(said)}`;
  return [{ reason: 'UNDELIVERABLE_CALLBACK', subject: `callback:${id}`, detail }];
}
