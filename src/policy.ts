import type { Config } from './config.ts';
import type { ContactPolicy } from './payments/settle-rules.ts';

/** In review the bank is still asked, once a day. */
const reviewInquiryDelayMs = 24 * 3_600_000;

/** Whose payments these are: one bank so far, and every payment says which. */
export const bankName = 'simulator';

/** The schedule of contacts, from the settings. */
export function policyOf(config: Config): ContactPolicy {
  const toMs = (seconds: number): number => seconds * 1000;
  return {
    retryDelaysMs: config.BANK_RETRY_DELAYS_SECONDS.map(toMs),
    inquiryDelaysMs: config.BANK_INQUIRY_DELAYS_SECONDS.map(toMs),
    reviewInquiryDelayMs,
    bank: {
      deduplicationWindowMs: config.BANK_DEDUPLICATION_WINDOW_HOURS * 3_600_000,
      processingTimeMaxMs: toMs(config.BANK_PROCESSING_TIME_MAX_SECONDS),
      inquires: true,
    },
  };
}
