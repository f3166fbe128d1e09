import { Client } from 'pg';
import { systemClock } from '../src/clock.ts';
import { newAccountId, newUserId } from '../src/ids.ts';
import { openTokens } from '../src/users/tokens.ts';
import { jwtSecret } from './gateway.ts';

/** Customers with a USD account each, made by the owner: a registration costs a password hash. */
export async function insertPeople(ownerUrl: string, count: number): Promise<readonly string[]> {
  const people = Array.from({ length: count }, () => ({
    userId: newUserId(),
    accountId: newAccountId(),
  }));
  await withClient(ownerUrl, async (client) => {
    const userIds = people.map((one) => one.userId);
    await client.query(
      `INSERT INTO users (id, email, full_name, password_hash)
       SELECT id, id || '@bench.example', 'Bench', 'none' FROM unnest($1::uuid[]) AS u (id)`,
      [userIds],
    );
    await client.query(
      `INSERT INTO accounts (id, kind, user_id, currency)
       SELECT id, 'user', user_id, 'USD' FROM unnest($1::uuid[], $2::uuid[]) AS a (id, user_id)`,
      [people.map((one) => one.accountId), userIds],
    );
  });
  const tokens = openTokens({ secret: jwtSecret, expireMinutes: 1440, clock: systemClock });
  return people.map(({ userId }) => tokens.issue({ id: userId, role: 'user' }));
}

export async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, application_name: 'bench' });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
