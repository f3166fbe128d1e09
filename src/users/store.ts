import { present } from '../assert.ts';
import { type Queryable, statement, type Tx } from '../db/database.ts';
import type { UserId } from '../ids.ts';
import type { Role } from './roles.ts';

export interface UserRow {
  readonly id: UserId;
  readonly email: string;
  readonly full_name: string;
  readonly role: Role;
  readonly is_active: boolean;
  readonly created_at: Date;
  readonly webhook_url: string | null;
  /** Tokens issued before this many milliseconds since 1970 are dead; 0: none are. */
  readonly valid_after_ms: number;
}

/**
 * `valid_after` in milliseconds, rounded up: a token's moment has whole ones, and one issued in the
 * same millisecond but before it must not count. The one rule, for everybody who compares.
 */
export function validAfterMs(table: string): string {
  return `greatest(ceil(extract(epoch FROM ${table}.valid_after) * 1000), 0)::float8`;
}

/** The columns of a UserRow. */
export function userColumns(table: string): string {
  const names = ['id', 'email', 'full_name', 'role', 'is_active', 'created_at', 'webhook_url'];
  const columns = names.map((name) => `${table}.${name}`);
  return `${columns.join(', ')}, ${validAfterMs(table)} AS valid_after_ms`;
}

const selectUserById = statement<UserRow>(
  'users_by_id',
  `SELECT ${userColumns('users')} FROM users WHERE id = $1`,
);

export async function selectUser(database: Queryable, id: UserId): Promise<UserRow | null> {
  const [row] = await database.query(selectUserById, [id]);
  return row ?? null;
}

export interface UserWithPasswordRow extends UserRow {
  readonly password_hash: string;
}

const selectUserByEmail = statement<UserWithPasswordRow>(
  'users_by_email',
  `SELECT ${userColumns('users')}, password_hash FROM users WHERE email = $1`,
);

export async function selectUserForLogin(
  database: Queryable,
  email: string,
): Promise<UserWithPasswordRow | null> {
  const [row] = await database.query(selectUserByEmail, [email]);
  return row ?? null;
}

/** Whose right to tokens was looked at under the user's row. */
export interface JudgedUserRow extends UserRow {
  /** When, in milliseconds of the database's clock: whoever ends all tokens later ends theirs. */
  readonly judged_at_ms: number;
}

export const judgedAtMs = 'floor(extract(epoch FROM clock_timestamp()) * 1000)::float8';

const lockUserOfPassword = statement<JudgedUserRow>(
  'users_lock_for_login',
  `SELECT ${userColumns('users')}, ${judgedAtMs} AS judged_at_ms FROM users
    WHERE id = $1 AND password_hash = $2 AND is_active FOR NO KEY UPDATE`,
);

/** Null where the password was changed since it was compared, or its user deactivated. */
export async function lockUserForLogin(
  tx: Tx,
  { id, password_hash }: Pick<UserWithPasswordRow, 'id' | 'password_hash'>,
): Promise<JudgedUserRow | null> {
  const [row] = await tx.query(lockUserOfPassword, [id, password_hash]);
  return row ?? null;
}

export interface StandingRow {
  readonly role: Role;
  readonly is_active: boolean;
  readonly valid_after_ms: number;
}

const selectUserStanding = statement<StandingRow>(
  'users_standing',
  `SELECT role, is_active, ${validAfterMs('users')} AS valid_after_ms FROM users WHERE id = $1`,
);

export async function selectStanding(database: Queryable, id: UserId): Promise<StandingRow | null> {
  const [row] = await database.query(selectUserStanding, [id]);
  return row ?? null;
}

export interface NewUser {
  readonly id: UserId;
  readonly email: string;
  readonly fullName: string;
  readonly passwordHash: string;
  readonly role: Role;
  readonly webhookUrl: string | null;
}

const insertUserRow = statement<UserRow>(
  'users_insert',
  `INSERT INTO users (id, email, full_name, password_hash, role, webhook_url)
   VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (email) DO NOTHING
   RETURNING ${userColumns('users')}`,
);

/** Null where the e-mail is taken. */
export async function insertUser(tx: Tx, user: NewUser): Promise<UserRow | null> {
  const { id, email, fullName, passwordHash, role, webhookUrl } = user;
  const values = [id, email, fullName, passwordHash, role, webhookUrl];
  const [row] = await tx.query(insertUserRow, values);
  return row ?? null;
}

const validAfterMove = statement<{ valid_after_ms: number }>(
  'users_valid_after',
  // The clock is read when the row is ours: whoever was making tokens under it has made them.
  `UPDATE users SET valid_after = clock_timestamp()
     FROM (SELECT id FROM users WHERE id = $1 FOR NO KEY UPDATE) l
    WHERE users.id = l.id
   RETURNING ${validAfterMs('users')} AS valid_after_ms`,
);

export async function moveValidAfter(tx: Tx, id: UserId): Promise<number> {
  const [row] = await tx.query(validAfterMove, [id]);
  return present(row, 'nobody removes a user').valid_after_ms;
}

const passwordUpdate = statement<{ id: UserId }>(
  'users_password',
  `UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2 RETURNING id`,
);

/** False where the old one is no longer the password: somebody else was faster. */
export async function updatePassword(
  tx: Tx,
  change: { readonly id: UserId; readonly oldHash: string; readonly newHash: string },
): Promise<boolean> {
  const rows = await tx.query(passwordUpdate, [change.id, change.oldHash, change.newHash]);
  return rows.length === 1;
}

const profileUpdate = statement<UserRow>(
  'users_profile',
  `UPDATE users SET full_name = coalesce($2, full_name),
                    webhook_url = CASE WHEN $3 THEN $4 ELSE webhook_url END
    WHERE id = $1 RETURNING ${userColumns('users')}`,
);

/** Undefined leaves as it is. */
export interface Profile {
  readonly fullName?: string;
  readonly webhookUrl?: string | null;
}

export async function updateProfile(
  database: Queryable,
  id: UserId,
  { fullName, webhookUrl }: Profile,
): Promise<UserRow | null> {
  const values = [id, fullName ?? null, webhookUrl !== undefined, webhookUrl ?? null];
  const [row] = await database.query(profileUpdate, values);
  return row ?? null;
}

const passwordHash = statement<{ password_hash: string }>(
  'users_password_hash',
  'SELECT password_hash FROM users WHERE id = $1',
);

export async function selectPasswordHash(database: Queryable, id: UserId): Promise<string | null> {
  const [row] = await database.query(passwordHash, [id]);
  return row?.password_hash ?? null;
}
