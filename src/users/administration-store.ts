import { type Queryable, statement, type Tx } from '../db/database.ts';
import type { UserId } from '../ids.ts';
import type { Role } from './roles.ts';
import { type UserRow, userColumns } from './store.ts';

const usersPage = statement<UserRow>(
  'users_page',
  // In the order of bytes, which the index on the first letters has. No e-mail reaches beyond the
  // last code point.
  `SELECT ${userColumns('users')} FROM users
    WHERE email COLLATE "C" >= $1 AND email COLLATE "C" < $1 || U&'\\+10FFFF'
      AND ($2::text IS NULL OR email COLLATE "C" > $2)
    ORDER BY email COLLATE "C" LIMIT $3`,
);

export function selectUsers(
  database: Queryable,
  page: { readonly prefix: string; readonly after: string | null; readonly limit: number },
): Promise<readonly UserRow[]> {
  return database.query(usersPage, [page.prefix, page.after, page.limit]);
}

const turnLock = statement<Record<never, never>>(
  'users_rights_turn',
  `SELECT pg_advisory_xact_lock(hashtext('tollgate.user_rights'))`,
);

const adminsLock = statement<{ id: UserId }>(
  'users_admins_lock',
  `SELECT id FROM users WHERE role = 'admin' AND is_active ORDER BY id FOR NO KEY UPDATE`,
);

/**
 * Whoever takes an administrator away waits here for whoever takes away another. The rows alone do
 * not do: whoever waited for them holds what was an administrator's when he came, in another order
 * than the next one.
 */
export async function lockAdmins(tx: Tx): Promise<readonly UserId[]> {
  await tx.query(turnLock, []);
  const rows = await tx.query(adminsLock, []);
  return rows.map((row) => row.id);
}

const userLock = statement<UserRow>(
  'users_lock',
  `SELECT ${userColumns('users')} FROM users WHERE id = $1 FOR NO KEY UPDATE`,
);

export async function lockUser(tx: Tx, id: UserId): Promise<UserRow | null> {
  const [row] = await tx.query(userLock, [id]);
  return row ?? null;
}

const rightsUpdate = statement<UserRow>(
  'users_rights',
  `UPDATE users SET role = $2, is_active = $3 WHERE id = $1 RETURNING ${userColumns('users')}`,
);

export async function updateRights(
  tx: Tx,
  change: { readonly id: UserId; readonly role: Role; readonly isActive: boolean },
): Promise<UserRow | null> {
  const [row] = await tx.query(rightsUpdate, [change.id, change.role, change.isActive]);
  return row ?? null;
}
