import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  choice,
  describeSettings,
  integer,
  list,
  number,
  readSettings,
  text,
  toggle,
} from './settings.ts';

const about = 'What it is.';
const table = {
  MODE: choice('slow', ['slow', 'fast'], { about }),
  ON: toggle(true, { about }),
  COUNT: integer(5, { min: 1, max: 10, about }),
  SHARE: number(0.5, { min: 0, max: 1, about }),
  DELAYS: list([1, 2], { min: 0, max: 10, lengthMax: 3, about }),
  SECRET: text('default-secret', { minLength: 8, secret: true, about, danger: 'Keep it.' }),
};

const read = (env: Record<string, string>) => readSettings(table, env);

test('without an environment every setting has its default', () => {
  assert.deepEqual(read({}), {
    values: {
      ...{ MODE: 'slow', ON: true, COUNT: 5, SHARE: 0.5, DELAYS: [1, 2] },
      SECRET: 'default-secret',
    },
    faults: [],
  });
});

test('an empty variable is an unset one, and spaces around a value do not count', () => {
  assert.equal(read({ COUNT: '', MODE: '  ' }).values.COUNT, 5);
  assert.equal(read({ COUNT: ' 7 ' }).values.COUNT, 7);
});

test('values are read as their type', () => {
  const env = {
    MODE: 'fast',
    ON: 'false',
    COUNT: '10',
    SHARE: '0.25',
    DELAYS: '3, 0.5',
    SECRET: 'x'.repeat(8),
  };
  assert.deepEqual(read(env), {
    values: {
      MODE: 'fast',
      ON: false,
      COUNT: 10,
      SHARE: 0.25,
      DELAYS: [3, 0.5],
      SECRET: 'xxxxxxxx',
    },
    faults: [],
  });
});

test('what is not of the type or out of range is refused by name and value', () => {
  for (const [name, value, fault] of [
    ['MODE', 'Fast', 'MODE (Fast) must be one of slow, fast.'],
    ['ON', 'yes', 'ON (yes) must be true or false.'],
    ['COUNT', '0', 'COUNT (0) must be a number, 1 to 10.'],
    ['COUNT', '1.5', 'COUNT (1.5) must be a whole number, 1 to 10.'],
    ['COUNT', '1e1', 'COUNT (1e1) must be a whole number, 1 to 10.'],
    ['COUNT', '0x5', 'COUNT (0x5) must be a whole number, 1 to 10.'],
    ['SHARE', '1.01', 'SHARE (1.01) must be a number, 0 to 1.'],
    ['SHARE', 'NaN', 'SHARE (NaN) must be a number, 0 to 1.'],
    ['SHARE', '0,5', 'SHARE (0,5) must be a number, 0 to 1.'],
    ['DELAYS', '1,,2', 'DELAYS (1,,2) must be 1 to 3 numbers of 0 to 10, comma separated.'],
    ['DELAYS', '1,2,3,4', 'DELAYS (1,2,3,4) must be 1 to 3 numbers of 0 to 10, comma separated.'],
    ['DELAYS', '11', 'DELAYS (11) must be 1 to 3 numbers of 0 to 10, comma separated.'],
  ] as const)
    assert.deepEqual(read({ [name]: value }).faults, [fault]);
});

test('all faults are told at once', () => {
  const { faults } = read({ MODE: 'x', ON: 'x', COUNT: 'x', SHARE: 'x', DELAYS: 'x', SECRET: 'x' });
  assert.equal(faults.length, 6);
});

test('a secret is never told with its value', () => {
  assert.deepEqual(read({ SECRET: 'hunter2' }).faults, ['SECRET needs 8 characters or more.']);
});

test('the description names default, range and danger of every setting', () => {
  const described = describeSettings(table);
  assert.match(described, /# What it is\.\n# one of slow, fast\nMODE=slow\n/);
  assert.match(
    described,
    /# text of 8 characters or more\n# Danger: Keep it\.\nSECRET=default-secret\n/,
  );
  assert.match(described, /\nDELAYS=1,2\n/);
});

test('the description, read as an environment, is the defaults', () => {
  const lines = describeSettings(table)
    .split('\n')
    .filter((line) => /^[A-Z]/.test(line));
  const env = Object.fromEntries(lines.map((line) => line.split('=') as [string, string]));
  assert.deepEqual(read(env), read({}));
});
