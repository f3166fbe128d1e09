import { present } from '../assert.ts';
import { appendAuditLog, type DoneBy } from '../audit-log/append.ts';
import type { Database, Tx } from '../db/database.ts';
import { type DeliveryId, newDeliveryId, newEndpointId, type UserId } from '../ids.ts';
import {
  countEndpoints,
  deleteEndpointRow,
  type EndpointOfUser,
  type EndpointRow,
  insertEndpoint,
  lockEndpoint,
  rotateSecretOf,
  updateEndpoint,
} from './endpoints-store.ts';
import { testType } from './event-types.ts';
import type { Guard } from './guard.ts';
import { insertNotices } from './notice-store.ts';
import type { Seal } from './seal.ts';
import { newSigningSecret, writeSecret } from './sign.ts';

/** Of one user; deleted ones are not counted. */
export const endpointsMax = 20;

/** What making an endpoint takes. */
export interface EndpointParts {
  readonly database: Pick<Database, 'transaction'>;
  readonly guard: Pick<Guard, 'judge'>;
  readonly seal: Pick<Seal, 'close'>;
}

export interface EndpointWish {
  readonly url: string;
  readonly description: string | null;
  readonly eventTypes: readonly string[] | null;
}

/** `secret` is shown this once. */
export interface FreshSecret {
  readonly endpoint: EndpointRow;
  readonly secret: string;
}

export type UrlRefused = { readonly kind: 'url_refused'; readonly detail: string };
export type NotFound = { readonly kind: 'not_found' };

export async function createEndpoint(
  { database, guard, seal }: EndpointParts,
  { userId, wish }: { readonly userId: UserId; readonly wish: EndpointWish },
  by: DoneBy,
): Promise<({ readonly kind: 'created' } & FreshSecret) | UrlRefused | { kind: 'too_many' }> {
  // Before the transaction: a name server is not waited for inside one.
  const judgement = await guard.judge(wish.url);
  if (judgement.kind === 'refused') return { kind: 'url_refused', detail: judgement.detail };
  return database.transaction(async (tx) => {
    if ((await countEndpoints(tx, userId)) >= endpointsMax) return { kind: 'too_many' };
    const fresh = await insertFresh(tx, seal, { userId, wish });
    await record(tx, by, { action: 'create', before: null, after: fresh.endpoint });
    return { kind: 'created', ...fresh };
  });
}

/**
 * Inside somebody else's transaction: the first endpoint of a new user. The URL is judged before.
 */
export async function insertFresh(
  tx: Tx,
  seal: Pick<Seal, 'close'>,
  { userId, wish }: { readonly userId: UserId; readonly wish: EndpointWish },
): Promise<FreshSecret> {
  const id = newEndpointId();
  const secret = newSigningSecret();
  const sealed = seal.close(secret, id);
  const [endpoint] = await insertEndpoint(tx, { ...wish, id, userId, secret: sealed });
  return { endpoint: present(endpoint, 'it was inserted'), secret: writeSecret(secret) };
}

/** What is absent stays as it is. */
export interface EndpointPatch {
  readonly url?: string;
  readonly description?: string | null;
  readonly eventTypes?: readonly string[] | null;
  readonly enabled?: boolean;
}

export async function changeEndpoint(
  { database, guard }: Pick<EndpointParts, 'database' | 'guard'>,
  { patch, ...wanted }: EndpointOfUser & { readonly patch: EndpointPatch },
  by: DoneBy,
): Promise<{ readonly kind: 'changed'; readonly endpoint: EndpointRow } | UrlRefused | NotFound> {
  if (patch.url !== undefined) {
    const judgement = await guard.judge(patch.url);
    if (judgement.kind === 'refused') return { kind: 'url_refused', detail: judgement.detail };
  }
  return database.transaction(async (tx) => {
    const before = await lockEndpoint(tx, wanted);
    if (before === null) return { kind: 'not_found' };
    const [changed] = await updateEndpoint(tx, before.id, {
      url: patch.url ?? before.url,
      description: patch.description === undefined ? before.description : patch.description,
      eventTypes: patch.eventTypes === undefined ? before.event_types : patch.eventTypes,
      enabled: patch.enabled ?? before.state === 'enabled',
    });
    const endpoint = present(changed, 'it is locked');
    await record(tx, by, { action: 'update', before, after: endpoint });
    return { kind: 'changed', endpoint };
  });
}

/**
 * Both secrets sign until the overlap ends, so that no receiver is shut out while it changes over.
 */
export function rotateSecret(
  { database, seal }: Pick<EndpointParts, 'database' | 'seal'>,
  { overlapSeconds, ...wanted }: EndpointOfUser & { readonly overlapSeconds: number },
  by: DoneBy,
): Promise<({ readonly kind: 'rotated' } & FreshSecret) | NotFound> {
  return database.transaction(async (tx) => {
    const before = await lockEndpoint(tx, wanted);
    if (before === null) return { kind: 'not_found' };
    const secret = newSigningSecret();
    const sealed = seal.close(secret, before.id);
    const [row] = await rotateSecretOf(tx, before.id, { secret: sealed, overlapSeconds });
    const endpoint = present(row, 'it is locked');
    await record(tx, by, { action: 'rotate', before, after: endpoint });
    return { kind: 'rotated', endpoint, secret: writeSecret(secret) };
  });
}

/** False: there is none, or it is somebody else's. Its log stays; what is due for it ends. */
export function deleteEndpoint(
  database: Pick<Database, 'transaction'>,
  wanted: EndpointOfUser,
  by: DoneBy,
): Promise<boolean> {
  return database.transaction(async (tx) => {
    const before = await lockEndpoint(tx, wanted);
    if (before === null) return false;
    await deleteEndpointRow(tx, before.id);
    await record(tx, by, { action: 'delete', before, after: null });
    return true;
  });
}

/** A message that means nothing, whatever the endpoint asks for. */
export function sendTest(
  database: Pick<Database, 'transaction'>,
  wanted: EndpointOfUser,
): Promise<{ readonly kind: 'due'; readonly id: DeliveryId } | NotFound | { kind: 'disabled' }> {
  return database.transaction(async (tx) => {
    const endpoint = await lockEndpoint(tx, wanted);
    if (endpoint === null) return { kind: 'not_found' };
    if (endpoint.state !== 'enabled') return { kind: 'disabled' };
    const id = newDeliveryId();
    const data = JSON.stringify({ endpoint_id: endpoint.id });
    const { userId } = wanted;
    await insertNotices(tx, [{ id, endpointId: endpoint.id, userId, type: testType, data }]);
    return { kind: 'due', id };
  });
}

function record(
  tx: Tx,
  by: DoneBy,
  change: {
    readonly action: 'create' | 'update' | 'rotate' | 'delete';
    readonly before: EndpointRow | null;
    readonly after: EndpointRow | null;
  },
): Promise<void> {
  const { action, before, after } = change;
  const subject = present(before ?? after, 'a change is of some endpoint');
  return appendAuditLog(tx, [
    {
      ...by,
      action: `webhook_endpoint.${action}`,
      subject: `webhook_endpoint:${subject.id}`,
      before: before === null ? null : summaryOf(before),
      after: after === null ? null : summaryOf(after),
    },
  ]);
}

function summaryOf(endpoint: EndpointRow): object {
  const { id, url, event_types, state } = endpoint;
  return { id, url, event_types, state };
}
