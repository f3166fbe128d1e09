import assert from 'node:assert/strict';
import { isAbsolute } from 'node:path';
import { describe, test } from 'node:test';
import { ConfigRefused, readConfig } from './config.ts';
import { settings } from './config-table.ts';

type Env = Record<string, string>;

/** The sentences of a refusal; none where the settings are taken. */
function faultsOf(env: Env): string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigRefused);
    return error.message.split('\n');
  }
}

const production: Env = {
  ENVIRONMENT: 'production',
  WEBHOOK_ENCRYPTION_KEY: 'a key of our own, long enough to count',
  JWT_SECRET_KEY: 'a secret of our own, and long enough',
  BANK_WEBHOOK_SECRET: 'another secret of our own',
  BANK_URL: 'https://bank.example',
};

test('the defaults hold together', () => {
  const config = readConfig({});
  assert.equal(config.PORT, 8000);
  assert.ok(isAbsolute(config.dataDir));
});

test('an environment full of strangers changes nothing', () => {
  assert.deepEqual(readConfig({ PATH: '/bin', HOME: '/', UNKNOWN: 'x' }), readConfig({}));
});

describe('settings that contradict each other stop the start', () => {
  const contradictions: readonly (readonly [string, Env, RegExp])[] = [
    [
      'a lease that ends during the call',
      { PAYMENT_LEASE_SECONDS: '15', BANK_CALL_TIMEOUT_SECONDS: '15' },
      /^PAYMENT_LEASE_SECONDS \(15\) must be at least 1\.25 × BANK_CALL_TIMEOUT_SECONDS \(15\)/,
    ],
    [
      'a shortest delay above the longest',
      { BANK_SIMULATOR_MIN_DELAY: '11', BANK_SIMULATOR_MAX_DELAY: '10' },
      /^BANK_SIMULATOR_MIN_DELAY \(11\) is above BANK_SIMULATOR_MAX_DELAY \(10\)/,
    ],
    [
      'one port for two servers',
      { PORT: '9000', BANK_SIMULATOR_PORT: '9000' },
      /^PORT and BANK_SIMULATOR_PORT are both 9000/,
    ],
    [
      'an external database without its address',
      { DATABASE: 'external' },
      /^DATABASE=external needs DATABASE_URL/,
    ],
    [
      'the address of a database that would not be used',
      { DATABASE_URL: 'postgres://localhost/x' },
      /^DATABASE_URL is set and DATABASE is embedded/,
    ],
    ['a broker without its address', { QUEUE: 'rabbitmq' }, /^QUEUE=rabbitmq needs AMQP_URL/],
    [
      'the address of a broker that would not be used',
      { AMQP_URL: 'amqp://localhost' },
      /^AMQP_URL is set and QUEUE is embedded/,
    ],
    [
      'a cluster of which one address is none',
      { QUEUE: 'rabbitmq', AMQP_URL: 'amqp://one, http://two' },
      /^AMQP_URL is not a list/,
    ],
    [
      'a Redis without its address',
      { COORDINATION: 'redis' },
      /^COORDINATION=redis needs REDIS_URL/,
    ],
    [
      'the address of a Redis that would not be used',
      { REDIS_URL: 'redis://localhost' },
      /^REDIS_URL is set and COORDINATION is memory/,
    ],
    [
      'a prefix that would place keys in a Cluster',
      { COORDINATION: 'redis', REDIS_URL: 'redis://localhost', REDIS_PREFIX: '{one}' },
      /^REDIS_PREFIX may hold letters/,
    ],
    ['a bank address that is none', { BANK_URL: 'bank' }, /^BANK_URL \(bank\) is not a URL/],
  ];
  for (const [name, env, sentence] of contradictions)
    test(name, () => {
      const faults = faultsOf(env);
      assert.equal(faults.length, 1, faults.join('\n'));
      assert.match(faults[0] ?? '', sentence);
    });

  test('not where a bank of one’s own makes the simulator’s port free', () => {
    const env = { PORT: '9000', BANK_SIMULATOR_PORT: '9000', BANK_URL: 'http://localhost:1' };
    assert.deepEqual(faultsOf(env), []);
  });
});

test('all faults are told at once', () => {
  assert.equal(faultsOf({ PORT: '0', LOG_LEVEL: 'loud', RATE_LIMIT_ENABLED: 'maybe' }).length, 3);
  const contradicting = { PAYMENT_LEASE_SECONDS: '1', BANK_URL: 'x', DATABASE: 'external' };
  assert.equal(faultsOf(contradicting).length, 3);
});

test('no secret is told with its value', () => {
  const secrets = Object.entries(settings).filter(([, setting]) => 'secret' in setting);
  assert.ok(secrets.length >= 4);
  const value = 'hunter2';
  const env = Object.fromEntries(secrets.map(([name]) => [name, value]));
  assert.doesNotMatch(faultsOf({ ...env, PORT: 'x' }).join('\n'), /hunter2/);
  assert.doesNotMatch(faultsOf({ DATABASE_URL: value }).join('\n'), /hunter2/);
});

test('the known default secret never signs tokens for a network', () => {
  const [fault] = faultsOf({ HOST: '0.0.0.0' });
  assert.match(fault ?? '', /HOST \(0\.0\.0\.0\) .* JWT_SECRET_KEY/);
  const secret = 'a secret of our own, and long enough';
  assert.deepEqual(faultsOf({ HOST: '0.0.0.0', JWT_SECRET_KEY: secret }), []);
  assert.deepEqual(faultsOf({ HOST: '::1' }), []);
});

describe('production', () => {
  test('starts with secrets of its own', () => {
    assert.deepEqual(faultsOf(production), []);
  });

  test('refuses each default secret', () => {
    for (const name of ['JWT_SECRET_KEY', 'BANK_WEBHOOK_SECRET', 'WEBHOOK_ENCRYPTION_KEY'])
      assert.deepEqual(faultsOf({ ...production, [name]: '' }), [
        `ENVIRONMENT=production refuses the default ${name}: set one of your own.`,
      ]);
  });

  test('refuses weak passwords and test switches, all at once', () => {
    const weak = {
      ...production,
      PASSWORD_BCRYPT_COST: '11',
      KILL_POINT: 'claimed:1',
      WEBHOOK_ALLOW_LOOPBACK: 'true',
    };
    assert.deepEqual(faultsOf(weak), [
      'ENVIRONMENT=production refuses a PASSWORD_BCRYPT_COST below 12.',
      'ENVIRONMENT=production refuses KILL_POINT.',
      'ENVIRONMENT=production refuses WEBHOOK_ALLOW_LOOPBACK: users could reach what listens here.',
    ]);
  });

  test('refuses to run without limits, or with a bank that moves no money', () => {
    assert.deepEqual(faultsOf({ ...production, RATE_LIMIT_ENABLED: 'false', BANK_URL: '' }), [
      'ENVIRONMENT=production refuses RATE_LIMIT_ENABLED=false: passwords could be guessed.',
      'ENVIRONMENT=production needs BANK_URL: the simulated bank moves no money.',
    ]);
  });

  test('is never entered by a slip: a word that is not known is refused', () => {
    assert.equal(faultsOf({ ENVIRONMENT: 'prod' }).length, 1);
  });
});
