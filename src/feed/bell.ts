import type { Coordination } from '../coordination/coordination.ts';

/** Between processes: there are new events. No message names them; the feed is where they are. */
export const feedChannel = 'feed';

/** What is committed within this time is told of once: 100 messages a second at most. */
const gatherMs = 10;

/**
 * Wakes whoever follows the feed, in every process. Best effort, and never waited for: without it
 * they look by themselves a few times a second.
 */
export function openBell(coordination: Pick<Coordination, 'publish'>): () => void {
  let isRinging = false;
  return () => {
    if (isRinging) return;
    isRinging = true;
    setTimeout(() => {
      isRinging = false;
      coordination.publish(feedChannel, '');
    }, gatherMs).unref();
  };
}
