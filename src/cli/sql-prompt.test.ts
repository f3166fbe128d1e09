import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isWhole } from './sql-prompt.ts';

test('a statement ends at a semicolon, not at one inside quotes', () => {
  for (const whole of [
    'select 1;',
    'select 1;\n',
    `select 'it''s; ok';`,
    'select ";" from t; -- done',
    'do $$ begin perform 1; end $$;',
    'do $x$ select $$;$$; $x$;',
    'select /* ; */ 1;',
  ])
    assert.equal(isWhole(whole), true, whole);
  for (const part of [
    '',
    'select 1',
    `select 'a;`,
    `select 'a';\n select 'b;`,
    'select ";',
    'do $$ begin perform 1;',
    'select /* 1;',
    'select 1 -- ;',
  ])
    assert.equal(isWhole(part), false, part);
});
