/**
 * In:   a body that somebody posted as the bank, and its signature.
 * Out:  one row in the inbox per event, and for an unfinished payment an inquiry that is due now:
 *       what the bank says to that settles. A bank that cannot be asked settles by its callback.
 *       What contradicts a final status, or names other money, becomes a break and changes nothing.
 * If we die here: before the commit nothing happened, and the bank, which had no answer, sends it
 *       again; after it the inquiry is due, whoever looks first. A repeat finds the first verdict.
 */
import { present, unreachable } from '../assert.ts';
import type { Database } from '../db/database.ts';
import { newUuid, type PaymentId } from '../ids.ts';
import type { OutsideOutcome, Resolve } from '../payments/resolve.ts';
import { Overloaded } from '../runtime/overloaded.ts';
import type { Logger } from '../telemetry/log.ts';
import { type InboxOptions, openInbox, type Taken } from './inbox.ts';
import { paymentOf, type Received, readCallback } from './read.ts';
import type { Verdict } from './rules.ts';
import { isSigned } from './signature.ts';
import { type InboxRow, judgeCallbacks, noteRefusal } from './store.ts';

export interface CallbackOptions extends InboxOptions {
  readonly database: Pick<Database, 'group' | 'keyed'>;
  readonly secret: string;
  /** Tells the queue; a lost hint costs time only. */
  readonly announce: (ids: readonly PaymentId[]) => void;
  /** For a bank that cannot be asked. */
  readonly resolve: Resolve['resolve'];
  readonly log: Logger;
}

export interface PostedCallback {
  readonly body: Uint8Array;
  readonly signature: string | readonly string[] | undefined;
  /** As the limits count it. */
  readonly sender: string;
  readonly requestId: string;
}

export type CallbackAnswer =
  | { readonly kind: 'not_signed' }
  | {
      readonly kind: 'received';
      readonly verdict: Verdict;
      readonly detail: string;
      readonly isDuplicate: boolean;
    };

export interface Callbacks {
  /** @throws Overloaded, and whatever the database throws: the bank sends it again */
  readonly receive: (posted: PostedCallback) => Promise<CallbackAnswer>;
}

export function openCallbacks(options: CallbackOptions): Callbacks {
  const inbox = openInbox(options);
  return {
    receive: async (posted) => {
      const received = readCallback(posted.body);
      if (!isSigned(options.secret, posted.body, posted.signature)) {
        await refuse(options, posted.sender, received.digest);
        return { kind: 'not_signed' };
      }
      const row = toInboxRow(posted, received);
      const taken = await inbox.take({ row, received });
      announce(options, received, taken);
      const verdict = await finish(options, received, taken);
      tell(options.log, row, received, { ...taken, verdict });
      return { kind: 'received', verdict, detail: row.detail, isDuplicate: taken.isDuplicate };
    },
  };
}

async function refuse(
  { database, log }: CallbackOptions,
  sender: string,
  digest: string,
): Promise<void> {
  // At info: an error that anybody can cause at will would drown those that are ours.
  log.info({ sender, digest }, 'a callback without the signature of the bank');
  await noteRefusal(database.keyed, { sender, digest }).catch((error: unknown) =>
    log.warn({ err: error }, 'a refused callback is not on record'),
  );
}

function toInboxRow(posted: PostedCallback, { digest, eventKey, content }: Received): InboxRow {
  const isReadable = !('fault' in content);
  return {
    id: newUuid(),
    eventKey,
    staleKey: `stale:${digest}`,
    bodyHex: Buffer.from(posted.body).toString('hex'),
    status: isReadable ? content.status : null,
    saidAt: isReadable ? content.saidAt : null,
    verdict: isReadable ? 'unknown_payment' : 'unreadable',
    detail: isReadable ? '' : content.fault,
    requestId: posted.requestId,
  };
}

function announce(options: CallbackOptions, received: Received, { decision }: Taken): void {
  const id = paymentOf(received);
  if (decision?.verdict === 'inquiry_due' && decision.ask === 'now' && id !== null)
    options.announce([id]);
}

/** Where the callback is the bank's whole word: settled, and only then answered. */
async function finish(
  options: CallbackOptions,
  received: Received,
  { id, verdict, decision }: Taken,
): Promise<Verdict> {
  const paymentId = paymentOf(received);
  if (decision?.verdict !== 'settling' || paymentId === null) return verdict;
  const settled = await settleAlone(options, paymentId, decision.outcome);
  const detail = `${decision.detail}: ${settled}`;
  await judgeCallbacks(options.database.keyed, [{ id, verdict: settled, detail, paymentId }]);
  return settled;
}

async function settleAlone(
  { resolve }: CallbackOptions,
  paymentId: PaymentId,
  outcome: OutsideOutcome,
): Promise<Verdict> {
  const [result] = await resolve([{ paymentId, source: 'callback', outcome }]);
  const told = present(result, 'each word has its answer');
  switch (told.kind) {
    case 'settled':
      return 'settled';
    case 'already_final':
      // Its break is on record: resolve saw to it.
      return told.agrees ? 'agrees' : 'contradiction';
    case 'not_yet':
      throw new Overloaded('the account of a payment', 1);
    case 'not_found':
      return 'unknown_payment';
    default:
      return unreachable(told);
  }
}

/** What a human must know is an error; what a human may want to look at, a warning. */
function tell(log: Logger, row: InboxRow, received: Received, { verdict, ...taken }: Taken): void {
  if (taken.isDuplicate) return;
  const facts = {
    payment_id: paymentOf(received),
    request_id: row.requestId,
    event: row.eventKey,
    status: row.status,
    verdict,
    detail: taken.decision?.detail ?? row.detail,
  };
  switch (verdict) {
    case 'contradiction':
    case 'amount_differs':
      return log.error(facts, 'a callback contradicts us: see its break');
    case 'unknown_payment':
    case 'unreadable':
    case 'stale':
    case 'unproven':
    case 'settling':
      return log.warn(facts, 'a callback is of no use');
    case 'inquiry_due':
    case 'settled':
    case 'agrees':
    case 'no_news':
      return log.debug(facts, 'callback received');
    default:
      return unreachable(verdict);
  }
}
