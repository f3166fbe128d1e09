import { type DeliveryId, parseId } from '../ids.ts';

const prefix = 'msg_';
const form = /^msg_([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/;

/**
 * What a receiver is shown as `webhook-id`: no dot in it, so nothing in it can shift the signature.
 */
export function writeMessageId(id: DeliveryId): string {
  return prefix + id.replaceAll('-', '');
}

export function parseMessageId(text: string): DeliveryId | null {
  const [, ...parts] = form.exec(text) ?? [];
  return parseId<'delivery'>(parts.join('-'));
}
