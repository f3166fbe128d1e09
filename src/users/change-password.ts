import { actors, appendAuditLog } from '../audit-log/append.ts';
import type { Database } from '../db/database.ts';
import type { UserId } from '../ids.ts';
import { fitsBcrypt, type Passwords } from './passwords.ts';
import { endEverything, type Sessions } from './sessions.ts';
import { selectPasswordHash, selectUser, type UserRow, updatePassword } from './store.ts';

export interface PasswordChange {
  readonly userId: UserId;
  readonly current: string;
  readonly wanted: string;
  readonly requestId: string;
}

export type PasswordChangeResult =
  | { readonly kind: 'changed'; readonly user: UserRow; readonly refreshToken: string }
  | { readonly kind: 'wrong' };

/**
 * In:   the password that counts, and the one that is to.
 * Out:  the new one, all tokens of before dead, and one new session for whoever asked.
 * If we die here: before commit the old password counts; after it the new one does.
 * @throws Overloaded
 */
export async function changePassword(
  { database, passwords, sessions }: Parts,
  change: PasswordChange,
): Promise<PasswordChangeResult> {
  const { userId } = change;
  const oldHash = await selectPasswordHash(database, userId);
  if (!fitsBcrypt(change.current) || !(await passwords.verify(change.current, oldHash)))
    return { kind: 'wrong' };
  const newHash = await passwords.hash(change.wanted);
  return database.transaction(async (tx) => {
    const isStill =
      oldHash !== null && (await updatePassword(tx, { id: userId, oldHash, newHash }));
    if (!isStill) return { kind: 'wrong' };
    await endEverything(tx, userId, 'password');
    const refreshToken = await sessions.open(tx, userId);
    const user = await selectUser(tx, userId);
    if (user === null) return { kind: 'wrong' };
    await appendAuditLog(tx, [
      {
        actor: actors.user(userId),
        action: 'user.change_password',
        subject: `user:${userId}`,
        before: null,
        after: null,
        reason: null,
        requestId: change.requestId,
      },
    ]);
    return { kind: 'changed', user, refreshToken };
  });
}

interface Parts {
  readonly database: Database;
  readonly passwords: Passwords;
  readonly sessions: Sessions;
}
