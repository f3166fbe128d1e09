import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signatureOf, writeSecret } from '../../src/webhooks/sign.ts';
import { verifyWebhook, WebhookVerificationError } from './webhook.ts';

const [before, after] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
const body =
  '{"type":"deposit.succeeded","timestamp":"2026-01-01T00:00:00.000Z","data":{"id":"p"}}';

function signed(secrets: readonly Buffer[], ageSeconds = 0) {
  const id = 'msg_1';
  const timestamp = Math.floor(Date.now() / 1000) - ageSeconds;
  const signature = signatureOf(secrets, { id, timestamp, body });
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signature,
  };
}

test('what the gateway signs is read, however its body and its headers were received', () => {
  const headers = signed([before]);
  const shouted = Object.entries(headers).map(([name, value]) => [name.toUpperCase(), [value]]);
  for (const [text, fields] of [
    [body, headers],
    [Buffer.from(body), new Headers(headers)],
    [new TextEncoder().encode(body), Object.fromEntries(shouted)],
  ] as const) {
    const event = verifyWebhook(text, fields, writeSecret(before));
    assert.deepEqual([event.type, event.data.id], ['deposit.succeeded', 'p']);
  }
});

test('while the secret is changed either one will do, on either side', () => {
  for (const secret of [before, after])
    verifyWebhook(body, signed([after, before]), writeSecret(secret));
  verifyWebhook(body, signed([before]), [writeSecret(after), writeSecret(before)]);
});

for (const [what, text, headers, secrets] of [
  ['a changed body', `${body} `, signed([before]), writeSecret(before)],
  ['another secret', body, signed([after]), writeSecret(before)],
  ['no secret', body, signed([before]), []],
  ['another id', body, { ...signed([before]), 'webhook-id': 'msg_2' }, writeSecret(before)],
  ['no headers', body, {}, writeSecret(before)],
  ['an old message', body, signed([before], 301), writeSecret(before)],
  ['a message from the future', body, signed([before], -600), writeSecret(before)],
] as const)
  test(`${what} is refused`, () => {
    assert.throws(() => verifyWebhook(text, headers, secrets), WebhookVerificationError);
  });

test("the specification's check vector is old by now, and refused for that alone", () => {
  const headers = {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  };
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  assert.throws(() => verifyWebhook('{"test": 2432232314}', headers, secret), /timestamp too old/);
});
