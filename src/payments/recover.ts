/**
 * In:   a claimed payment whose outcome nobody knows: its worker died, its call timed out, the
 *       bank's answer could not be read, or a bank says that it is still at it.
 * Out:  what the bank says of our reference now. Settle turns it into an end, another submit of the
 *       same reference, a later inquiry, or review.
 * If we die here: the claim has written "inquire" again; asked again when its lease ends.
 */
import type { Bank, BankCall, BankOrder, InquiryOutcome } from '../bank/bank.ts';

export function recoverPayment(
  bank: Bank,
  order: BankOrder,
  call: BankCall,
): Promise<InquiryOutcome> {
  return bank.inquire(order, call);
}
