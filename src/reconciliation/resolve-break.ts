/**
 * In:   an operator's decision about a break, with a reason.
 * Out:  the break resolved, in one transaction with the correcting payment that it may need and the
 *       line in the audit log.
 * If we die here: neither happened.
 *
 * A break on an unfinished payment is resolved only by the end of that payment; a correction is for
 * final ones, of the difference as it is now: since the break was found its payment may have ended,
 * or been corrected before.
 */
import { present } from '../assert.ts';
import { appendAuditLog } from '../audit-log/append.ts';
import { type Database, readNow, type Tx } from '../db/database.ts';
import { type BreakId, newAccountId, newPaymentId, type PaymentId } from '../ids.ts';
import { type Correction, decideCorrection } from '../ledger/correct.ts';
import { insertCorrection } from '../ledger/correct-store.ts';
import type { LockedAccount } from '../ledger/post.ts';
import {
  changeAccounts,
  ensureClearing,
  ensureSuspense,
  insertPostings,
  lockAccounts,
} from '../ledger/store.ts';
import type { Currency } from '../money.ts';
import { lockStates } from '../payments/settle-store.ts';
import { isFinal } from '../payments/states.ts';
import {
  type BreakRow,
  closeBreak,
  hasNewerBreak,
  lockBreak,
  type PaymentOfBreak,
  selectBreak,
  selectPaymentOfBreak,
} from './breaks-store.ts';
import { bookedOf } from './match.ts';
import { selectPayments } from './match-store.ts';

export interface BreakDecision {
  readonly breakId: BreakId;
  /** `correct` books the difference; `accept` leaves it, for good. */
  readonly resolution: 'correct' | 'accept';
  readonly reason: string;
  /** As in the audit log. */
  readonly by: string;
  readonly requestId: string;
}

export type BreakResolved =
  | { readonly kind: 'resolved'; readonly row: BreakRow }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'already_resolved'; readonly row: BreakRow }
  /** The bank has not ended it, and neither has a human: see its failed task. */
  | { readonly kind: 'not_final'; readonly paymentId: PaymentId }
  /** The bank has said otherwise since: the newest break of a payment is the one to correct. */
  | { readonly kind: 'superseded'; readonly paymentId: PaymentId };

export function resolveBreak(
  database: Pick<Database, 'transaction'>,
  decision: BreakDecision,
): Promise<BreakResolved> {
  return database.transaction(async (tx) => {
    const known = await selectBreak(tx, decision.breakId);
    if (known === null) return { kind: 'not_found' };
    const locked = await lockAll(tx, known);
    const { row, account, payment } = locked;
    if (row.state === 'resolved') return { kind: 'already_resolved', row };
    if (payment !== null && !locked.isFinal) return { kind: 'not_final', paymentId: payment.id };
    const bookedMinor = payment === null ? row.booked_amount : await bookedNow(tx, payment.id);
    const differenceMinor = row.bank_amount - bookedMinor;
    if (differenceMinor === 0n) return close(tx, decision, row, { kind: 'settled', bookedMinor });
    if (decision.resolution === 'accept')
      return close(tx, decision, row, { kind: 'accepted', bookedMinor });
    if (payment !== null && (await hasNewerBreak(tx, row)))
      return { kind: 'superseded', paymentId: payment.id };
    const owner =
      payment === null || account === null
        ? null
        : { id: payment.id, userId: payment.user_id, account };
    const correction = await correct(tx, decision, { row, owner, differenceMinor });
    return close(tx, decision, row, { kind: 'corrected', bookedMinor, correction });
  });
}

/** In the one order: account, payment, break. */
async function lockAll(
  tx: Tx,
  known: BreakRow,
): Promise<{
  readonly row: BreakRow;
  readonly payment: PaymentOfBreak | null;
  readonly account: LockedAccount | null;
  readonly isFinal: boolean;
}> {
  const id = known.payment_id;
  const payment =
    id === null
      ? null
      : present(await selectPaymentOfBreak(tx, id), 'a break names a payment that there is');
  const [account = null] =
    payment === null ? [] : await lockAccounts(tx, [payment.account_id], 'wait');
  const [state] = payment === null ? [] : await lockStates(tx, [payment.id]);
  const row = present(await lockBreak(tx, known.id), 'a break is never removed');
  return { row, payment, account, isFinal: state !== undefined && isFinal(state.status) };
}

async function bookedNow(tx: Tx, id: PaymentId): Promise<bigint> {
  const [payment] = await selectPayments(tx, [id]);
  return bookedOf(present(payment, 'a break is about what a bank carries'));
}

async function correct(
  tx: Tx,
  decision: BreakDecision,
  facts: {
    readonly row: BreakRow;
    readonly owner: Parameters<typeof decideCorrection>[0]['payment'];
    readonly differenceMinor: bigint;
  },
): Promise<Correction> {
  const { row, owner, differenceMinor } = facts;
  const now = await readNow(tx);
  const { currency } = row;
  const correction = decideCorrection({
    id: newPaymentId(),
    differenceMinor,
    currency,
    payment: owner,
    ...(await systemAccounts(tx, currency)),
    now,
  });
  const { requestId, breakId } = decision;
  await changeAccounts(tx, correction.changes);
  await insertCorrection(tx, correction, { requestId, breakId, now });
  await insertPostings(tx, correction.postings);
  return correction;
}

async function systemAccounts(tx: Tx, currency: Currency) {
  const what = 'a system account is there once it was asked for';
  // Read again: who comes second while another makes it finds nothing the first time.
  const clearingId =
    (await ensureClearing(tx, newAccountId(), currency)) ??
    (await ensureClearing(tx, newAccountId(), currency));
  const suspenseId =
    (await ensureSuspense(tx, newAccountId(), currency)) ??
    (await ensureSuspense(tx, newAccountId(), currency));
  return { clearingId: present(clearingId, what), suspenseId: present(suspenseId, what) };
}

type Ending =
  | { readonly kind: 'settled' | 'accepted'; readonly bookedMinor: bigint }
  | {
      readonly kind: 'corrected';
      readonly bookedMinor: bigint;
      readonly correction: Correction;
    };

async function close(
  tx: Tx,
  decision: BreakDecision,
  row: BreakRow,
  ending: Ending,
): Promise<BreakResolved> {
  const correction = ending.kind === 'corrected' ? ending.correction : null;
  const closed = await closeBreak(tx, {
    id: row.id,
    resolution: ending.kind,
    reason: decision.reason,
    by: decision.by,
    bookedMinor: ending.bookedMinor,
    correctionId: correction?.id ?? null,
  });
  await appendAuditLog(tx, [
    {
      actor: decision.by,
      action: 'break.resolve',
      subject: `break:${row.id}`,
      before: { state: 'open' },
      after: {
        state: 'resolved',
        resolution: ending.kind,
        correction: correction?.id ?? null,
        amount_minor: correction?.amountMinor.toString() ?? null,
        on_suspense: correction?.isOnSuspense ?? null,
      },
      reason: decision.reason,
      requestId: decision.requestId,
    },
  ]);
  return { kind: 'resolved', row: present(closed, 'the break was open, and is locked') };
}
