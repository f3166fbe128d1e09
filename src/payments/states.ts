/** The statuses of a payment, and what may follow what. SUCCESS and FAILED are final. */
export type PaymentStatus = 'PENDING' | 'PROCESSING' | 'SUCCESS' | 'FAILED' | 'PENDING_REVIEW';

/** What a bank carries. */
export type BankedKind = 'deposit' | 'withdrawal' | 'refund';

/**
 * A transfer is between two accounts of ours: no bank is asked, and it ends where it is accepted.
 */
export type PaymentKind = BankedKind | 'transfer';

/** Money that leaves the account: held when it is asked for, taken when the bank has paid it. */
export function movesOut(kind: PaymentKind): boolean {
  return kind !== 'deposit';
}

/** What the next contact with the bank is. */
export type Contact = 'submit' | 'inquire';

/**
 * Claims that never brought an outcome, after which the payment itself is suspected of killing us:
 * no more submits, inquiries only, alone in its group, and a human is told.
 */
export const lostClaimsMax = 3;

/** Whose word a payment's attempt is: a contact that we began, or somebody who came to us. */
export type WordSource = Contact | OutsideSource;
export type OutsideSource = 'callback' | 'statement' | 'operator';

const operatorMark = 'operator:';

/**
 * A success has a transaction at the bank. Where the operator who decided it knows no id of it,
 * this one says who said so.
 */
export function operatorTransactionId(reference: string): string {
  return operatorMark + reference;
}

/** Whether a payment's transaction id is the bank's own word. */
export function isOfBank(bankTransactionId: string): boolean {
  return !bankTransactionId.startsWith(operatorMark);
}

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
