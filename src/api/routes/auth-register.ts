import { Type } from 'typebox';
import { unreachable } from '../../assert.ts';
import type { Tx } from '../../db/database.ts';
import { registerUser } from '../../users/register.ts';
import type { UserRow } from '../../users/store.ts';
import { type FreshSecret, insertFresh } from '../../webhooks/endpoints.ts';
import { anybody } from '../access.ts';
import { containsCardNumber } from '../card-number.ts';
import type { Api, ApiContext } from '../context.ts';
import { cardRefusal } from '../payment-request.ts';
import { sendProblem } from '../problem.ts';
import { nullable, problems, TokenSchema } from '../schemas.ts';
import { tokenBody } from '../token-body.ts';
import { FreshEndpointSchema } from '../webhook-body.ts';

const schema = {
  operationId: 'registerUser',
  tags: ['Sign-in'],
  summary: 'Register',
  description: 'Makes a user with one account, and signs them in.',
  body: Type.Object(
    {
      email: Type.String({ maxLength: 254 }),
      full_name: Type.String({ minLength: 1, maxLength: 200 }),
      password: Type.String({ maxLength: 256, description: '8 characters to 72 bytes.' }),
      webhook_url: Type.Optional(nullable<string>('string', { maxLength: 2000 })),
    },
    { additionalProperties: false },
  ),
  response: {
    201: Type.Object({
      ...TokenSchema.properties,
      webhook_endpoint: Type.Optional(
        Type.Object(
          {
            id: Type.String({ format: 'uuid' }),
            secret: FreshEndpointSchema.properties.secret,
          },
          { description: 'Made of webhook_url, where one was given.' },
        ),
      ),
    }),
    ...problems(
      'validation_failed',
      'malformed_json',
      'card_number_refused',
      'email_taken',
      'body_too_large',
      'unsupported_media_type',
      'rate_limit_exceeded',
      'overloaded',
      'database_away',
    ),
  },
};

export function authRegister(api: Api, context: ApiContext): void {
  const { database, passwords, sessions, limits, webhooks } = context;
  api.post(
    '/api/v1/auth/register',
    { schema, config: anybody, preHandler: limits.login },
    async (request, reply) => {
      if (containsCardNumber(request.body.full_name)) {
        const { refused, occurrence } = cardRefusal('full_name');
        return sendProblem(reply, refused, occurrence);
      }
      const url = request.body.webhook_url ?? null;
      const judgement = url === null ? null : await webhooks.guard.judge(url);
      if (judgement?.kind === 'refused')
        return sendProblem(reply, 'validation_failed', {
          errors: [{ pointer: '#/webhook_url', detail: judgement.detail }],
        });
      let first: FreshSecret | null = null;
      const makeFirst = async (tx: Tx, user: UserRow): Promise<void> => {
        if (url === null) return;
        const wish = { url, description: null, eventTypes: null };
        first = await insertFresh(tx, webhooks.seal, { userId: user.id, wish });
      };
      const result = await registerUser(database, passwords, request.body, null, makeFirst);
      switch (result.kind) {
        case 'registered': {
          const refreshToken = await sessions.open(database, result.user.id);
          const body = tokenBody(context, result.user, refreshToken);
          return reply.code(201).send({ ...body, ...firstEndpoint(first) });
        }
        case 'invalid':
          return sendProblem(reply, 'validation_failed', {
            errors: result.faults.map(({ field, detail }) => ({ pointer: `#/${field}`, detail })),
          });
        case 'email_taken':
          return sendProblem(reply, 'email_taken');
        default:
          return unreachable(result);
      }
    },
  );
}

/** Nothing, where no webhook_url was given. */
function firstEndpoint(first: FreshSecret | null) {
  if (first === null) return {};
  return { webhook_endpoint: { id: first.endpoint.id, secret: first.secret } };
}
