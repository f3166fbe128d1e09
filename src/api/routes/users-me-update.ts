import { Type } from 'typebox';
import { isWebUrl } from '../../users/register.ts';
import { updateProfile } from '../../users/store.ts';
import { callerOf } from '../auth.ts';
import { containsCardNumber } from '../card-number.ts';
import type { Api, ApiContext } from '../context.ts';
import { cardRefusal } from '../payment-request.ts';
import { sendProblem } from '../problem.ts';
import { guardCodes, nullable, problems, UserSchema } from '../schemas.ts';
import { userBody } from '../token-body.ts';

const schema = {
  operationId: 'updateCurrentUser',
  tags: ['Users'],
  summary: 'Change my profile',
  description: 'What somebody may change about themselves; no API key may.',
  body: Type.Object(
    {
      // Something besides spaces, as registration asks for.
      full_name: Type.Optional(Type.String({ pattern: '\\S', maxLength: 200 })),
      webhook_url: Type.Optional(nullable<string>('string', { maxLength: 2000 })),
    },
    { additionalProperties: false, minProperties: 1 },
  ),
  response: {
    200: UserSchema,
    ...problems(
      ...guardCodes,
      'validation_failed',
      'malformed_json',
      'card_number_refused',
      'body_too_large',
      'unsupported_media_type',
    ),
  },
};

/** What somebody may change about themselves; no key may. */
export function usersMeUpdate(api: Api, { database, limits }: ApiContext): void {
  api.patch(
    '/api/v1/users/me',
    { schema, config: { access: { role: 'user', scope: null } }, onRequest: limits.global },
    async (request, reply) => {
      const { full_name: fullName, webhook_url: webhookUrl } = request.body;
      if (fullName !== undefined && containsCardNumber(fullName)) {
        const { refused, occurrence } = cardRefusal('full_name');
        return sendProblem(reply, refused, occurrence);
      }
      if (webhookUrl !== undefined && webhookUrl !== null && !isWebUrl(webhookUrl))
        return sendProblem(reply, 'validation_failed', {
          errors: [{ pointer: '#/webhook_url', detail: 'must be an http or https URL' }],
        });
      const user = await updateProfile(database, callerOf(request).userId, {
        ...(fullName === undefined ? {} : { fullName: fullName.trim() }),
        ...(webhookUrl === undefined ? {} : { webhookUrl }),
      });
      return user === null ? sendProblem(reply, 'token_revoked') : userBody(user);
    },
  );
}
