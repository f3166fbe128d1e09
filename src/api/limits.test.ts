import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressSubject } from './limits.ts';

test('an IPv4 address counts as itself, also in its mapped form', () => {
  assert.equal(addressSubject('203.0.113.7'), '203.0.113.7');
  assert.equal(addressSubject('::ffff:203.0.113.7'), '203.0.113.7');
});

test('an IPv6 customer counts once, whichever of their addresses they use', () => {
  const subject = addressSubject('2001:db8:1:2::1');
  assert.equal(addressSubject('2001:db8:1:2:ffff:ffff:ffff:ffff'), subject);
  assert.equal(addressSubject('2001:0db8:0001:0002:0:0:0:9'), subject);
  assert.notEqual(addressSubject('2001:db8:1:3::1'), subject);
});

test('short forms are read as they are meant', () => {
  assert.equal(addressSubject('::1'), '0:0:0:0::/64');
  assert.equal(addressSubject('2001:db8::'), '2001:db8:0:0::/64');
  assert.equal(addressSubject('fe80::1%eth0'), 'fe80:0:0:0::/64');
});
