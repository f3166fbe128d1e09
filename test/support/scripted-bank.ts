import { assert } from '../../src/assert.ts';
import type {
  Bank,
  BankCapabilities,
  BankOrder,
  BankOutcome,
  InquiryOutcome,
  SubmitOutcome,
} from '../../src/bank/bank.ts';

/** The words of a bank, as short as a test wants them. */
export const approved = {
  kind: 'approved',
  bankTransactionId: 'bank-1',
  evidence: 'said approved',
} as const satisfies BankOutcome;
export const declined = {
  kind: 'declined',
  errorCode: 'INSUFFICIENT_FUNDS',
  evidence: 'said declined',
} as const satisfies BankOutcome;
export const retryable = {
  kind: 'retryable',
  errorCode: 'UNAVAILABLE',
  evidence: 'did nothing',
} as const satisfies BankOutcome;
export const unknown = { kind: 'unknown', evidence: 'no answer' } as const satisfies BankOutcome;
export const pending = { kind: 'pending', evidence: 'at it' } as const satisfies BankOutcome;
export const notFound = {
  kind: 'not_found',
  evidence: 'never seen',
} as const satisfies BankOutcome;

export interface ScriptedBank extends Bank {
  /** Every call in order. */
  readonly calls: { readonly contact: 'submit' | 'inquire'; readonly order: BankOrder }[];
}

export interface Script {
  /** Answers to submits in order; the last one repeats. */
  readonly submits?: readonly SubmitOutcome[];
  readonly inquiries?: readonly InquiryOutcome[];
  readonly capabilities?: Partial<BankCapabilities>;
  /** What a call waits for before it is answered. */
  readonly before?: () => Promise<void>;
}

/** A bank that says what the test wrote down for it, in this order. */
export function openScriptedBank(script: Script): ScriptedBank {
  const calls: ScriptedBank['calls'] = [];
  const next = <Outcome>(answers: readonly Outcome[] | undefined, contact: string): Outcome => {
    const asked = calls.filter((call) => call.contact === contact).length;
    const answer = answers?.[Math.min(asked, answers.length) - 1];
    assert(answer !== undefined, `the script has an answer to ${contact} ${asked}`);
    return answer;
  };
  return {
    name: 'scripted',
    capabilities: {
      deduplicationWindowMs: 24 * 3_600_000,
      processingTimeMaxMs: 60_000,
      inquires: true,
      ...script.capabilities,
    },
    calls,
    submit: async (order) => {
      calls.push({ contact: 'submit', order });
      const answer = next(script.submits, 'submit');
      await script.before?.();
      return answer;
    },
    inquire: async (order) => {
      calls.push({ contact: 'inquire', order });
      const answer = next(script.inquiries, 'inquire');
      await script.before?.();
      return answer;
    },
    ping: async () => true,
    close: async () => {},
  };
}
