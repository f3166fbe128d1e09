import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statement } from '../../src/db/database.ts';
import { idOf, openClient } from '../support/client.ts';
import { type LogLine, startTestGateway } from '../support/gateway.ts';
import { withOwner } from '../support/proof.ts';
import { until } from '../support/wait.ts';

const requestIdOf = statement<{ request_id: string }>(
  'request_id_of',
  'SELECT request_id FROM payments WHERE id = $1',
);

test("the client's X-Request-ID is on the answer, in both logs and in the database", async (t) => {
  const gateway = await startTestGateway(t, { env: { LOG_LEVEL: 'debug' } });
  const client = openClient(gateway.url);
  t.after(client.close);
  const user = await client.register();
  const requestId = 'order-4711:eu';
  const answer = await user.deposit('10.00', { requestId });
  assert.equal(answer.status, 202);
  assert.equal(answer.headers['x-request-id'], requestId);
  await user.untilFinal(answer);

  const ofRequest = (lines: readonly LogLine[]): string[] =>
    lines.filter((line) => line['request_id'] === requestId).map((line) => String(line['msg']));
  await until(
    () => {
      const told = ofRequest(gateway.log());
      return told.includes('request') && told.includes('contact settled');
    },
    { what: 'the gateway to have logged the request and the contact with the bank' },
  );
  await until(() => ofRequest(gateway.simulatorLog()).includes('submit answered'), {
    what: 'the bank to have logged the submit',
  });
  for (const line of gateway.log()) {
    if (line['payment_id'] === idOf(answer)) assert.equal(line['request_id'], requestId);
  }
  const rows = await withOwner(gateway.ownerUrl, (database) =>
    database.query(requestIdOf, [idOf(answer)]),
  );
  assert.deepEqual(rows, [{ request_id: requestId }]);

  const unsafe = await user.deposit('10.00', { requestId: 'a b' });
  assert.equal(unsafe.status, 202);
  assert.notEqual(unsafe.headers['x-request-id'], 'a b', 'what is not sane is replaced');
  assert.match(String(unsafe.headers['x-request-id']), /^[\w.-]{8,}$/);
});
