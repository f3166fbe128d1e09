/**
 * In:   an endpoint that answered 410, or to which nothing could be delivered for five days.
 * Out:  it is switched off, on record, and its owner's other endpoints are told of it.
 * If we die here: all or none; the next failed attempt comes here again.
 */
import { actors, appendAuditLog } from '../audit-log/append.ts';
import type { Database } from '../db/database.ts';
import { type EndpointId, newDeliveryId } from '../ids.ts';
import type { Logger } from '../telemetry/log.ts';
import { disableRow, selectListening } from './disable-store.ts';
import { disabledType } from './event-types.ts';
import { insertNotices } from './notice-store.ts';

/** What is still due for it ends by itself as its time comes: the claim looks at its state. */
export async function disableEndpoint(
  database: Pick<Database, 'transaction'>,
  log: Logger,
  { id, why }: { readonly id: EndpointId; readonly why: 'gone' | 'failing' },
): Promise<void> {
  const disabled = await database.transaction(async (tx) => {
    const row = await disableRow(tx, id, why);
    if (row === null) return false;
    const { userId, url, failingSince, disabledAt } = row;
    const data = JSON.stringify({
      endpoint_id: id,
      url,
      reason: why,
      failing_since: failingSince?.toISOString() ?? null,
      disabled_at: disabledAt.toISOString(),
    });
    const listening = await selectListening(tx, userId, disabledType);
    const notices = listening.map((endpointId) => ({
      id: newDeliveryId(),
      endpointId,
      userId,
      type: disabledType,
      data,
    }));
    await insertNotices(tx, notices);
    await appendAuditLog(tx, [
      {
        actor: actors.system,
        action: 'webhook_endpoint.disable',
        subject: `webhook_endpoint:${id}`,
        before: { state: 'enabled' },
        after: { state: 'disabled' },
        reason: why,
        requestId: null,
      },
    ]);
    return true;
  });
  if (disabled) log.warn({ endpoint_id: id, why }, 'webhook endpoint switched off');
}
