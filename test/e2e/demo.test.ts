import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startTestGateway } from '../support/gateway.ts';
import { proveMoney } from '../support/proof.ts';

test('the demo tells a deposit, a withdrawal, a refusal and a replay, and the books agree', async (t) => {
  const gateway = await startTestGateway(t, { env: { RATE_LIMIT_ENABLED: 'true' } });
  const { code, output, errors } = await runDemo({ PORT: new URL(gateway.url).port });
  assert.deepEqual({ code, errors }, { code: 0, errors: '' });

  assert.deepEqual(valuesOf(output, 'balance').at(-1), '70.00 USD');
  assert.deepEqual(valuesOf(output, 'held').at(-1), '0.00 USD');
  assert.deepEqual(valuesOf(output, 'code'), ['insufficient_funds']);
  assert.match(output, /← 400 Bad Request/);
  assert.match(output, /exceeds the available 70\.00 USD/);
  assert.deepEqual(valuesOf(output, 'Idempotent-Replayed'), ['true']);
  assert.deepEqual(valuesOf(output, 'this body'), valuesOf(output, 'first body'));

  const requests = [...output.matchAll(/→ (\w+ \/api\/v1\/[a-z]+)/g)].map((match) => match[1]);
  assert.deepEqual(requests, [
    'POST /api/v1/auth',
    'POST /api/v1/deposits',
    'GET /api/v1/deposits',
    'GET /api/v1/users',
    'POST /api/v1/withdrawals',
    'GET /api/v1/users',
    'GET /api/v1/withdrawals',
    'GET /api/v1/users',
    'POST /api/v1/withdrawals',
    'POST /api/v1/withdrawals',
    'GET /api/v1/transactions',
  ]);

  assert.match(output, /withdrawal\.created +PENDING/);
  assert.match(output, /submit, attempt 1 +approved/);
  assert.match(output, /withdrawal\.succeeded +SUCCESS +BT\d+/);
  assert.match(output, /yours +-30\.00 +70\.00/);
  assert.match(output, /bank clearing +30\.00/);
  assert.match(output, /sum +0\.00/);

  // Into a pipe goes plain text, in lines that a terminal of 80 columns need not break.
  assert.ok(!output.includes('\u001b') && !output.includes('\r'));
  assert.deepEqual(
    output.split('\n').filter((line) => line.length > 79),
    [],
  );

  const { succeeded, failed } = await proveMoney({ ...gateway, settled: true });
  assert.deepEqual({ succeeded, failed }, { succeeded: 2, failed: 1 });
});

test('without a gateway the demo is one sentence', async () => {
  // Port 1 belongs to the system: nobody listens there.
  const { code, output, errors } = await runDemo({ PORT: '1' });
  assert.equal(code, 1);
  assert.equal(output, '');
  assert.equal(errors, 'Tollgate is not running at http://127.0.0.1:1: start it with `make up`.\n');
});

test('in production the demo refuses to move money', async () => {
  const { code, output, errors } = await runDemo({
    ENVIRONMENT: 'production',
    JWT_SECRET_KEY: 'x'.repeat(32),
    BANK_WEBHOOK_SECRET: 'y'.repeat(16),
    WEBHOOK_ENCRYPTION_KEY: 'z'.repeat(32),
    BANK_URL: 'https://bank.example',
  });
  assert.deepEqual({ code, output }, { code: 1, output: '' });
  assert.match(errors, /^ENVIRONMENT=production: .*real money.*\n$/);
});

const program = fileURLToPath(new URL('../../bin/tollgate.js', import.meta.url));
/** Not the checkout: a developer's .env is not this test's. */
const elsewhere = fileURLToPath(new URL('.', import.meta.url));

async function runDemo(
  env: Readonly<Record<string, string>>,
): Promise<{ code: unknown; output: string; errors: string }> {
  const demo = spawn(process.execPath, [program, 'demo'], {
    cwd: elsewhere,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [[code], output, errors] = await Promise.all([
    once(demo, 'exit'),
    text(demo.stdout),
    text(demo.stderr),
  ]);
  return { code, output, errors };
}

/** What stands behind a name: `     balance    70.00 USD`. */
function valuesOf(output: string, name: string): string[] {
  const line = new RegExp(`^ {5}${name} {2,}(.*)$`, 'gm');
  return Array.from(output.matchAll(line), (match) => match[1] ?? '');
}
