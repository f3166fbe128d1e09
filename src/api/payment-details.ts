import { type Static, Type } from 'typebox';
import type { PaymentDetails } from '../payments/details.ts';
import { paymentBody } from './payment-body.ts';
import { nullable, PaymentSchema } from './schemas.ts';

const EvidenceSchema = Type.Object({
  at: Type.String({ format: 'date-time' }),
  contact: Type.Enum(['submit', 'inquire', 'callback', 'statement', 'operator'], {
    description: 'Who brought it: we asked, the bank called or stated, a person decided.',
  }),
  outcome: Type.Enum(['approved', 'declined', 'retryable', 'unknown', 'pending', 'not_found']),
  message: Type.String(),
});

/** One payment: as in a list, and what is known of how it ends. */
export const PaymentDetailsSchema = Type.Object({
  ...PaymentSchema.properties,
  outcome: Type.Enum(['pending', 'unknown', 'succeeded', 'failed'], {
    description:
      'unknown: the money may have moved or not; funds stay held, and the bank is asked until it says. More words may be added.',
  }),
  next_inquiry_at: nullable<string>('string', {
    description: 'When the bank is asked next, at the latest; of an unknown outcome only.',
  }),
  evidence: Type.Array(EvidenceSchema, {
    description: 'What the bank said so far, oldest first; of very many the newest 100.',
  }),
});

export type PaymentDetailsBody = Static<typeof PaymentDetailsSchema>;

/** An inquiry a day in review adds up over the years. */
const evidenceMax = 100;

export function detailsBody(details: PaymentDetails): PaymentDetailsBody {
  const { payment, outcome, nextInquiryAt, contacts } = details;
  return {
    ...paymentBody(payment),
    outcome,
    next_inquiry_at: nextInquiryAt?.toISOString() ?? null,
    evidence: contacts.slice(-evidenceMax).map((one) => ({
      at: one.ended_at.toISOString(),
      contact: one.contact,
      // Proven by the CHECK on attempts.outcome.
      outcome: one.outcome as PaymentDetailsBody['evidence'][number]['outcome'],
      message: evidenceSentence(one),
    })),
  };
}

const bankSentences: Readonly<Record<string, string>> = {
  approved: 'The bank confirmed that the money moved.',
  declined: 'The bank refused it; no money moved.',
  retryable: 'The bank could not take it; no money moved.',
  unknown: 'The bank gave no answer that says whether the money moved.',
  pending: 'The bank is still working on it.',
  not_found: 'The bank does not know it, or not yet.',
};

/**
 * In our words: the bank's own, and what went wrong on the way to it, may hold addresses and names
 * that are nobody's business.
 */
export function evidenceSentence({
  contact,
  outcome,
}: {
  readonly contact: string;
  readonly outcome: string;
}): string {
  if (contact !== 'operator') return bankSentences[outcome] ?? 'The bank was asked.';
  return outcome === 'approved'
    ? 'A person decided, with evidence, that the money moved.'
    : 'A person decided, with evidence, that no money moved.';
}
