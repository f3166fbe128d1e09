import type { Database } from '../db/database.ts';
import { fitsBcrypt, type Passwords } from './passwords.ts';
import { normaliseEmail } from './register.ts';
import { selectUserForLogin, type UserRow } from './store.ts';

export type LoginResult =
  | { readonly kind: 'welcome'; readonly user: UserRow }
  /** Unknown, wrong password or deactivated: one answer, at one price, so that none can be told. */
  | { readonly kind: 'refused' };

/** @throws Overloaded */
export async function loginUser(
  database: Database,
  passwords: Passwords,
  credentials: { readonly email: string; readonly password: string },
): Promise<LoginResult> {
  // Nobody has such a password, whoever is asked for: nothing is given away.
  if (!fitsBcrypt(credentials.password)) return { kind: 'refused' };
  const user = await selectUserForLogin(database, normaliseEmail(credentials.email));
  const isRight = await passwords.verify(credentials.password, user?.password_hash ?? null);
  if (user === null || !isRight || !user.is_active) return { kind: 'refused' };
  return { kind: 'welcome', user };
}
