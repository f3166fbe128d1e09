import { createHash } from 'node:crypto';
import type { TSchema } from 'typebox';
import { StatementSchema } from './account-statement.ts';
import { ApiKeySchema, FreshApiKeySchema } from './api-key-body.ts';
import type { ErrorCode } from './errors.ts';
import { FailedTaskSchema } from './failed-task-body.ts';
import type { Answer, Json, JsonObject } from './openapi-document.ts';
import { PaymentDetailsSchema } from './payment-details.ts';
import { PageSchema } from './payment-list.ts';
import { PaymentRequestSchema } from './payment-request.ts';
import { PaymentSchema, TokenSchema, UserSchema } from './schemas.ts';

/**
 * Shapes that have a name of their own in the document. Another one earns its name in its own file:
 * `Type.Object({…}, { title: 'Break' })`.
 */
const named: Readonly<Record<string, TSchema>> = {
  Payment: PaymentSchema,
  PaymentDetails: PaymentDetailsSchema,
  PaymentPage: PageSchema,
  PaymentRequest: PaymentRequestSchema,
  Statement: StatementSchema,
  User: UserSchema,
  Tokens: TokenSchema,
  ApiKey: ApiKeySchema,
  FreshApiKey: FreshApiKeySchema,
  FailedTask: FailedTaskSchema,
};

/** A schema as plain JSON: what TypeBox keeps for itself is left behind. */
export function plain(schema: unknown): Json {
  // A schema is JSON by what it is.
  return JSON.parse(JSON.stringify(schema)) as Json;
}

export interface Components {
  /** The schema, with each part that has a name replaced by a reference to it. */
  readonly refer: (schema: unknown) => Json;
  /** The same refusals stand at many operations: once here, and referred to. */
  readonly referResponse: (status: string, codes: readonly ErrorCode[], answer: Answer) => Json;
  /** Those that were referred to. */
  readonly used: () => Readonly<Record<string, Json>>;
  readonly usedResponses: () => JsonObject;
}

export function openComponents(): Components {
  const nameByText = new Map(
    Object.entries(named).map(([name, schema]) => [JSON.stringify(plain(schema)), name]),
  );
  const used = new Map<string, Json>();

  /** Two shapes of one name would make one of them a lie. */
  function keep(name: string, schema: Json): Json {
    const known = used.get(name);
    if (known === undefined) {
      used.set(name, null);
      used.set(name, referMembers(schema));
    } else if (known !== null && JSON.stringify(known) !== JSON.stringify(referMembers(schema)))
      throw new Error(`two schemas are called ${name}`);
    return { $ref: `#/components/schemas/${name}` };
  }

  function referMembers(schema: Json): Json {
    if (Array.isArray(schema)) return schema.map(referPlain);
    if (typeof schema !== 'object' || schema === null) return schema;
    return Object.fromEntries(
      Object.entries(schema).map(([key, value]) => [
        key,
        value === undefined || isData(key) ? value : referPlain(value),
      ]),
    );
  }

  function referPlain(schema: Json): Json {
    if (typeof schema !== 'object' || schema === null || Array.isArray(schema))
      return referMembers(schema);
    const { title } = schema;
    const name = typeof title === 'string' ? title : nameByText.get(JSON.stringify(schema));
    return name === undefined ? referMembers(schema) : keep(name, schema);
  }

  const responses = new Map<string, Json>();

  return {
    referResponse: (status, codes, answer) => {
      const name = responseName(status, codes, answer);
      responses.set(name, plain(answer));
      return { $ref: `#/components/responses/${name}` };
    },
    usedResponses: () => Object.fromEntries([...responses].toSorted(byKey)),
    refer: (schema) => referPlain(plain(schema)),
    used: () => Object.fromEntries([...used].toSorted(byKey)),
  };
}

/** Of what it says, so that it stays the same while others come and go. */
function responseName(status: string, codes: readonly ErrorCode[], answer: Answer): string {
  const [only] = codes;
  if (codes.length === 1 && only !== undefined) return `refused_${only}`;
  const digest = createHash('sha256').update(JSON.stringify(answer)).digest('hex');
  return `refused_${status}_${digest.slice(0, 8)}`;
}

function byKey([one]: readonly [string, Json], [other]: readonly [string, Json]): number {
  return one < other ? -1 : 1;
}

/** Keywords whose values are no schemas, whatever they look like. */
function isData(key: string): boolean {
  return key === 'examples' || key === 'enum' || key === 'const' || key === 'required';
}
