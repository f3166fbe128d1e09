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
}

const selectUserById = statement<UserRow>(
  'users_by_id',
  'SELECT id, email, full_name, role, is_active, created_at FROM users WHERE id = $1',
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
  `SELECT id, email, full_name, role, is_active, created_at, password_hash
     FROM users WHERE email = $1`,
);

export async function selectUserForLogin(
  database: Queryable,
  email: string,
): Promise<UserWithPasswordRow | null> {
  const [row] = await database.query(selectUserByEmail, [email]);
  return row ?? null;
}

export interface StandingRow {
  readonly role: Role;
  readonly is_active: boolean;
  /** Milliseconds since 1970, 0 for "any time". */
  readonly valid_after_ms: bigint;
}

const selectUserStanding = statement<StandingRow>(
  'users_standing',
  `SELECT role, is_active,
          CASE WHEN valid_after = '-infinity' THEN 0
               ELSE ceil(extract(epoch FROM valid_after) * 1000)::bigint END AS valid_after_ms
     FROM users WHERE id = $1`,
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
   RETURNING id, email, full_name, role, is_active, created_at`,
);

/** Null where the e-mail is taken. */
export async function insertUser(tx: Tx, user: NewUser): Promise<UserRow | null> {
  const { id, email, fullName, passwordHash, role, webhookUrl } = user;
  const values = [id, email, fullName, passwordHash, role, webhookUrl];
  const [row] = await tx.query(insertUserRow, values);
  return row ?? null;
}
