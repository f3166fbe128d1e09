/** The bank's words (`error_code`) as a sentence for people. */
const sentences: Readonly<Record<string, string>> = {
  INSUFFICIENT_FUNDS: 'There were not enough funds for this payment.',
  REFUND_EXCEEDS_DEPOSIT: 'The deposit had less left to give back.',
  CANCELLED: 'It was cancelled before the bank was asked.',
  INVALID_REQUEST: 'The bank did not accept the payment as it was asked for.',
  BANK_UNAVAILABLE: 'The bank could not be reached; no money was moved.',
  UNAVAILABLE: 'The bank could not take the payment; no money was moved.',
  TIMEOUT: 'The bank did not answer in time.',
  RESOLVED_AS_FAILED: 'The bank left it unknown; an operator found that no money was moved.',
  NOT_FOUND: 'The bank never received the payment; no money was moved.',
};

export function errorSentence(errorCode: string | null): string | null {
  if (errorCode === null) return null;
  return sentences[errorCode] ?? `The bank refused the payment (${errorCode}).`;
}
