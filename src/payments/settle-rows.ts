import { assert, unreachable } from '../assert.ts';
import { type BreakId, bankReference, type WorkerId } from '../ids.ts';
import { breakFingerprint, type NewBreak } from '../ledger/breaks.ts';
import type { Settled } from './settle-rules.ts';
import type { AttemptRow, EventRow, FailedTaskRow, StateChange } from './settle-store.ts';
import { mayBecome, movesOut } from './states.ts';

/** How the payment stands after its contact; nothing where somebody else was first. */
export function toStateChange(now: Date): (settled: Settled) => StateChange[] {
  const change = changeOf(now);
  return (settled) => {
    const changes = change(settled);
    for (const { was, status } of changes)
      assert(was === status || mayBecome(was, status), `a payment goes from ${was} to ${status}`);
    return changes;
  };
}

function changeOf(now: Date): (settled: Settled) => StateChange[] {
  return ({ contacted: { claim }, state, settlement }) => {
    const common = {
      id: claim.id,
      fence: state.fence,
      was: state.status,
      inquiries: state.inquiries,
      claimsOpen: state.claimsOpen - 1,
      // Until now the row said "the end of the lease": the latest that the submit could have ended.
      lastSubmitAt: claim.contact === 'submit' ? now : state.lastSubmitAt,
      bankTransactionId: null,
      errorCode: null,
    };
    const ended = { nextContact: null, dueInMs: null, unsure: state.unsure } as const;
    switch (settlement.kind) {
      case 'succeed': {
        const { bankTransactionId } = settlement;
        return [{ ...common, ...ended, status: 'SUCCESS', bankTransactionId }];
      }
      case 'fail':
        return [{ ...common, ...ended, status: 'FAILED', errorCode: settlement.errorCode }];
      case 'contact_again':
        return [
          {
            ...common,
            status: state.status,
            nextContact: settlement.contact,
            dueInMs: settlement.inMs,
            unsure: settlement.unsure,
            // The table of inquiries starts anew after every submit.
            inquiries: settlement.contact === 'submit' ? 0 : state.inquiries,
          },
        ];
      case 'review':
        return [
          {
            ...common,
            status: 'PENDING_REVIEW',
            nextContact: 'inquire',
            dueInMs: settlement.inMs,
            unsure: true,
          },
        ];
      case 'overtaken':
        return [];
      default:
        return unreachable(settlement);
    }
  };
}

/** The status change, for the feed; a contact that changes no status is no event. */
export function toEvent({ contacted: { claim }, state, settlement }: Settled): EventRow[] {
  const event = (outcome: string, data: object): EventRow[] => [
    {
      id: claim.id,
      version: state.version + 1,
      userId: claim.userId,
      type: `${claim.kind}.${outcome}`,
      data: JSON.stringify(data),
    },
  ];
  switch (settlement.kind) {
    case 'succeed':
      return event('succeeded', {
        status: 'SUCCESS',
        bank_transaction_id: settlement.bankTransactionId,
      });
    case 'fail':
      return event('failed', { status: 'FAILED', error_code: settlement.errorCode });
    case 'review':
      return event('review', { status: 'PENDING_REVIEW' });
    case 'contact_again':
    case 'overtaken':
      return [];
    default:
      return unreachable(settlement);
  }
}

export function toFailedTask({ contacted, settlement }: Settled): FailedTaskRow[] {
  if (settlement.kind === 'succeed' || settlement.kind === 'overtaken') return [];
  return settlement.task === null ? [] : [{ id: contacted.claim.id, ...settlement.task }];
}

/** What the bank says against the end that the payment had; an operator's word is no bank's. */
export function toBreak(
  newId: () => BreakId,
): (settled: Pick<Settled, 'contacted' | 'settlement'>) => NewBreak[] {
  return ({ contacted: { claim, outcome }, settlement }) => {
    const contradiction = settlement.kind === 'overtaken' ? settlement.contradiction : null;
    if (contradiction === null || claim.contact === 'operator') return [];
    const { ended, bankMoved } = contradiction;
    const signed = movesOut(claim.kind) ? -claim.amountMinor : claim.amountMinor;
    const difference = {
      paymentId: claim.id,
      bank: claim.bank,
      bankTransactionId: outcome.kind === 'approved' ? outcome.bankTransactionId : null,
      bankAmountMinor: bankMoved ? signed : 0n,
    };
    return [
      {
        ...difference,
        id: newId(),
        kind: 'contradiction',
        source: claim.contact,
        fingerprint: breakFingerprint(difference),
        bankReference: bankReference(claim.id),
        currency: claim.currency,
        bookedAmountMinor: ended === 'SUCCESS' ? signed : 0n,
        detail: `${ended} on our side, the bank: ${outcome.evidence}`,
        runId: null,
      },
    ];
  };
}

/** The contact itself: every one is on record with its outcome and the bank's words. */
export function toAttempt(settled: Settled, worker: WorkerId, monotonicNow: number): AttemptRow {
  const { claim, outcome, startedAt, endedAt } = settled.contacted;
  return {
    id: claim.id,
    fence: claim.fence,
    contact: claim.contact,
    worker,
    startedAgoMs: monotonicNow - startedAt,
    endedAgoMs: monotonicNow - endedAt,
    outcome: outcome.kind,
    evidence: outcome.evidence,
  };
}
