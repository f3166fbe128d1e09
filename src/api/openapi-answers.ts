import { type ErrorCode, errorEntry } from './errors.ts';
import { type ExportFormat, exportFormats, mediaTypes } from './export.ts';
import type { Components } from './openapi-components.ts';
import type { Answer, Json, JsonObject, Operation } from './openapi-document.ts';
import { exampleOf } from './openapi-examples.ts';
import { buildProblem, type Occurrence } from './problem.ts';
import { refusalCodes } from './schemas.ts';

/** What any operation may say, whatever its route declares: refused before a route is known. */
const always = ['malformed_request', 'headers_too_large', 'internal_error'] as const;

/** What a route declares of its answers, by status. */
type Declared = Readonly<Record<string, unknown>>;

export function describeAnswers(
  declared: Declared,
  options: { readonly components: Components; readonly hasId: boolean; readonly isFile: boolean },
): Operation['responses'] {
  const { components, hasId, isFile } = options;
  const codes = codesOf(declared);
  for (const code of [...always, ...(hasId ? ['address_too_long' as const] : [])])
    codes.set(statusOf(code), [...new Set([...(codes.get(statusOf(code)) ?? []), code])]);
  const isLimited = codes.has('429');
  const isMoney = codes.get('400')?.includes('idempotency_key_missing') === true;
  const answers: Record<string, Answer | Json> = {};
  for (const [status, ofStatus] of codes) {
    const refusal = describeRefusal(status, ofStatus, isLimited);
    answers[status] = components.referResponse(status, ofStatus, refusal);
  }
  for (const [status, schema] of Object.entries(declared)) {
    if (refusalCodes(schema) !== null) continue;
    const headers = headersOf(Number(status), { isLimited, isMoney });
    answers[status] = describeAnswer(status, headers, components.refer(schema), { schema, isFile });
  }
  return Object.fromEntries(
    Object.entries(answers).toSorted(([one], [other]) => Number(one) - Number(other)),
  );
}

function codesOf(declared: Declared): Map<string, readonly ErrorCode[]> {
  return new Map(
    Object.entries(declared).flatMap(([status, schema]) => {
      const codes = refusalCodes(schema);
      return codes === null ? [] : [[status, codes] as const];
    }),
  );
}

const statusOf = (code: ErrorCode): string => String(errorEntry(code).status);

const answerWords: Readonly<Record<string, string>> = {
  200: 'As asked.',
  201: 'Made.',
  202: 'Kept, and on its way.',
  204: 'Done; there is nothing to say.',
  503: 'Not ready.',
};

function describeAnswer(
  status: string,
  headers: JsonObject,
  schema: Json,
  { schema: whole, isFile }: { readonly schema: unknown; readonly isFile: boolean },
): Answer {
  const description = answerWords[status] ?? 'As asked.';
  if (status === '204') return { description, headers };
  const { contentMediaType } = objectOf(schema);
  if (typeof contentMediaType === 'string')
    return { description, headers, content: { [contentMediaType]: { schema } } };
  // The example is of the whole shape, not of a reference to it.
  const example = exampleOf(JSON.parse(JSON.stringify(whole)));
  const files = isFile ? exportFormats.map((format) => [mediaTypes[format], fileOf(format)]) : [];
  return {
    description,
    headers: isFile ? { ...headers, 'Content-Disposition': refer('ContentDisposition') } : headers,
    content: { 'application/json': { schema, example }, ...Object.fromEntries(files) },
  };
}

function objectOf(schema: Json): JsonObject {
  return typeof schema === 'object' && schema !== null && !Array.isArray(schema) ? schema : {};
}

/** A file has no shape that a schema could tell: what it is, is told in words. */
function fileOf(format: ExportFormat): JsonObject {
  const descriptions: Readonly<Record<ExportFormat, string>> = {
    csv: 'The whole list, RFC 4180: a line of names, then a line for each; CR LF ends a line.',
    ndjson: 'The whole list: a JSON object for each, with a line feed after it.',
  };
  const examples: Readonly<Record<ExportFormat, string>> = {
    csv: 'id,amount,currency\r\n01890a5d-ac96-774b-bcce-b302099a8057,100.00,USD\r\n',
    ndjson: '{"id":"01890a5d-ac96-774b-bcce-b302099a8057","amount":"100.00","currency":"USD"}\n',
  };
  return {
    schema: { type: 'string', description: descriptions[format] },
    example: examples[format],
  };
}

function describeRefusal(status: string, codes: readonly ErrorCode[], isLimited: boolean): Answer {
  const examples = codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]);
  return {
    description: codes.map((code) => errorEntry(code).title).join('; '),
    headers: headersOf(Number(status), { isLimited, isMoney: false }),
    content: {
      'application/problem+json': {
        schema: {
          allOf: [
            { $ref: '#/components/schemas/Problem' },
            { type: 'object', required: ['code'], properties: { code: { enum: [...codes] } } },
          ],
        },
        examples: Object.fromEntries(examples),
      },
    },
  };
}

function headersOf(
  status: number,
  { isLimited, isMoney }: { readonly isLimited: boolean; readonly isMoney: boolean },
): JsonObject {
  const limits = isLimited && (status < 400 || status === 429);
  return {
    'X-Request-ID': refer('RequestId'),
    ...(limits
      ? {
          RateLimit: refer('RateLimit'),
          'RateLimit-Policy': refer('RateLimitPolicy'),
          'X-RateLimit-Limit': refer('RateLimitLimit'),
          'X-RateLimit-Remaining': refer('RateLimitRemaining'),
          'X-RateLimit-Reset': refer('RateLimitReset'),
        }
      : {}),
    ...(isMoney ? { 'Idempotent-Replayed': refer('IdempotentReplayed') } : {}),
    ...(status === 201 || status === 202 ? { Location: refer('Location') } : {}),
    ...(status === 401 || status === 403 ? { 'WWW-Authenticate': refer('Challenge') } : {}),
    ...(status === 429 || status === 503 ? { 'Retry-After': refer('RetryAfter') } : {}),
  };
}

const refer = (name: string): JsonObject => ({ $ref: `#/components/headers/${name}` });

const header = (
  type: 'string' | 'integer',
  example: string | number,
  description: string,
): JsonObject => ({ description, schema: { type }, example });

/** Every header that an answer may have. */
export const answerHeaders: JsonObject = {
  RequestId: header(
    'string',
    '01890a5d-ac96-774b-bcce-b302099a8057',
    'Of this request: the one that was sent, if it is sane, or a new one.',
  ),
  RateLimit: header('string', '"balance";r=7;t=42', 'The limit nearest to its end.'),
  RateLimitPolicy: header(
    'string',
    '"balance";q=10;w=60, "global";q=1000;w=60',
    'The limits that count here.',
  ),
  RateLimitLimit: header('integer', 10, 'Of the limit nearest to its end: how many.'),
  RateLimitRemaining: header('integer', 7, 'How many are left.'),
  RateLimitReset: header('integer', 1_769_860_800, 'When it is full again, in Unix seconds.'),
  IdempotentReplayed: header(
    'string',
    'true',
    'There where this is the first answer to the same key, once more.',
  ),
  Location: header(
    'string',
    '/api/v1/deposits/01890a5d-ac96-774b-bcce-b302099a8057',
    'Where that which was made can be read.',
  ),
  Challenge: header('string', 'Bearer realm="tollgate"', 'What was missing (RFC 6750).'),
  RetryAfter: header('integer', 30, 'Seconds after which it is worth trying again.'),
  ContentDisposition: header(
    'string',
    'attachment; filename="transactions.csv"',
    'Of a file: its name.',
  ),
};

/** What fills the `{names}` of the catalogue's sentences in the examples. */
const values: Readonly<Record<string, string>> = {
  allow: 'GET, HEAD',
  amount: '100.00',
  available: '40.00',
  currency: 'USD',
  differing: 'amount',
  field: 'description',
  limit: '50',
  needed: 'the role operator',
  payment: '01890a5d-ac96-774b-bcce-b302099a8057',
  reason: 'is not valid',
  seconds: '30',
};

const occurrences: Readonly<Partial<Record<ErrorCode, Occurrence>>> = {
  validation_failed: { errors: [{ pointer: '#/amount', detail: 'is required' }] },
  rate_limit_exceeded: { members: { 'violated-policies': ['balance'], retry_after: 30 } },
};

/** One problem of each code, as it would be answered. */
export function problemExamples(codes: readonly ErrorCode[]): JsonObject {
  return Object.fromEntries(
    codes.map((code) => {
      const problem = buildProblem(code, '01890a5d-ac96-774b-bcce-b302099a8057', {
        values,
        ...occurrences[code],
      });
      return [
        code,
        { summary: errorEntry(code).title, value: JSON.parse(JSON.stringify(problem)) },
      ];
    }),
  );
}
