import { present } from '../assert.ts';
import { appendAuditLog } from '../audit-log/append.ts';
import type { Database } from '../db/database.ts';
import type { UserId } from '../ids.ts';
import { lockAdmins, lockUser, updateRights } from './administration-store.ts';
import type { By } from './api-keys.ts';
import type { Role } from './roles.ts';
import { endEverything } from './sessions.ts';
import type { UserRow } from './store.ts';

export interface RightsChange {
  readonly userId: UserId;
  /** Undefined leaves as it is. */
  readonly role?: Role;
  readonly isActive?: boolean;
}

export type RightsResult =
  | { readonly kind: 'changed'; readonly user: UserRow }
  | { readonly kind: 'not_found' | 'last_administrator' };

/**
 * In:   what an administrator decided about somebody.
 * Out:  their role and whether they may come in; every token they had is dead, and whatever the
 *       change it is in the audit log.
 * If we die here: all of it or nothing.
 */
export function changeRights(
  database: Database,
  change: RightsChange,
  by: By,
): Promise<RightsResult> {
  const { userId } = change;
  return database.transaction(async (tx) => {
    const admins = await lockAdmins(tx);
    const old = await lockUser(tx, userId);
    if (old === null) return { kind: 'not_found' };
    const role = change.role ?? old.role;
    const isActive = change.isActive ?? old.is_active;
    if (role === old.role && isActive === old.is_active) return { kind: 'changed', user: old };
    const isAdmin = role === 'admin' && isActive;
    if (!isAdmin && admins.length === 1 && admins[0] === userId)
      return { kind: 'last_administrator' };
    await endEverything(tx, userId, 'administrator');
    const user = present(await updateRights(tx, { id: userId, role, isActive }), 'it is locked');
    await appendAuditLog(tx, [
      {
        ...by,
        action: 'user.change_rights',
        subject: `user:${userId}`,
        before: { role: old.role, is_active: old.is_active },
        after: { role, is_active: isActive },
        reason: null,
      },
    ]);
    return { kind: 'changed', user };
  });
}
