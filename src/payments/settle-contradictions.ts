/**
 * The bank's word against the end that a payment has: never applied, always on record as a break,
 * and told to a human. It comes after the end, or it came before: an approval by a contact that was
 * overtaken ends nothing, and where the bank then says the opposite to whoever asks it, that
 * counts.
 */
import type { BreakId, PaymentId } from '../ids.ts';
import type { NewBreak } from '../ledger/breaks.ts';
import type { Logger } from '../telemetry/log.ts';
import { toBreak } from './settle-rows.ts';
import type { Contacted, Settled } from './settle-rules.ts';
import type { Approval } from './settle-store.ts';

/** Payments that may fail by these words, and that the bank was asked about before. */
export function mayBeOverruled(group: readonly Contacted[]): readonly PaymentId[] {
  return group.flatMap(({ claim, outcome }) => {
    const mayFail = outcome.kind === 'declined' || outcome.kind === 'not_found';
    return mayFail && claim.fence > 1 ? [claim.id] : [];
  });
}

export function toContradictions(
  newId: () => BreakId,
  approvals: readonly Approval[],
): (settled: Settled) => NewBreak[] {
  const byId = new Map(approvals.map((one) => [one.id, one]));
  return (settled) => {
    const { contacted, settlement } = settled;
    const approval = settlement.kind === 'fail' ? byId.get(contacted.claim.id) : undefined;
    if (approval === undefined) return toBreak(newId)(settled);
    const { contact, evidence } = approval;
    const outcome = { kind: 'approved', bankTransactionId: '', evidence } as const;
    const claim = { ...contacted.claim, contact };
    const contradiction = { ended: 'FAILED', bankMoved: true } as const;
    const said = {
      contacted: { ...contacted, claim, outcome },
      settlement: { kind: 'overtaken', contradiction },
    } as const;
    // Its transaction is in the evidence, in the bank's own words.
    return toBreak(newId)(said).map((one) => ({ ...one, bankTransactionId: null }));
  };
}

export function tellContradictions(log: Logger, breaks: readonly NewBreak[]): void {
  for (const { paymentId, source, detail } of breaks)
    log.error({ payment_id: paymentId, source, detail }, sentence);
}

const sentence = 'the bank contradicts a final payment: see its break';
