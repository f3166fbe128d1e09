import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  connectionError,
  openScript,
  refusal,
  type Scripted,
} from '../../test/support/scripted-fetch.ts';
import {
  NotFinalError,
  openTollgate,
  type Tokens,
  TollgateError,
  type TollgateOptions,
  UnansweredError,
} from './tollgate.ts';

const baseUrl = 'https://gateway.test/';

function open(answers: readonly Scripted[], options: Partial<TollgateOptions> = {}) {
  const script = openScript(answers);
  const tollgate = openTollgate({ baseUrl, surroundings: script.around, ...options });
  return { ...script, tollgate };
}

const payment = (status: string) => ({ status: 200, body: { id: 'p', status } });
const accepted = { status: 202, body: { id: 'p', status: 'PENDING' } };

test('what moves money has a key, another one for each call and the same over its repeats', async () => {
  const { tollgate, requests } = open([refusal(503, 'overloaded'), accepted]);
  await tollgate.deposit({ amount: '1.00' });
  await tollgate.withdraw({ amount: '1.00' });
  await tollgate.api.POST('/api/v1/deposits', { body: { amount: '1.00' } });
  await tollgate.deposit({ amount: '1.00' }, { idempotencyKey: 'order-1042' });
  const keys = requests.map(({ headers }) => headers.get('idempotency-key'));
  assert.deepEqual(keys, ['key-1', 'key-1', 'key-2', 'key-3', 'order-1042']);
});

test('what moves no money has none', async () => {
  const { tollgate, requests } = open([{ status: 200, body: { items: [] } }]);
  await tollgate.balance();
  await tollgate.api.POST('/api/v1/api-keys', { body: { name: 'shop', scopes: ['read'] } });
  assert.deepEqual(
    requests.map(({ headers }) => headers.get('idempotency-key')),
    [null, null],
  );
});

test('a refusal says its code, its request and the key that it counts for', async () => {
  const { tollgate } = open([refusal(400, 'insufficient_funds')]);
  await assert.rejects(tollgate.withdraw({ amount: '1.00' }), (error) => {
    assert(error instanceof TollgateError);
    const { status, code, requestId, idempotencyKey, message } = error;
    assert.deepEqual(
      { status, code, requestId, idempotencyKey, message },
      {
        status: 400,
        code: 'insufficient_funds',
        requestId: 'request-1',
        idempotencyKey: 'key-1',
        message: 'insufficient_funds.',
      },
    );
    return true;
  });
});

test('what somebody between us and the gateway says is a refusal too', async () => {
  const { tollgate } = open([() => new Response('<h1>Forbidden</h1>', { status: 403 })]);
  await assert.rejects(tollgate.balance(), { name: 'TollgateError', status: 403, problem: null });
});

test('where nobody answers, the error has the key to find out with', async () => {
  const { tollgate, requests } = open([connectionError('ECONNRESET')]);
  await assert.rejects(tollgate.deposit({ amount: '1.00' }), (error) => {
    assert(error instanceof UnansweredError);
    assert.equal(error.idempotencyKey, 'key-1');
    return true;
  });
  assert.equal(requests.length, 5);
});

test('a payment is sent nowhere else', async () => {
  let mode = '';
  const { tollgate } = open([
    (request) => {
      mode = request.redirect;
      return Response.json({ id: 'p' }, { status: 202 });
    },
  ]);
  await tollgate.deposit({ amount: '1.00' });
  assert.equal(mode, 'error');
});

const pageOf = (ids: readonly string[], next_cursor: string | null) => ({
  status: 200,
  body: { items: ids.map((id) => ({ id })), next_cursor, limit: 2 },
});

test('a list is read to its end, also over an empty page, and no further than wanted', async () => {
  const pages = [pageOf(['a', 'b'], 'one'), pageOf([], 'two'), pageOf(['c'], null)];
  const { tollgate, requests } = open(pages);
  const ids: string[] = [];
  for await (const { id } of tollgate.payments({ status: 'FAILED', limit: 2 })) ids.push(id);
  assert.deepEqual(ids, ['a', 'b', 'c']);
  assert.deepEqual(
    requests.map(({ path }) => path),
    [
      '/api/v1/transactions?status=FAILED&limit=2',
      '/api/v1/transactions?status=FAILED&limit=2&cursor=one',
      '/api/v1/transactions?status=FAILED&limit=2&cursor=two',
    ],
  );
  const other = open(pages);
  for await (const { id } of other.tollgate.list('/api/v1/api-keys')) {
    assert.equal(id, 'a');
    break;
  }
  assert.equal(other.requests.length, 1);
});

test('a payment is waited for until it is final, over a gateway that is away for a while', async () => {
  const away = Array.from({ length: 5 }, () => refusal(503, 'database_away'));
  const { tollgate, pauses } = open([
    payment('PENDING'),
    payment('PROCESSING'),
    ...away,
    payment('FAILED'),
  ]);
  const ended = await tollgate.waitUntilFinal({ id: 'p' });
  assert.equal(ended.status, 'FAILED');
  assert.deepEqual(pauses.slice(0, 2), [250, 375]);
});

test('a payment that does not end in time is told as it stands', async () => {
  const { tollgate } = open([payment('PENDING_REVIEW')]);
  const waiting = tollgate.waitUntilFinal({ id: 'p' }, { timeoutMs: 30_000 });
  await assert.rejects(waiting, (error) => {
    assert(error instanceof NotFinalError);
    assert.equal(error.payment?.status, 'PENDING_REVIEW');
    return true;
  });
});

test('a payment that is refused is not waited for, and whoever aborts is obeyed', async () => {
  const { tollgate } = open([refusal(404, 'payment_not_found')]);
  await assert.rejects(tollgate.waitUntilFinal({ id: 'p' }), { code: 'payment_not_found' });
  const other = open([payment('PENDING')]);
  const signal = AbortSignal.abort(new Error('no more'));
  await assert.rejects(other.tollgate.waitUntilFinal({ id: 'p' }, { signal }), /no more/);
});

const tokensOf = (n: number, expires_in = 1_800) => ({
  status: 200,
  body: {
    access_token: `access-${n}`,
    refresh_token: `refresh-${n}`,
    expires_in,
    user: { id: 'u' },
  },
});
const fine = { status: 200, body: {} };

const authorizations = ({ requests }: ReturnType<typeof open>) =>
  requests.map(({ path, headers }) => [
    path.replace('/api/v1/', ''),
    headers.get('authorization')?.replace('Bearer ', '') ?? null,
  ]);

test('signing in signs what follows; signing out ends it on both sides', async () => {
  const opened = open([tokensOf(1), fine, { status: 204 }, fine]);
  const { tollgate } = opened;
  await tollgate.signIn({ email: 'a@example.com', password: 'password' });
  await tollgate.balance();
  await tollgate.signOut();
  assert.equal(tollgate.tokens(), null);
  await tollgate.balance();
  assert.deepEqual(authorizations(opened), [
    ['auth/login', null],
    ['users/me/balance', 'access-1'],
    ['auth/logout', 'access-1'],
    ['users/me/balance', null],
  ]);
});

test('a token that is about to end is exchanged once, however many requests see it', async () => {
  const told: (string | null)[] = [];
  const onTokens = (tokens: Tokens | null): void => void told.push(tokens?.refreshToken ?? null);
  const opened = open([tokensOf(1, 20), tokensOf(2), fine], { onTokens });
  const { tollgate } = opened;
  await tollgate.signIn({ email: 'a@example.com', password: 'password' });
  await Promise.all([tollgate.balance(), tollgate.balance(), tollgate.balance()]);
  assert.deepEqual(authorizations(opened).slice(1), [
    ['auth/refresh', null],
    ['users/me/balance', 'access-2'],
    ['users/me/balance', 'access-2'],
    ['users/me/balance', 'access-2'],
  ]);
  assert.deepEqual(told, ['refresh-1', 'refresh-2']);
});

test('a token that ended early is exchanged, and the request sent again with its body', async () => {
  const opened = open([tokensOf(1), refusal(401, 'token_expired'), tokensOf(2), accepted]);
  await opened.tollgate.signIn({ email: 'a@example.com', password: 'password' });
  await opened.tollgate.deposit({ amount: '1.00' });
  const [, first, , second] = opened.requests;
  assert.equal(second?.headers.get('authorization'), 'Bearer access-2');
  assert.equal(second?.text, first?.text);
  assert.equal(second?.headers.get('idempotency-key'), first?.headers.get('idempotency-key'));
});

test('a session that was ended elsewhere is over; an outage is not the end of one', async () => {
  const ended = open([tokensOf(1), refusal(401, 'token_revoked')]);
  await ended.tollgate.signIn({ email: 'a@example.com', password: 'password' });
  await assert.rejects(ended.tollgate.balance(), { code: 'token_revoked' });
  assert.equal(ended.tollgate.tokens(), null);

  const away = [401, 503, 503, 503, 503, 503].map((status) => refusal(status, 'x'));
  const other = open([tokensOf(1), ...away]);
  await other.tollgate.signIn({ email: 'a@example.com', password: 'password' });
  await assert.rejects(other.tollgate.balance(), { status: 401 });
  assert.equal(other.tollgate.tokens()?.refreshToken, 'refresh-1');
});

test('a machine signs with its key, and a request that signs itself is left alone', async () => {
  const opened = open([fine], { apiKey: 'tg_test_key' });
  await opened.tollgate.balance();
  const headers = { authorization: 'Bearer mine' };
  await opened.tollgate.api.GET('/api/v1/users/me', { headers });
  assert.deepEqual(authorizations(opened), [
    ['users/me/balance', 'tg_test_key'],
    ['users/me', 'mine'],
  ]);
});
