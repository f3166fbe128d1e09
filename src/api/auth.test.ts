import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { after, before, test } from 'node:test';
import { createSigner } from 'fast-jwt';
import { openTestApi, type Person, type TestApi } from '../../test/support/api.ts';
import { assertProblem } from '../../test/support/api-refusals.ts';
import { statement } from '../db/database.ts';

let api: TestApi;
let person: Person;
before(async () => {
  api = await openTestApi();
  person = await api.person();
});
after(() => api.close());

const me = { method: 'GET', url: '/api/v1/users/me' } as const;
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

interface Parts {
  readonly header: Record<string, unknown>;
  readonly payload: Record<string, unknown>;
}

function partsOf(token: string): Parts {
  const [header = '', payload = ''] = token.split('.');
  const decode = (text: string) => JSON.parse(Buffer.from(text, 'base64url').toString());
  return { header: decode(header), payload: decode(payload) };
}

/** Signed with our own secret, so that only what was changed can be what is refused. */
function forge(change: (parts: Parts) => Parts, hash = 'sha256'): string {
  return signWith(api.config.JWT_SECRET_KEY, change, hash);
}

function signWith(key: string, change: (parts: Parts) => Parts, hash = 'sha256'): string {
  const { header, payload } = change(partsOf(person.token));
  const text = `${encode(header)}.${encode(payload)}`;
  return `${text}.${createHmac(hash, key).update(text).digest('base64url')}`;
}

const withHeader = (change: object) => (parts: Parts) => ({
  ...parts,
  header: { ...parts.header, ...change },
});
const withPayload = (change: object) => (parts: Parts) => ({
  ...parts,
  payload: { ...parts.payload, ...change },
});
const now = () => Math.floor((performance.timeOrigin + performance.now()) / 1000);

test('a token that was taken apart and put together again still counts', async () => {
  const response = await api.send({ ...person, token: forge((parts) => parts) }, me);
  assert.equal(response.statusCode, 200, response.body);
});

const attacks: readonly (readonly [string, () => string])[] = [
  ['alg none, unsigned', () => forge(withHeader({ alg: 'none' })).replace(/[^.]*$/, '')],
  ['alg none, signed', () => forge(withHeader({ alg: 'none' }))],
  ['alg HS512', () => forge(withHeader({ alg: 'HS512' }), 'sha512')],
  ['alg RS256 with our secret', () => forge(withHeader({ alg: 'RS256' }))],
  ['a key of their own', () => signWithOwnKey()],
  ['an embedded key', () => forge(withHeader({ alg: 'HS512', jwk: { kty: 'oct', k: 'AA' } }))],
  // Whoever believed these would look the key up where the sender says: an empty file, a web page.
  ['a kid that is a path', () => signWith('', withHeader({ kid: '../../../../dev/null' }))],
  ['a kid that is a query', () => signWith('key', withHeader({ kid: "' UNION SELECT 'key" }))],
  ['a key by address', () => signWith('key', withHeader({ jku: 'https://evil.example/keys' }))],
  [
    'a certificate by address',
    () => signWith('key', withHeader({ x5u: 'https://evil.example/c' })),
  ],
  ['their key, embedded', () => signWith('key', withHeader({ jwk: { kty: 'oct', k: 'a2V5' } }))],
  ['a critical extension', () => forge(withHeader({ crit: ['exp'] }))],
  ['another issuer', () => forge(withPayload({ iss: 'evil' }))],
  ['another audience', () => forge(withPayload({ aud: 'tollgate-web' }))],
  ['another type', () => forge(withHeader({ typ: 'JWT' }))],
  ['no type', () => forge(withHeader({ typ: undefined }))],
  ['no expiry', () => forge(withPayload({ exp: undefined }))],
  ['no subject', () => forge(withPayload({ sub: undefined }))],
  ['a subject that is no id', () => forge(withPayload({ sub: "' OR 1=1" }))],
  ['a role that is none', () => forge(withPayload({ role: 'root' }))],
  ['a start in the future', () => forge(withPayload({ nbf: now() + 60 }))],
  ['a truncated signature', () => person.token.slice(0, -2)],
  ['no signature', () => person.token.replace(/[^.]*$/, '')],
  ['another payload', () => person.token.replace(/\.[^.]*\./, `.${encode({ sub: 'x' })}.`)],
  ['no token shape at all', () => 'Tollgate'],
];
for (const [what, token] of attacks) {
  test(`a token with ${what} is refused`, async () => {
    const response = await api.send({ ...person, token: token() }, me);
    assertProblem(response, { status: 401, code: 'token_invalid' });
  });
}

function signWithOwnKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const { payload } = partsOf(person.token);
  return createSigner({ key, algorithm: 'RS256', header: { alg: 'RS256', typ: 'at+jwt' } })(
    payload,
  );
}

test('a token that has expired says so', async () => {
  const token = forge(withPayload({ exp: now() - 1 }));
  const response = await api.send({ ...person, token }, me);
  assertProblem(response, { status: 401, code: 'token_expired' });
});

for (const authorization of ['', 'Bearer', 'Bearer ', 'Basic YTpi', `Bearer ${'x'.repeat(5000)}`]) {
  test(`"${authorization.slice(0, 12)}" is no bearer token`, async () => {
    const response = await api.inject({ url: me.url, headers: { authorization } });
    assertProblem(response, { status: 401, code: 'token_missing' });
  });
}

test('a role taken away no longer counts, whatever the token says', async () => {
  const [operator, other] = [await api.person('operator'), await api.person()];
  const demote = "UPDATE users SET role = 'user' WHERE id = $1";
  await api.database.query(statement('test_demote', demote), [operator.id]);
  const url = `/api/v1/users/${other.id}/balance`;
  const response = await api.send(operator, { method: 'GET', url });
  assertProblem(response, { status: 404, code: 'user_not_found' });
});
