import type { Static } from 'typebox';
import type { UserRow } from '../users/store.ts';
import type { ApiContext } from './context.ts';
import type { TokenSchema, UserSchema } from './schemas.ts';

/** What whoever signs in, or stays signed in, is answered with. */
export function tokenBody(
  { tokens, sessions }: Pick<ApiContext, 'tokens' | 'sessions'>,
  user: UserRow,
  refreshToken: string,
): Static<typeof TokenSchema> {
  return {
    access_token: tokens.issue(user),
    token_type: 'bearer',
    expires_in: tokens.expiresInSeconds,
    refresh_token: refreshToken,
    refresh_expires_in: sessions.lifetimeSeconds,
    user: userBody(user),
  };
}

export function userBody(user: UserRow): Static<typeof UserSchema> {
  return {
    id: user.id,
    email: user.email,
    full_name: user.full_name,
    is_active: user.is_active,
    role: user.role,
    created_at: user.created_at.toISOString(),
    webhook_url: user.webhook_url,
  };
}
