import type { Database } from '../db/database.ts';
import type { Hint } from '../queue/queue.ts';
import type { Logger } from '../telemetry/log.ts';
import { recallBuried } from './dispatch-store.ts';

/** Enough of a message that is not ours to know whose it is. */
const shownMax = 200;

/**
 * A message that nobody could handle leaves the queue for good; what it named does not. Its
 * unfinished payments become due again and stand in `failed_tasks`: innocents that shared a message
 * with the culprit, or with a worker that kept dying, are simply done by the next hint.
 *
 * @throws where the database is away: the message is kept, and told again
 */
export async function bury(
  options: { readonly database: Pick<Database, 'keyed'>; readonly log: Logger },
  hint: Hint | null,
  detail: string,
): Promise<void> {
  const { database, log } = options;
  if (hint === null) {
    log.error({ message: detail.slice(0, shownMax) }, 'a message that is not ours was dropped');
    return;
  }
  const recalled = await recallBuried(database.keyed, hint.paymentIds, detail.slice(0, shownMax));
  log.error(
    {
      payments: hint.paymentIds.length,
      recalled: recalled.length,
      detail: detail.slice(0, shownMax),
    },
    'a message was buried, its unfinished payments are due again',
  );
}
