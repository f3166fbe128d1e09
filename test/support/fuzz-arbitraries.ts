import fc, { type Arbitrary } from 'fast-check';
import type { Json, JsonObject } from '../../src/api/openapi-document.ts';
import { exampleOf } from '../../src/api/openapi-examples.ts';
import { objectOf } from './operation-call.ts';

/** Texts that have broken somebody's program before. */
const nasty = fc.constantFrom(
  '',
  ' ',
  "' OR 1=1 --",
  '$1',
  '%',
  '\\',
  '../../etc/passwd',
  '{{7*7}}',
  '\u0000',
  '\ud800',
  '\u202e',
  'NaN',
  '-0',
  '1e999',
  '99999999999999999999.99',
  '0001-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999Z',
  '+275760-09-13',
  'AAAAAAAAAAA',
  'x'.repeat(5_000),
);

const anything: Arbitrary<unknown> = fc.oneof(
  nasty,
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>(null, true, 0, -1, 1e308, Number.MAX_SAFE_INTEGER, [], {}, [[[]]]),
);

/** Mostly what the schema allows, and now and then what it does not. */
export function arbitraryOf(schema: Json | undefined, name = ''): Arbitrary<unknown> {
  return fc.oneof(
    { weight: 8, arbitrary: allowed(objectOf(schema), name) },
    { weight: 2, arbitrary: fc.constant(exampleOf(schema, name)) },
    { weight: 1, arbitrary: anything },
  );
}

function allowed(schema: JsonObject, name: string): Arbitrary<unknown> {
  const { enum: words, const: only, type } = schema;
  if (only !== undefined) return fc.constant(only);
  if (Array.isArray(words)) return fc.constantFrom(...words);
  const types = [type ?? 'any'].flat();
  return fc.oneof(...types.map((one) => ofType(one, schema, name)));
}

function ofType(type: Json | undefined, schema: JsonObject, name: string): Arbitrary<unknown> {
  const { minimum, maximum, items, minItems, maxItems } = schema;
  // Any word of JSON Schema may stand here.
  switch (typeof type === 'string' ? type : 'any') {
    case 'string':
      return textOf(schema);
    case 'integer':
      return fc.integer({ min: numberOf(minimum, -1_000_000), max: numberOf(maximum, 1_000_000) });
    case 'number':
      return fc.oneof(fc.double(), fc.integer(), fc.constantFrom(100, 0.1, 12.34));
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(arbitraryOf(items, name), {
        minLength: numberOf(minItems, 0),
        maxLength: Math.min(numberOf(maxItems, 5), 8),
      });
    case 'object':
      return objectWith(schema);
    default:
      return anything;
  }
}

function textOf({ pattern, format, maxLength, minLength }: JsonObject): Arbitrary<string> {
  if (typeof pattern === 'string') return fc.stringMatching(new RegExp(pattern));
  if (format === 'uuid') return fc.oneof(fc.uuid(), fc.uuid({ version: 7 }));
  if (format === 'date-time')
    return fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
  const max = Math.min(numberOf(maxLength, 60), 600);
  return fc.oneof(
    fc.string({ unit: 'grapheme', minLength: numberOf(minLength, 0), maxLength: max }),
    fc.constantFrom('100.00', '0.01', 'USD', 'JPY', 'me', '2026-01-31', '2026-01-31T12:00:00Z'),
    nasty,
  );
}

function objectWith({ properties, required }: JsonObject): Arbitrary<unknown> {
  const members = objectOf(properties);
  if (Object.keys(members).length === 0) return fc.dictionary(fc.string(), fc.jsonValue());
  const known = fc.record(
    Object.fromEntries(
      Object.entries(members).map(([name, member]) => [name, arbitraryOf(member, name)]),
    ),
    { requiredKeys: Array.isArray(required) ? required.map(String) : [] },
  );
  const more = fc.constantFrom<Record<string, unknown>>({}, {}, {}, {}, { status: 'SUCCESS' });
  return fc.tuple(known, more).map(([one, other]) => ({ ...one, ...other }));
}

function numberOf(value: Json | undefined, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}

/** What stands in an address: whole, and as a client would have to write it. */
export function addressArbitrary(known: readonly string[]): Arbitrary<string> {
  return fc
    .oneof(
      { weight: 6, arbitrary: fc.constantFrom(...known) },
      { weight: 1, arbitrary: fc.uuid() },
      { weight: 1, arbitrary: nasty.filter((text) => text !== '' && text.length < 120) },
    )
    .map((text) => encodeURIComponent(text.toWellFormed()));
}
