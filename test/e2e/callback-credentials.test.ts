import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { present } from '../../src/assert.ts';
import { parseId } from '../../src/ids.ts';
import { callbackBody, postCallback, signCallback } from '../support/bank-callbacks.ts';
import { idOf, openClient } from '../support/client.ts';
import { startTestGateway } from '../support/gateway.ts';
import { proveMoney } from '../support/proof.ts';

const page = readFileSync(new URL('../../CREDENTIALS.md', import.meta.url), 'utf8');
const section = present(
  page.split(/^## /m).find((one) => one.startsWith('Callbacks: be the bank yourself')),
  'CREDENTIALS.md says how to send a callback',
);
const command = present(/```sh\n(.*?)```/s.exec(section)?.[1], 'it has a command');
const rows = Array.from(
  section.matchAll(/^\| ([^|]+) \| `(\{.*?\})` \| (\d{3}) \| (?:`(\w+)`)? *\|$/gm),
  ([, name = '', words = '', status = '', code = '']) => ({ name, words, status, code }),
);

test('CREDENTIALS.md: the callbacks that it lists are answered as it says', async (t) => {
  const gateway = await startTestGateway(t, { env: { BANK_SIMULATOR_CALLBACK_URL: 'none' } });
  const client = openClient(gateway.url);
  t.after(client.close);
  const user = await client.register();
  const accepted = await user.deposit('100.00');
  assert.equal((await user.untilFinal(accepted)).status, 'SUCCESS');
  const id = present(parseId<'payment'>(idOf(accepted)), 'an accepted payment has an id');

  await t.test('the command, as it stands there', async () => {
    const script = command
      .replace('PUT-THE-ID-HERE', id)
      .replace('http://127.0.0.1:8000', gateway.url);
    const { stdout } = await promisify(execFile)('sh', ['-ec', script]);
    assert.match(stdout, /^HTTP\/1\.1 200 OK/);
    assert.match(stdout, /\{"received":true,"duplicate":false\}$/);
  });

  assert.equal(rows.length, 9, 'every row of the table is read');
  for (const { name, words, status, code } of rows)
    await t.test(name, async () => {
      const signed = callbackBody(id, { bank_transaction_id: null, ...JSON.parse(words) });
      const isChanged = code === 'callback_not_signed';
      const sent = isChanged ? signed.replace('changed', 'Changed') : signed;
      const headers = { 'x-bank-signature': signCallback(signed) };
      const answer = await postCallback(gateway.url, sent, headers);
      assert.equal(String(answer.status), status, JSON.stringify(answer.body));
      assert.equal(answer.body['code'] ?? '', code);
      const again = await postCallback(gateway.url, sent, headers);
      assert.equal(again.status, answer.status);
      assert.equal(again.body['duplicate'] ?? true, true);
    });
  assert.equal((await user.read(accepted)).status, 'SUCCESS');
  await proveMoney({ ...gateway, settled: true });
});
