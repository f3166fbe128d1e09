import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newEndpointId } from '../ids.ts';
import { openSeal } from './seal.ts';
import { newSigningSecret } from './sign.ts';

const key = 'a key of thirty-two characters!!';
const nextKey = 'another key that is long enough!';

test('a sealed secret opens for its endpoint, and is another text each time', () => {
  const seal = openSeal({ key, previousKey: '' });
  const [secret, id] = [newSigningSecret(), newEndpointId()];
  const sealed = seal.close(secret, id);
  assert.deepEqual(seal.open(sealed, id), secret);
  assert.notEqual(seal.close(secret, id), sealed);
  assert(!sealed.includes(secret.toString('hex')));
});

test('moved to another endpoint, or changed in any byte, it does not open', () => {
  const seal = openSeal({ key, previousKey: '' });
  const id = newEndpointId();
  const sealed = seal.close(newSigningSecret(), id);
  assert.throws(() => seal.open(sealed, newEndpointId()));
  for (let at = 0; at < sealed.length; at += 2) {
    const byte = (Number.parseInt(sealed.slice(at, at + 2), 16) ^ 1).toString(16).padStart(2, '0');
    assert.throws(() => seal.open(sealed.slice(0, at) + byte + sealed.slice(at + 2), id), `${at}`);
  }
});

test('after the key was changed, what the previous one sealed still opens, for as long as it is named', () => {
  const id = newEndpointId();
  const secret = newSigningSecret();
  const sealed = openSeal({ key, previousKey: '' }).close(secret, id);
  assert.deepEqual(openSeal({ key: nextKey, previousKey: key }).open(sealed, id), secret);
  assert.throws(() => openSeal({ key: nextKey, previousKey: '' }).open(sealed, id), /sealed/);
});
