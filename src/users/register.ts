import { present } from '../assert.ts';
import { appendAuditLog, type DoneBy } from '../audit-log/append.ts';
import type { Database, Tx } from '../db/database.ts';
import { newAccountId, newUserId } from '../ids.ts';
import { insertAccount } from '../ledger/accounts-store.ts';
import { parseCurrency } from '../money.ts';
import { type Passwords, passwordFault } from './passwords.ts';
import type { Role } from './roles.ts';
import { insertUser, type UserRow } from './store.ts';

export interface Registration {
  readonly email: string;
  readonly full_name: string;
  readonly password: string;
  readonly webhook_url?: string | null;
}

export interface FieldFault {
  readonly field: keyof Registration;
  readonly detail: string;
}

export type RegisterResult =
  | { readonly kind: 'registered'; readonly user: UserRow }
  | { readonly kind: 'invalid'; readonly faults: readonly FieldFault[] }
  | { readonly kind: 'email_taken' };

/** Somebody who was not made by himself: with which role, and who made him. */
export interface Appointment {
  readonly role: Role;
  readonly done: DoneBy;
}

/**
 * In:   what a person typed, or somebody who appoints another.
 * Out:  a user with a USD account, and what the caller makes with them: all or nothing; an
 *       appointment is in the audit log too.
 * If we die here: before commit nobody exists; after it the same e-mail is "taken", and login
 * works.
 * @throws Overloaded
 */
export async function registerUser(
  database: Database,
  passwords: Passwords,
  registration: Registration,
  appointment: Appointment | null = null,
  alsoMake: (tx: Tx, user: UserRow) => Promise<unknown> = makeNothing,
): Promise<RegisterResult> {
  const faults = faultsOf(registration);
  if (faults.length > 0) return { kind: 'invalid', faults };
  const passwordHash = await passwords.hash(registration.password);
  const user = await database.transaction(async (tx) => {
    const added = await insertUserWithAccount(tx, {
      email: normaliseEmail(registration.email),
      fullName: registration.full_name.trim(),
      passwordHash,
      role: appointment?.role ?? 'user',
      webhookUrl: registration.webhook_url ?? null,
    });
    if (added !== null) await alsoMake(tx, added);
    if (added !== null && appointment !== null)
      await appendAuditLog(tx, [entryOf(added, appointment)]);
    return added;
  });
  return user === null ? { kind: 'email_taken' } : { kind: 'registered', user };
}

const makeNothing = async (): Promise<void> => {};

function entryOf({ id, role, email }: UserRow, { done }: Appointment) {
  const after = { role, email };
  return { ...done, action: 'user.create', subject: `user:${id}`, before: null, after };
}

export interface NewPerson {
  readonly email: string;
  readonly fullName: string;
  readonly passwordHash: string;
  readonly role: Role;
  readonly webhookUrl: string | null;
}

/** Null where the e-mail is taken. */
export async function insertUserWithAccount(tx: Tx, person: NewPerson): Promise<UserRow | null> {
  const user = await insertUser(tx, { ...person, id: newUserId() });
  if (user === null) return null;
  const currency = present(parseCurrency('USD'), 'USD is a currency');
  await insertAccount(tx, { id: newAccountId(), userId: user.id, currency });
  return user;
}

export function normaliseEmail(email: string): string {
  return email.trim().toLowerCase();
}

function faultsOf(registration: Registration): FieldFault[] {
  const faults: FieldFault[] = [];
  const refuse = (wrong: boolean, field: keyof Registration, detail: string): void => {
    if (wrong) faults.push({ field, detail });
  };
  refuse(!isEmail(normaliseEmail(registration.email)), 'email', 'is not an e-mail address');
  refuse(registration.full_name.trim() === '', 'full_name', 'must not be blank');
  const password = passwordFault(registration.password);
  if (password !== null) faults.push({ field: 'password', detail: password });
  const url = registration.webhook_url ?? null;
  refuse(url !== null && !isWebUrl(url), 'webhook_url', 'must be an http or https URL');
  return faults;
}

/**
 * One @ with something before it, and a name with a dot inside after it. Whether it exists only a
 * mail could tell. Each part is looked at once: no backtracking, whatever is typed.
 */
function isEmail(text: string): boolean {
  const at = text.indexOf('@');
  const domain = text.slice(at + 1);
  const dot = domain.lastIndexOf('.');
  return (
    at > 0 &&
    at <= 64 &&
    text.length <= 254 &&
    !domain.includes('@') &&
    dot > 0 &&
    dot < domain.length - 1 &&
    !domain.startsWith('.') &&
    !domain.includes('..') &&
    // Neither spaces nor control characters: such an address could forge a header one day.
    !/[\s\p{Cc}\p{Cf}]/u.test(text)
  );
}

export function isWebUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || text.length > 2000) return false;
  const isBare = url.username === '' && url.password === '';
  return (url.protocol === 'http:' || url.protocol === 'https:') && isBare;
}
