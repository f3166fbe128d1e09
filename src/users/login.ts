import type { Database } from '../db/database.ts';
import { fitsBcrypt, type Passwords } from './passwords.ts';
import { normaliseEmail } from './register.ts';
import type { Sessions } from './sessions.ts';
import { type JudgedUserRow, lockUserForLogin, selectUserForLogin } from './store.ts';

export type LoginResult =
  | { readonly kind: 'welcome'; readonly user: JudgedUserRow; readonly refreshToken: string }
  /** Unknown, wrong password or deactivated: one answer, at one price, so that none can be told. */
  | { readonly kind: 'refused' };

interface Parts {
  readonly database: Database;
  readonly passwords: Passwords;
  readonly sessions: Sessions;
}

/**
 * The comparison takes a quarter of a second, and may wait for seconds. Who changes the password
 * meanwhile means to end what the old one opens, so the session begins only where it still is the
 * password.
 *
 * @throws Overloaded
 */
export async function loginUser(
  { database, passwords, sessions }: Parts,
  credentials: { readonly email: string; readonly password: string },
): Promise<LoginResult> {
  // Nobody has such a password, whoever is asked for: nothing is given away.
  if (!fitsBcrypt(credentials.password)) return { kind: 'refused' };
  const found = await selectUserForLogin(database, normaliseEmail(credentials.email));
  const isRight = await passwords.verify(credentials.password, found?.password_hash ?? null);
  if (found === null || !isRight || !found.is_active) return { kind: 'refused' };
  return database.transaction(async (tx): Promise<LoginResult> => {
    const user = await lockUserForLogin(tx, found);
    if (user === null) return { kind: 'refused' };
    return { kind: 'welcome', user, refreshToken: await sessions.open(tx, user.id) };
  });
}
