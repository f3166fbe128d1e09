import type { Static } from 'typebox';
import type { UserRow } from '../users/store.ts';
import type { Tokens } from '../users/tokens.ts';
import type { TokenSchema, UserSchema } from './schemas.ts';

/** What registration and login answer with. */
export function tokenBody(tokens: Tokens, user: UserRow): Static<typeof TokenSchema> {
  return {
    access_token: tokens.issue(user),
    token_type: 'bearer',
    expires_in: tokens.expiresInSeconds,
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
  };
}
