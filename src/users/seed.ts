import type { Database } from '../db/database.ts';
import { openPasswords } from './passwords.ts';
import { insertUserWithAccount } from './register.ts';
import type { Role } from './roles.ts';
import { selectUserForLogin } from './store.ts';

interface DemoUser {
  readonly email: string;
  readonly fullName: string;
  readonly password: string;
  readonly role: Role;
}

/** Known to everybody who reads CREDENTIALS.md, hence never in production. */
export const demoUsers: readonly DemoUser[] = [
  { email: 'demo@tollgate.dev', fullName: 'Dana Demo', password: 'demo-password', role: 'user' },
  {
    email: 'operator@tollgate.dev',
    fullName: 'Olu Operator',
    password: 'operator-password',
    role: 'operator',
  },
  { email: 'admin@tollgate.dev', fullName: 'Ada Admin', password: 'admin-password', role: 'admin' },
];

/** What it needs of the settings; a Config has them. */
export interface SeedSettings {
  readonly ENVIRONMENT: 'development' | 'production';
  readonly PASSWORD_BCRYPT_COST: number;
}

/** Whoever asks for demo accounts in production is about to publish an admin's password. */
export class SeedRefused extends Error {
  override readonly name = 'SeedRefused';
}

/**
 * Creates the demo users that are missing; those who exist stay as they are.
 * @throws SeedRefused in production
 */
export async function seedDemo(
  database: Database,
  config: SeedSettings,
): Promise<{ created: number }> {
  if (config.ENVIRONMENT === 'production')
    throw new SeedRefused('Demo accounts have published passwords: refused in production.');
  const passwords = openPasswords(config.PASSWORD_BCRYPT_COST);
  const created = await Promise.all(
    demoUsers.map(async ({ email, fullName, password, role }) => {
      // Looked up first: a hash costs a quarter of a second, and every start comes by here.
      if ((await selectUserForLogin(database, email)) !== null) return false;
      const passwordHash = await passwords.hash(password);
      const person = { email, fullName, passwordHash, role, webhookUrl: null };
      const user = await database.transaction((tx) => insertUserWithAccount(tx, person));
      return user !== null;
    }),
  );
  return { created: created.filter(Boolean).length };
}
