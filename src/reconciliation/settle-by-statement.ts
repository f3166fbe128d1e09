import { type Job, type Own, page, tell } from './job.ts';
import { selectToSettle, settleAgreeing, type ToSettle } from './match-store.ts';
import { lowestIdAt } from './missing-store.ts';

/**
 * Unfinished payments that the bank moved as they were asked: its word ends them. Those that others
 * have ended since the run looked may stand as the bank says by now.
 */
export async function settleAll(job: Job): Promise<void> {
  const { options, run, wanted } = job;
  const key = { runId: run.id, bank: run.bank };
  let settled = 0;
  for (let after = lowestIdAt(new Date(0)); ; ) {
    const open = await page(job, (tx) => selectToSettle(tx, key, { after, limit: 500 }));
    const last = open.at(-1);
    if (last === undefined) return;
    const unfinished = open.filter((one) => !one.isFinal);
    await options.resolve(unfinished.map((one) => wordOf(run, one)));
    const agreeing = open.map(({ paymentId, bankMinor }) => ({ paymentId, bankMinor }));
    await page(job, (tx) =>
      settleAgreeing(tx, agreeing, { reason: settledBy(run), by: wanted.by }),
    );
    settled += open.length;
    tell(job, 'settle', settled);
    after = last.breakId;
  }
}

const settledBy = (run: Own): string => `ended by the bank's statement: run ${run.id}`;

function wordOf(run: Own, { paymentId, bankTransactionId, line }: ToSettle) {
  const evidence = `statement ${run.id}, line ${line}: ${bankTransactionId}`;
  const outcome = { kind: 'approved', bankTransactionId, evidence } as const;
  return { paymentId, source: 'statement', outcome } as const;
}
