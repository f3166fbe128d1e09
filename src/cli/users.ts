import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { type Config, environment, readConfig } from '../config.ts';
import type { Database } from '../db/database.ts';
import { changeRights } from '../users/administration.ts';
import { openPasswords } from '../users/passwords.ts';
import { normaliseEmail, registerUser } from '../users/register.ts';
import { parseRole, type Role } from '../users/roles.ts';
import { newSecret } from '../users/secrets.ts';
import { selectUserForLogin } from '../users/store.ts';
import { doneHere, exit, misunderstood, printJson, refuse } from './command.ts';
import { withDatabase } from './database.ts';

const usage = `users create EMAIL --name "FULL NAME" --role user|operator|admin [--password-stdin] [--json]
users role EMAIL user|operator|admin`;

/**
 * `tollgate users`: the first operator or administrator of a system, which has no demo accounts.
 */
export async function run([action, ...args]: readonly string[]): Promise<number> {
  if (action === 'create') return create(args);
  if (action === 'role') return changeRole(args);
  return misunderstood(usage);
}

interface NewUser {
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly password: string;
}

async function create(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      name: { type: 'string' },
      role: { type: 'string' },
      'password-stdin': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const [email, ...others] = positionals;
  const role = parseRole(values.role);
  const { name } = values;
  if (email === undefined || others.length > 0 || role === null || name === undefined)
    return misunderstood(usage);
  const isGiven = values['password-stdin'];
  // Not an argument: those are everybody's to read in the list of processes.
  const password = isGiven ? (await text(process.stdin)).replace(/\r?\n$/, '') : newSecret('');
  const config = readConfig(environment());
  const wish = { email, name, role, password };
  const result = await withDatabase(config, 'users', (database) => add(database, config, wish));
  if (result.kind === 'email_taken') return refuse('There is already a user with this e-mail.');
  if (result.kind === 'invalid') {
    const faults = result.faults.map(({ field, detail }) => `${field} ${detail}`);
    return refuse(`Not created: ${faults.join('; ')}.`);
  }
  const { id } = result.user;
  if (values.json)
    printJson({ id, email: result.user.email, role, ...(isGiven ? {} : { password }) });
  else {
    process.stdout.write(`Created ${result.user.email} (${role}), ${id}.\n`);
    if (!isGiven) process.stdout.write(`Password, shown this once: ${password}\n`);
  }
  return exit.done;
}

function add(database: Database, config: Config, { email, name, role, password }: NewUser) {
  const registration = { email, full_name: name, password };
  const passwords = openPasswords(config.PASSWORD_BCRYPT_COST);
  return registerUser(database, passwords, registration, { role, done: doneHere(null) });
}

async function changeRole(args: readonly string[]): Promise<number> {
  const { positionals } = parseArgs({ args: [...args], options: {}, allowPositionals: true });
  const [email, word, ...others] = positionals;
  const role = parseRole(word);
  if (email === undefined || role === null || others.length > 0) return misunderstood(usage);
  const result = await withDatabase(readConfig(environment()), 'users', async (database) => {
    const user = await selectUserForLogin(database, normaliseEmail(email));
    if (user === null) return 'not_found';
    const by = { actor: doneHere(null).actor, requestId: 'cli' };
    const changed = await changeRights(database, { userId: user.id, role }, by);
    return changed.kind;
  });
  if (result === 'not_found') return refuse('There is no user with this e-mail.');
  if (result === 'last_administrator')
    return refuse('Somebody must be left who can decide who is who.');
  process.stdout.write(`${normaliseEmail(email)} is ${role} now, and signs in again.\n`);
  return exit.done;
}
