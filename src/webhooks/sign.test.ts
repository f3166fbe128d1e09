import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { systemClock } from '../clock.ts';
import { newDeliveryId } from '../ids.ts';
import { parseMessageId, writeMessageId } from './message-id.ts';
import { newSigningSecret, signatureOf, writeSecret } from './sign.ts';

test("the specification's check vector", () => {
  const secret = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');
  const message = {
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    timestamp: 1_614_265_330,
    body: '{"test": 2432232314}',
  };
  assert.equal(signatureOf([secret], message), 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});

/** Both take the three headers and the raw body, and throw where they do not fit. */
const verifiers = [
  ['standardwebhooks', (secret: string) => new StandardWebhook(secret)],
  ['svix', (secret: string) => new SvixWebhook(secret)],
] as const;

function signedNow(secrets: readonly Buffer[], body = '{"type":"test.ping","data":{"ä":"✓"}}') {
  const message = {
    id: writeMessageId(newDeliveryId()),
    timestamp: Math.floor(systemClock.now() / 1000),
    body,
  };
  const headers = {
    'webhook-id': message.id,
    'webhook-timestamp': String(message.timestamp),
    'webhook-signature': signatureOf(secrets, message),
  };
  return { body, headers };
}

for (const [name, open] of verifiers) {
  test(`S14 ${name} accepts what we sign, and nothing that differs in one byte`, () => {
    const secret = newSigningSecret();
    const { body, headers } = signedNow([secret]);
    const receiver = open(writeSecret(secret));
    receiver.verify(body, headers);
    for (let at = 0; at < body.length; at += 1) {
      const other = String.fromCharCode(body.charCodeAt(at) ^ 1);
      const changed = body.slice(0, at) + other + body.slice(at + 1);
      assert.throws(() => receiver.verify(changed, headers), `byte ${at}`);
    }
    assert.throws(() => receiver.verify(body, { ...headers, 'webhook-id': 'msg_other' }));
    const later = String(Number(headers['webhook-timestamp']) + 1);
    assert.throws(() => receiver.verify(body, { ...headers, 'webhook-timestamp': later }));
    assert.throws(() => open(writeSecret(newSigningSecret())).verify(body, headers));
  });

  test(`S14 during a rotation ${name} accepts with the old secret and with the new one`, () => {
    const [before, after] = [newSigningSecret(), newSigningSecret()];
    const { body, headers } = signedNow([after, before]);
    for (const secret of [before, after]) open(writeSecret(secret)).verify(body, headers);
    const other = open(writeSecret(newSigningSecret()));
    assert.throws(() => other.verify(body, headers));
  });
}

test('a secret is whsec_ and the base64 of 24 to 64 bytes, another each time', () => {
  const [one, two] = [newSigningSecret(), newSigningSecret()];
  assert.match(writeSecret(one), /^whsec_[A-Za-z0-9+/]+=*$/);
  assert.deepEqual(Buffer.from(writeSecret(one).slice(6), 'base64'), one);
  assert(one.length >= 24 && one.length <= 64);
  assert(!one.equals(two));
});

test('a message id is the delivery, without a dot, and back', () => {
  const id = newDeliveryId();
  assert.match(writeMessageId(id), /^msg_[0-9a-f]{32}$/);
  assert.equal(parseMessageId(writeMessageId(id)), id);
  for (const wrong of ['', 'msg_', id, `${writeMessageId(id)}0`, `MSG_${id.replaceAll('-', '')}`])
    assert.equal(parseMessageId(wrong), null, wrong);
});
