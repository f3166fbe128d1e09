import { createHash } from 'node:crypto';
import type { Database } from '../db/database.ts';
import type { Hint } from '../queue/queue.ts';
import type { Logger } from '../telemetry/log.ts';
import { recallBuried } from './dispatch-store.ts';
import { excerptOf } from './excerpt.ts';
import { recordUnnamedFailure } from './failed-task-store.ts';

/**
 * A message that nobody could handle leaves the queue for good; what it named does not. Its
 * unfinished payments become due again and stand in `failed_tasks`: innocents that shared a message
 * with the culprit, or with a worker that kept dying, are simply done by the next hint. A message
 * that is not ours names nobody: it stands there itself, as much of it as may be shown.
 *
 * @throws where the database is away: the message is kept, and told again
 */
export async function bury(
  options: { readonly database: Pick<Database, 'keyed'>; readonly log: Logger },
  hint: Hint | null,
  told: string,
): Promise<void> {
  const { database, log } = options;
  const detail = excerptOf(told);
  if (hint === null) {
    // The same message again, from somebody who keeps sending it, is the same row.
    const digest = createHash('sha256').update(told).digest('hex').slice(0, 32);
    const subject = `message:${digest}`;
    await recordUnnamedFailure(database.keyed, { reason: 'POISON_MESSAGE', subject, detail });
    log.error({ message: detail }, 'a message that is not ours was dropped');
    return;
  }
  const recalled = await recallBuried(database.keyed, hint.paymentIds, detail);
  log.error(
    { payments: hint.paymentIds.length, recalled: recalled.length, detail },
    'a message was buried, its unfinished payments are due again',
  );
}
