import type { Json, JsonObject } from './openapi-document.ts';

const uuid = '01890a5d-ac96-774b-bcce-b302099a8057';
const instant = '2026-01-31T12:00:00.000Z';

/** What a field of this name may look like; a schema's own `examples` come before it. */
const byName: Readonly<Record<string, Json>> = {
  amount: '100.00',
  available: '210.00',
  balance: '250.00',
  balance_after: '250.00',
  bank_amount: '100.00',
  bank_reference: uuid,
  bank_transaction_id: 'BNK-20260131-7F3A',
  booked_amount: '0.00',
  breakers: { simulator: { state: 'closed', since: instant } },
  closing_balance: '250.00',
  correction_id: null,
  currency: 'USD',
  current_password: 'correct horse battery',
  cursor: 'AAABm7Xq0AA',
  data: { status: 'SUCCESS' },
  dependencies: { database: { status: 'ok' } },
  description: 'Order 1042',
  email: 'ada@example.com',
  endpoint_id: uuid,
  error_code: null,
  error_message: null,
  expires_at: '2035-01-31T12:00:00.000Z',
  from: '2026-01-01T00:00:00.000Z',
  full_name: 'Ada Lovelace',
  held: '40.00',
  idempotency_key: '8e03978e-40d5-43dd-bc93-6894a57f9324',
  key: 'tg_live_n2Qy0cW1…',
  message: 'Accepted; the bank is about to be asked.',
  metadata: { order: '1042' },
  new_password: 'a longer one than before',
  next_cursor: 'AAABm7Xq0AA',
  next_inquiry_at: null,
  note: 'The bank confirmed it by telephone.',
  opening_balance: '150.00',
  password: 'correct horse battery',
  prefix: 'tg_live_n2Qy',
  reason: 'The bank confirmed it by telephone.',
  request_id: uuid,
  seq: '42',
  to: '2026-02-01T00:00:00.000Z',
  user_id: uuid,
  version: 1,
  webhook_url: 'https://example.com/webhooks',
};

/** One value that the schema allows, the same every time. */
export function exampleOf(schema: Json | undefined, name = ''): Json {
  if (!isObject(schema)) return null;
  const { examples, enum: words, const: only, format, type } = schema;
  if (Array.isArray(examples) && examples.length > 0) return examples[0] ?? null;
  if (only !== undefined) return only;
  if (Array.isArray(words)) return words[0] ?? null;
  const types = [type ?? 'object'].flat();
  const known = byName[name];
  if (known !== undefined && isFree(schema) && types.some((one) => one === typeOf(known)))
    return known;
  if (types.includes('object')) return exampleObject(schema);
  if (types.includes('array')) return [exampleOf(schema['items'])];
  if (types.includes('integer')) return schema['minimum'] ?? 1;
  if (types.includes('number')) return 1;
  if (types.includes('boolean')) return true;
  if (!types.includes('string')) return null;
  if (format === 'uuid') return uuid;
  if (format === 'date-time' || name.endsWith('_at')) return instant;
  if (name.endsWith('_id') || name === 'id') return uuid;
  return 'text';
}

/** Nothing but its type is asked of it. */
function isFree({ pattern, properties }: JsonObject): boolean {
  return pattern === undefined && properties === undefined;
}

function exampleObject(schema: JsonObject): Json {
  const { properties } = schema;
  if (!isObject(properties)) return {};
  // A first request has no cursor.
  const members = Object.entries(properties).filter(([name]) => name !== 'cursor');
  return Object.fromEntries(members.map(([name, member]) => [name, exampleOf(member, name)]));
}

function typeOf(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value === 'number' ? 'integer' : typeof value;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
