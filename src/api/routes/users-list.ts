import { Type } from 'typebox';
import { selectUsers } from '../../users/administration-store.ts';
import { normaliseEmail } from '../../users/register.ts';
import type { Api, ApiContext } from '../context.ts';
import { readListNumbers } from '../payment-list.ts';
import { sendProblem } from '../problem.ts';
import { guardCodes, nullable, problems, UserSchema } from '../schemas.ts';
import { userBody } from '../token-body.ts';

const schema = {
  operationId: 'listUsers',
  tags: ['Users'],
  summary: 'List users',
  description: 'Everybody, in the order of their e-mails.',
  querystring: Type.Object(
    {
      // PostgreSQL stores no control characters in an e-mail, and would refuse to look for NUL.
      email: Type.Optional(
        Type.String({
          maxLength: 254,
          pattern: '^[^\\u0000-\\u001f]*$',
          description: 'What the e-mail begins with.',
        }),
      ),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, description: 'Default 20.' })),
      cursor: Type.Optional(
        Type.String({ maxLength: 1500, description: 'The next_cursor of the page before.' }),
      ),
    },
    { additionalProperties: false },
  ),
  response: {
    200: Type.Object({
      items: Type.Array(UserSchema),
      next_cursor: nullable<string>('string'),
      limit: Type.Integer(),
    }),
    ...problems(...guardCodes, 'validation_failed'),
  },
};

/** Everybody, in the order of their e-mails. */
export function usersList(api: Api, { database, limits }: ApiContext): void {
  api.get(
    '/api/v1/users',
    {
      schema,
      config: { access: { role: 'admin', scope: 'admin:*' } },
      onRequest: limits.global,
      preValidation: readListNumbers,
    },
    async (request, reply) => {
      const { email = '', limit = 20, cursor } = request.query;
      const after = cursor === undefined ? null : parseCursor(cursor);
      if (cursor !== undefined && after === null)
        return sendProblem(reply, 'validation_failed', {
          errors: [{ parameter: 'cursor', detail: 'is not one of ours' }],
        });
      const prefix = normaliseEmail(email);
      const users = await selectUsers(database, { prefix, after, limit: limit + 1 });
      const items = users.slice(0, limit);
      const last = users.length > limit ? items.at(-1) : undefined;
      return {
        items: items.map(userBody),
        next_cursor: last === undefined ? null : formatCursor(last.email),
        limit,
      };
    },
  );
}

function formatCursor(email: string): string {
  return Buffer.from(email).toString('base64url');
}

function parseCursor(cursor: string): string | null {
  const email = Buffer.from(cursor, 'base64url').toString();
  return /^[^\p{Cc}\p{Cs}\ufffd]+$/u.test(email) ? email : null;
}
