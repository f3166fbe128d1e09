import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  bankReference,
  newAccountId,
  newPaymentId,
  newUserId,
  newWorkerId,
  parseId,
} from './ids.ts';

test('new ids are UUIDs of version 7, and no two are equal', () => {
  const made = Array.from({ length: 1000 }, newPaymentId);
  for (const id of [...made, newUserId(), newAccountId(), newWorkerId()])
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(new Set(made).size, made.length);
});

test('payments made later sort later, also within a millisecond', () => {
  const made = Array.from({ length: 1000 }, newPaymentId);
  assert.deepEqual(made.toSorted(), made);
});

test('an id is read in either case and kept in lower case', () => {
  fc.assert(
    fc.property(fc.uuid(), (uuid) => {
      assert.equal(parseId(uuid.toUpperCase()), uuid);
      assert.equal(parseId(uuid), uuid);
    }),
  );
});

test('what is not exactly a UUID is no id', () => {
  const id = newPaymentId();
  for (const text of [
    ...['', 'me', id.slice(1), `${id}0`, ` ${id}`, `${id}\n`, `{${id}}`, id.replaceAll('-', '')],
    id.replace(/^./, 'g'),
  ])
    assert.equal(parseId(text), null, JSON.stringify(text));
});

test('the bank reference is the id in 32 hex digits: one for each payment, within ISO 20022', () => {
  const ids = Array.from({ length: 100 }, newPaymentId);
  const references = ids.map(bankReference);
  for (const reference of references) assert.match(reference, /^[0-9a-f]{32}$/);
  assert.equal(new Set(references).size, ids.length);
});
