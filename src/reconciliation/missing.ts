import type { Tx } from '../db/database.ts';
import { newBreakId, type PaymentId } from '../ids.ts';
import { coverageAround } from './coverage.ts';
import { type Job, page, pageMax, tell, tellBreaks } from './job.ts';
import { missingBreak } from './match.ts';
import {
  lowestIdAt,
  type MissingTerms,
  selectMissing,
  selectMissingReviewed,
  selectPageEnd,
  selectPeriods,
} from './missing-store.ts';

const dayMs = 86_400_000;

/** SUCCESS payments of the statement's time that it does not have. */
export async function missAll(job: Job): Promise<void> {
  const { options, run } = job;
  const { from, to } = run.period;
  const key = { runId: run.id, bank: run.bank };
  const periods = await page(job, (tx) => selectPeriods(tx, run.bank));
  const { marginMs, paymentDeadlineMs } = options;
  const terms = { own: run.period, covered: coverageAround(run.period, periods), marginMs };
  // Whoever was asked longer ago than a deadline and a day has ended before, or was reviewed.
  const oldest = lowestIdAt(new Date(from.getTime() - paymentDeadlineMs - dayMs));
  const newest = lowestIdAt(new Date(to.getTime() + marginMs));
  await missPage(job, (tx) => selectMissingReviewed(tx, key, terms, oldest));
  for (let after = oldest; ; ) {
    const until = await missBetween(job, terms, { after, newest });
    if (until === null) return;
    after = until;
  }
}

/** @returns the last payment that was looked at; null where there was none left */
async function missBetween(
  job: Job,
  terms: MissingTerms,
  ids: { readonly after: string; readonly newest: string },
): Promise<PaymentId | null> {
  const { run } = job;
  const { after, newest } = ids;
  const until = await page(job, (tx) =>
    selectPageEnd(tx, { after, until: newest, limit: pageMax }),
  );
  if (until === null) return null;
  const key = { runId: run.id, bank: run.bank };
  await missPage(job, (tx) => selectMissing(tx, key, terms, { after, until }));
  return until;
}

async function missPage(
  job: Job,
  select: (tx: Tx) => ReturnType<typeof selectMissing>,
): Promise<void> {
  const { run } = job;
  const key = { runId: run.id, bank: run.bank };
  await page(job, async (tx) => {
    const missing = await select(tx);
    const breaks = missing.map((payment) => missingBreak(key, payment, newBreakId()));
    await tellBreaks(tx, key, breaks);
  });
  tell(job, 'miss', run.lineCount);
}
