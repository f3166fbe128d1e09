import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after, before, test } from 'node:test';
import fc, { type Arbitrary } from 'fast-check';
import { Compile, Errors } from 'typebox/schema';
import type { JsonObject } from '../../src/api/openapi-document.ts';
import { systemClock } from '../../src/clock.ts';
import { environment } from '../../src/config.ts';
import { openAccept } from '../../src/payments/accept.ts';
import { openTestApi, type Person, type TestApi } from '../support/api.ts';
import { insertTestPayment } from '../support/api-payments.ts';
import { addressArbitrary, arbitraryOf } from '../support/fuzz-arbitraries.ts';
import { nameOf, operationsOf, type PlacedOperation, servedDocument } from '../support/openapi.ts';
import { type Heard, type OperationCall, objectOf, send } from '../support/operation-call.ts';

/** Of each operation; some 60 of those make a few thousand. */
const requestsEach = 50;
const document = servedDocument();
const operations = operationsOf(document);
const seed = Number(environment()['TEST_SEED'] ?? randomInt(1_000_000));

let api: TestApi;
let baseUrl: string;
before(async () => {
  api = await openTestApi({ WEBHOOK_ALLOW_HTTP: 'false' });
  const { accept } = openAccept({
    database: api.database,
    clock: systemClock,
    bank: 'test',
    waitingMax: 100,
    deadlineMs: 2_000,
    onAccepted: () => undefined,
    reach: () => undefined,
  });
  api.use({ accept });
  baseUrl = await api.listen();
});
after(() => api.close());

for (const operation of operations) {
  test(`${nameOf(operation)}: whatever is sent, the answer is one that is declared`, async (t) => {
    t.diagnostic(`TEST_SEED=${seed}`);
    const people = [await api.person(), await api.person('operator'), await api.person('admin')];
    const ids = await idsOf(people);
    const cases = fc.record({
      token: fc.constantFrom(...people.map(({ token }) => token), people[0]?.token ?? null, null),
      call: callArbitrary(operation, ids),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ token, call }) => {
        const heard = await send(baseUrl, call, token);
        requests += 1;
        if (heard.status < 300) welcomed.add(nameOf(operation));
        conforms(operation, heard);
      }),
      { seed, numRuns: requestsEach },
    );
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  });
}

let requests = 0;
const welcomed = new Set<string>();

test('the requests were no mere nonsense: most operations did what they are for', (t) => {
  const rest = operations.map(nameOf).filter((name) => !welcomed.has(name));
  t.diagnostic(`${requests} requests; refused whatever was sent: ${rest.join(', ')}`);
  assert.ok(requests >= requestsEach * operations.length);
  assert.ok(welcomed.size > operations.length / 2);
});

/** Ids of things that there are. */
async function idsOf(people: readonly Person[]): Promise<string[]> {
  const ids = people.map(async (person) => {
    const payments = [
      await insertTestPayment(api.database, person, { status: 'SUCCESS' }),
      await insertTestPayment(api.database, person, { kind: 'withdrawal', status: 'FAILED' }),
    ];
    return [person.accountId, ...payments];
  });
  return ['me', ...(await Promise.all(ids)).flat()];
}

function callArbitrary(
  { method, path, operation }: PlacedOperation,
  ids: readonly string[],
): Arbitrary<OperationCall> {
  const parameters = operation.parameters.map((parameter) => {
    const isKey = parameter['$ref'] === '#/components/parameters/IdempotencyKey';
    return isKey
      ? { name: 'Idempotency-Key', in: 'header', schema: { type: 'string' } }
      : parameter;
  });
  const ofPlace = (place: string): JsonObject[] =>
    parameters.filter((parameter) => parameter['in'] === place);
  return fc
    .record({
      inPath: valuesOf(ofPlace('path'), () => addressArbitrary(ids), true),
      query: valuesOf(ofPlace('query'), (one) => arbitraryOf(one['schema'], nameOfParameter(one))),
      headers: valuesOf(ofPlace('header'), () => headerArbitrary),
      body: bodyArbitrary(operation.requestBody),
    })
    .map(({ inPath, query, headers, body }) => ({
      method,
      url: path.replaceAll(/\{(\w+)\}/g, (_, name: string) => inPath[name] ?? '') + queryOf(query),
      headers: { ...headers, ...body.headers },
      body: body.text,
    }));
}

function nameOfParameter({ name }: JsonObject): string {
  return typeof name === 'string' ? name : '';
}

const headerArbitrary = fc.stringMatching(/^[\x21-\x7e]{1,60}$/);

/** All of those in a path; of others a few, or one wrong filter among ten would refuse them all. */
function valuesOf<T>(
  parameters: readonly JsonObject[],
  make: (parameter: JsonObject) => Arbitrary<T>,
  areAll = false,
): Arbitrary<Readonly<Record<string, T>>> {
  const chosen = areAll
    ? fc.constant([...parameters])
    : fc.subarray([...parameters], { maxLength: Math.min(parameters.length, 3) });
  return chosen.chain((some) =>
    fc
      .tuple(...some.map((one) => make(one).map((value) => [nameOfParameter(one), value] as const)))
      .map((pairs) => Object.fromEntries(pairs)),
  );
}

function queryOf(query: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(query).map(([name, value]) => {
    const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
    return `${name}=${encodeURIComponent(text.toWellFormed())}`;
  });
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

interface Body {
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string | null;
}

function bodyArbitrary(requestBody: JsonObject | undefined): Arbitrary<Body> {
  if (requestBody === undefined) return fc.constant({ headers: {}, text: null });
  const media = Object.entries(objectOf(requestBody['content']));
  const sound = media.map(([type, one]) => {
    const { schema, example } = objectOf(one);
    const value = typeof example === 'string' ? fc.constant(example) : arbitraryOf(resolve(schema));
    return value.map((whole) => ({
      headers: { 'content-type': type },
      text: typeof whole === 'string' && typeof example === 'string' ? whole : asJson(whole),
    }));
  });
  const broken = fc.constantFrom(
    '',
    '{',
    '[]',
    'null',
    '{"__proto__":{"polluted":1}}',
    '{"a":1,"a":2}',
  );
  return fc.oneof(
    { weight: 12, arbitrary: fc.oneof(...sound) },
    {
      weight: 1,
      arbitrary: broken.map((text) => ({ headers: { 'content-type': 'application/json' }, text })),
    },
    { weight: 1, arbitrary: fc.constant({ headers: { 'content-type': 'text/plain' }, text: 'x' }) },
  );
}

const asJson = (value: unknown): string => JSON.stringify(value) ?? 'null';

function resolve(schema: unknown): JsonObject {
  const { $ref, ...rest } = objectOf(schema);
  if (typeof $ref !== 'string') return rest;
  const name = $ref.split('/').at(-1) ?? '';
  return objectOf(objectOf(document.components['schemas'])[name]);
}

/** The status is declared, its media type too, and the body has the shape of both. */
function conforms({ operation }: PlacedOperation, heard: Heard): void {
  const { status, mediaType, text } = heard;
  const isOurFault = status >= 500;
  const told = `${status} ${mediaType} ${text.slice(0, 2_000)}`;
  if (isOurFault) {
    const line = api.logLines.findLast((one) => one['msg'] === 'request failed');
    assert.fail(`${told} ${JSON.stringify(line)}`);
  }
  const declared = operation.responses[status];
  assert.ok(declared !== undefined, `undeclared: ${told}`);
  const { $ref } = objectOf(declared);
  const name = typeof $ref === 'string' ? ($ref.split('/').at(-1) ?? '') : '';
  const answer =
    $ref === undefined ? objectOf(declared) : objectOf(document.components['responses'])[name];
  const content = objectOf(objectOf(answer)['content']);
  assert.ok(heard.headers.get('x-request-id'), 'every answer has its request id');
  if (Object.keys(content).length === 0) return assert.equal(text, '', told);
  const media = objectOf(content[mediaType]);
  assert.ok(media['schema'] !== undefined, `undeclared media type: ${told}`);
  if (!mediaType.endsWith('json') || mediaType === 'application/x-ndjson') return undefined;
  const schema = { components: document.components, ...objectOf(media['schema']) };
  const value: unknown = JSON.parse(text);
  const validator = validators.get(media) ?? Compile(schema);
  validators.set(media, validator);
  if (!validator.Check(value))
    assert.fail(`${told} is not of its schema: ${JSON.stringify(Errors(schema, value))}`);
  return undefined;
}

const validators = new WeakMap<object, ReturnType<typeof Compile>>();
