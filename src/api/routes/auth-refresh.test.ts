import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestApi, type TestApi } from '../../../test/support/api.ts';
import {
  assertProblem,
  testBodies,
  testDatabaseFailures,
  testStatuses,
} from '../../../test/support/api-refusals.ts';
import { until } from '../../../test/support/wait.ts';
import { systemClock } from '../../clock.ts';
import { statement } from '../../db/database.ts';
import type { UserId } from '../../ids.ts';
import { newSecret } from '../../users/secrets.ts';
import { endEverything, judge, openSessions } from '../../users/sessions.ts';
import { selectUser } from '../../users/store.ts';
import { openTokens } from '../../users/tokens.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

const refresh = (refresh_token: string) =>
  ({ method: 'POST', url: '/api/v1/auth/refresh', body: { refresh_token } }) as const;

interface SignedIn {
  readonly id: string;
  readonly refreshToken: string;
}

let count = 0;
async function signIn(): Promise<SignedIn> {
  count += 1;
  const body = { email: `refresh${count}@example.com`, full_name: 'Ann', password: 'long enough' };
  const response = await api.send(null, { method: 'POST', url: '/api/v1/auth/register', body });
  assert.equal(response.statusCode, 201, response.body);
  const { user, refresh_token } = response.json();
  return { id: user.id, refreshToken: refresh_token };
}

async function exchanged(token: string): Promise<{ refresh_token: string; access_token: string }> {
  const response = await api.send(null, refresh(token));
  assert.equal(response.statusCode, 200, response.body);
  return response.json();
}

async function isRefused(token: string): Promise<void> {
  const response = await api.send(null, refresh(token));
  assertProblem(response, { status: 401, code: 'refresh_token_refused' });
}

/** As if all tokens of the user had been exchanged so long ago. */
const longAgo = statement<never>(
  'test_long_ago',
  `UPDATE refresh_tokens SET rotated_at = rotated_at - interval '11 seconds'
    WHERE session_id IN (SELECT id FROM sessions WHERE user_id = $1)`,
);
const lockWaits = statement<{ pid: number }>(
  'test_lock_waits',
  'SELECT pid FROM pg_locks WHERE NOT granted',
);
const sharedLock = statement<never>(
  'test_shared_lock',
  'SELECT FROM users WHERE id = $1 FOR SHARE',
);
const databaseClock = statement<{ ms: number }>(
  'test_database_clock',
  'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms',
);
const audited = statement<{ actor: string; action: string }>(
  'test_audited',
  'SELECT actor, action FROM audit_log WHERE subject = $1 ORDER BY seq',
);

test('a refresh token brings the next pair, and the access token counts', async () => {
  const { id, refreshToken } = await signIn();
  const next = await exchanged(refreshToken);
  assert.notEqual(next.refresh_token, refreshToken);
  const headers = { authorization: `Bearer ${next.access_token}` };
  const me = await api.inject({ url: '/api/v1/users/me', headers });
  assert.equal(me.json().id, id);
  await exchanged(next.refresh_token);
});

test('many tabs at once with one token all go on, and so do their successors', async () => {
  const { refreshToken } = await signIn();
  const answers = await Promise.all(Array.from({ length: 8 }, () => exchanged(refreshToken)));
  const successors = new Set(answers.map((answer) => answer.refresh_token));
  assert.equal(successors.size, 8);
  for (const successor of successors) await exchanged(successor);
});

test('a token that comes back later ends its session, thief and owner alike, once', async () => {
  const { id, refreshToken } = await signIn();
  const owner = await exchanged(refreshToken);
  await api.database.query(longAgo, [id]);
  await Promise.all(Array.from({ length: 5 }, () => isRefused(refreshToken)));
  await isRefused(owner.refresh_token);
  assert.deepEqual(await api.database.query(audited, [`user:${id}`]), [
    { actor: 'system', action: 'session.reuse_detected' },
  ]);
});

test('a session that was stolen ends no other of the same user', async () => {
  const { id, refreshToken } = await signIn();
  const email = `refresh${count}@example.com`;
  const body = { email, password: 'long enough' };
  const login = await api.send(null, { method: 'POST', url: '/api/v1/auth/login', body });
  await exchanged(refreshToken);
  await api.database.query(longAgo, [id]);
  await isRefused(refreshToken);
  await exchanged(login.json().refresh_token);
});

test('the grace ends after ten seconds, and what has ended has ended', () => {
  const found = {
    session_ended: false,
    expired: false,
    outdated: false,
    is_active: true,
    rotated_ms_ago: null,
  };
  const verdicts: readonly (readonly [Partial<Parameters<typeof judge>[0]>, string])[] = [
    [{}, 'exchange'],
    [{ rotated_ms_ago: 0 }, 'exchange'],
    [{ rotated_ms_ago: 10_000 }, 'exchange'],
    [{ rotated_ms_ago: 10_001 }, 'end'],
    [{ expired: true }, 'refuse'],
    [{ outdated: true }, 'refuse'],
    [{ is_active: false }, 'refuse'],
    [{ session_ended: true, rotated_ms_ago: 10_001 }, 'refuse'],
  ];
  for (const [change, verdict] of verdicts)
    assert.equal(judge({ ...found, ...change }), verdict, JSON.stringify(change));
});

const endings: readonly (readonly [string, string])[] = [
  ['of a user who was deactivated', 'UPDATE users SET is_active = false WHERE id = $1'],
  ['from before valid_after', 'UPDATE users SET valid_after = clock_timestamp() WHERE id = $1'],
  [
    'whose session has ended',
    "UPDATE sessions SET ended_at = now(), ended_by = 'logout' WHERE user_id = $1",
  ],
];
for (const [index, [what, change]] of endings.entries()) {
  test(`a refresh token ${what} is refused`, async () => {
    const { id, refreshToken } = await signIn();
    await api.database.query(statement(`test_ending_${index}`, change), [id]);
    await isRefused(refreshToken);
  });
}

test('a pair that is asked for while everything is being ended is refused', async () => {
  const { id, refreshToken } = await signIn();
  // Proven by the answer above: the id is a user's.
  const userId = id as UserId;
  const asked = await api.database.transaction(async (tx) => {
    await endEverything(tx, userId, 'password');
    const answer = api.send(null, refresh(refreshToken));
    const isWaiting = async () => (await api.database.query(lockWaits, [])).length > 0;
    await until(isWaiting, { what: 'the exchange to wait for the end' });
    return { answer };
  });
  assertProblem(await asked.answer, { status: 401, code: 'refresh_token_refused' });
});

test('a pair that was granted before everything ended is dead, however late it is made', async () => {
  const { id, refreshToken } = await signIn();
  const sessions = openSessions(api.database, { days: 1 });
  const granted = await sessions.refresh(refreshToken, 'test');
  assert(granted.kind === 'refreshed');
  // Proven by the answer above: the id is a user's.
  await api.database.transaction((tx) => endEverything(tx, id as UserId, 'password'));
  const tokens = openTokens({ secret: 'x'.repeat(32), expireMinutes: 1, clock: systemClock });
  const verdict = tokens.verify(tokens.issue(granted.user));
  const user = await selectUser(api.database, granted.user.id);
  assert(verdict.kind === 'valid' && user !== null);
  assert.ok(verdict.claims.issuedAtMs < user.valid_after_ms);
});

test('what ends everything ends also what was made while it waited', async () => {
  const { id } = await signIn();
  // As above.
  const userId = id as UserId;
  const { ended, made } = await api.database.transaction(async (tx) => {
    await tx.query(sharedLock, [id]);
    const end = api.database.transaction((other) => endEverything(other, userId, 'logout'));
    const isWaiting = async () => (await api.database.query(lockWaits, [])).length > 0;
    await until(isWaiting, { what: 'the end to wait for the exchange' });
    const [row] = await tx.query(databaseClock, []);
    return { ended: { end }, made: row?.ms ?? Number.NaN };
  });
  assert.ok((await ended.end) > made);
});

test('what is no token of ours is refused', async () => {
  for (const token of ['', 'tgr_', 'x'.repeat(47), newSecret('tgr_'), newSecret('tg_test_')])
    await isRefused(token);
});

test('the eldest of too many sessions makes room', async () => {
  const { refreshToken } = await signIn();
  const body = { email: `refresh${count}@example.com`, password: 'long enough' };
  const login = { method: 'POST', url: '/api/v1/auth/login', body } as const;
  const tokens: string[] = [refreshToken];
  for (let at = 0; at < 20; at += 1)
    tokens.push((await api.send(null, login)).json().refresh_token);
  await isRefused(tokens[0] ?? '');
  await exchanged(tokens[1] ?? '');
  await exchanged(tokens.at(-1) ?? '');
});

test('no token stands in the database in clear', async () => {
  const { refreshToken } = await signIn();
  const { refresh_token } = await exchanged(refreshToken);
  const stored = statement<{ row: string }>(
    'test_stored',
    `SELECT refresh_tokens::text AS row FROM refresh_tokens
     UNION ALL SELECT sessions::text FROM sessions UNION ALL SELECT audit_log::text FROM audit_log`,
  );
  const rows = JSON.stringify(await api.database.query(stored, []));
  for (const token of [refreshToken, refresh_token]) {
    assert.ok(!rows.includes(token.slice(4)));
    assert.ok(!JSON.stringify(api.logLines).includes(token.slice(4)));
  }
});

test('past its limit it says when to come back', async () => {
  const limited = await api.beside({
    RATE_LIMIT_ENABLED: 'true',
    RATE_LIMIT_LOGIN_PER_MINUTE: '1',
  });
  await limited.send(null, refresh('guess'));
  const response = await limited.send(null, refresh('guess'));
  assertProblem(response, { status: 429, code: 'rate_limit_exceeded' });
  await limited.close();
});

testBodies(
  () => api,
  () => refresh('tgr_'),
);
testDatabaseFailures(
  () => api,
  async () => ({ person: null, call: refresh(newSecret('tgr_')) }),
);
testStatuses(() => api, 'POST /api/v1/auth/refresh');
