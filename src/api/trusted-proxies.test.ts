import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigRefused } from '../config.ts';
import { trustedProxies } from './trusted-proxies.ts';

test('nobody is trusted unless named', () => {
  assert.equal(trustedProxies(''), false);
  assert.equal(trustedProxies(' , '), false);
});

test('addresses and networks are taken, with spaces or without', () => {
  const proxies = trustedProxies('10.0.0.0/8, ::1,192.0.2.1 ,fd00::/8');
  assert.deepEqual(proxies, ['10.0.0.0/8', '::1', '192.0.2.1', 'fd00::/8']);
});

test('anything else stops the start with a sentence that names it', () => {
  for (const wrong of ['foo', '10.0.0.0/33', '10.0.0', '*', 'true', '::/129', '10.0.0.0/8/8'])
    assert.throws(
      () => trustedProxies(`::1,${wrong}`),
      (error) => {
        assert.ok(error instanceof ConfigRefused);
        return error.message.includes(`"${wrong}" is neither`);
      },
    );
});
