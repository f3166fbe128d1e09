/** The statuses of a payment, and what may follow what. SUCCESS and FAILED are final. */
export type PaymentStatus = 'PENDING' | 'PROCESSING' | 'SUCCESS' | 'FAILED' | 'PENDING_REVIEW';

export type PaymentKind = 'deposit' | 'withdrawal';

/** What the next contact with the bank is. */
export type Contact = 'submit' | 'inquire';

const followers: Readonly<Record<PaymentStatus, readonly PaymentStatus[]>> = {
  PENDING: ['PROCESSING', 'FAILED'],
  PROCESSING: ['SUCCESS', 'FAILED', 'PENDING_REVIEW'],
  PENDING_REVIEW: ['SUCCESS', 'FAILED'],
  SUCCESS: [],
  FAILED: [],
};

export function isFinal(status: PaymentStatus): status is 'SUCCESS' | 'FAILED' {
  return status === 'SUCCESS' || status === 'FAILED';
}

export function mayBecome(from: PaymentStatus, to: PaymentStatus): boolean {
  return followers[from].includes(to);
}
