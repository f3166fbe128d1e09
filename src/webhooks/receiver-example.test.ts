import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import { systemClock } from '../clock.ts';
import { newDeliveryId } from '../ids.ts';
import { writeMessageId } from './message-id.ts';
import { newSigningSecret, signatureOf, writeSecret } from './sign.ts';

const page = fileURLToPath(new URL('../../docs/webhooks.md', import.meta.url));

test('the receiver of docs/webhooks.md takes what we sign, once, and refuses the rest', async (t) => {
  const [, example = ''] = /```js\n([\s\S]*?)```/.exec(readFileSync(page, 'utf8')) ?? [];
  const secret = newSigningSecret();
  const child = spawn(process.execPath, ['--input-type=module', '-e', example], {
    env: { WEBHOOK_SECRET: writeSecret(secret), PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async (): Promise<string> => String((await lines.next()).value);
  const [, port] = /^ready (\d+)$/.exec(await nextLine()) ?? [];

  const id = writeMessageId(newDeliveryId());
  const body = '{"type":"deposit.succeeded","timestamp":"…","data":{"id":"payment-1"}}';
  const post = async (sent: string): Promise<number> => {
    const timestamp = Math.floor(systemClock.now() / 1000);
    const { statusCode, body: answer } = await request(`http://127.0.0.1:${port}/`, {
      method: 'POST',
      reset: true,
      headers: {
        'webhook-id': id,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': signatureOf([secret], { id, timestamp, body }),
      },
      body: sent,
    });
    await answer.dump();
    return statusCode;
  };
  assert.equal(await post(body.replace('payment-1', 'payment-2')), 401);
  assert.equal(await post(body), 204);
  assert.equal(await post(body), 204);
  assert.equal(await nextLine(), 'deposit.succeeded payment-1');
  child.kill('SIGTERM');
  assert.equal((await lines.next()).done, true, 'the repeat was taken and not acted on');
});
