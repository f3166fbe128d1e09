import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Overloaded } from '../runtime/overloaded.ts';
import { fitsBcrypt, openPasswords } from './passwords.ts';

test('a password opens its own hash and no other', async () => {
  const passwords = openPasswords(4);
  const hash = await passwords.hash('correct horse');
  assert.match(hash, /^\$2[by]\$04\$/);
  assert.equal(await passwords.verify('correct horse', hash), true);
  assert.equal(await passwords.verify('wrong horse', hash), false);
});

test('nobody has no password', async () => {
  assert.equal(await openPasswords(4).verify('correct horse', null), false);
});

test('nobody costs what a wrong password costs', async () => {
  const passwords = openPasswords(10);
  const hash = await passwords.hash('correct horse');
  // CPU time, which does not depend on who else is using the machine.
  const timeOf = async (known: string | null): Promise<number> => {
    const before = process.cpuUsage();
    await passwords.verify('wrong horse', known);
    return process.cpuUsage(before).user;
  };
  const median = (times: number[]): number => times.toSorted((a, b) => a - b)[2] ?? 0;
  const [known, unknown]: [number[], number[]] = [[], []];
  for (let at = 0; at < 5; at += 1) {
    known.push(await timeOf(hash));
    unknown.push(await timeOf(null));
  }
  const ratio = median(unknown) / median(known);
  assert.ok(ratio > 0.5 && ratio < 2, `ratio ${ratio}`);
});

test('72 bytes fit and 73 do not, counted in UTF-8', () => {
  assert.ok(fitsBcrypt('x'.repeat(72)));
  assert.ok(!fitsBcrypt('x'.repeat(73)));
  assert.ok(fitsBcrypt('ü'.repeat(36)));
  assert.ok(!fitsBcrypt('ü'.repeat(37)));
});

test('a full waiting room says so at once, and those inside are served', async () => {
  const passwords = openPasswords(4);
  const results = await Promise.allSettled(
    Array.from({ length: 100 }, () => passwords.hash('correct horse')),
  );
  const refused = results.filter((result) => result.status === 'rejected');
  // Two at work and 32 waiting.
  assert.equal(refused.length, 66);
  for (const { reason } of refused) assert.ok(reason instanceof Overloaded);
  assert.match(await passwords.hash('correct horse'), /^\$2[by]\$/);
});
