import { type AuditEntry, actors } from '../audit-log/append.ts';
import type { ClosedTask } from './failed-task-store.ts';
import type { Settled } from './settle-rules.ts';

/** What a human decided, for the audit log. A decision that came too late is none. */
export function toDecision({ contacted, state, settlement }: Settled): AuditEntry[] {
  const { decision, claim, outcome } = contacted;
  if (decision === undefined) return [];
  if (settlement.kind !== 'succeed' && settlement.kind !== 'fail') return [];
  const end =
    settlement.kind === 'succeed'
      ? { status: 'SUCCESS', bank_transaction_id: settlement.bankTransactionId }
      : { status: 'FAILED', error_code: settlement.errorCode };
  return [
    {
      ...decision,
      action: 'payment.resolve',
      subject: `payment:${claim.id}`,
      before: { status: state.status },
      after: { ...end, evidence: outcome.evidence },
    },
  ];
}

/** Who waited for a decision, or for the bank's word in review, need not wait any more. */
export function toClosedTask({ contacted, state, settlement }: Settled): ClosedTask[] {
  const { decision, claim, outcome } = contacted;
  if (settlement.kind !== 'succeed' && settlement.kind !== 'fail') return [];
  if (decision === undefined && state.status !== 'PENDING_REVIEW') return [];
  const closedBy = decision?.actor ?? actors.system;
  const note = decision?.reason ?? `${claim.contact}: ${outcome.evidence}`;
  return [{ id: claim.id, closedBy, note }];
}
