import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rewrap } from './rewrap.ts';

const words = (count: number): string => Array.from({ length: count }, () => 'word').join(' ');

test('a comment that is too wide is filled, and its paragraph with it', () => {
  assert.equal(
    rewrap(`  // ${words(20)}\n  // end\ncode();\n`),
    `  // ${words(19)}\n  // word end\ncode();\n`,
  );
  assert.equal(rewrap(`/** ${words(20)} */\n`), `/**\n * ${words(19)}\n * word\n */\n`);
});

test('what fits, code, lists and tables keep their lines', () => {
  for (const text of [
    '// short\n// lines\n',
    `const x = '${words(30)}';\n`,
    `// - ${words(30)}\n`,
    `// | ${words(30)} |\n`,
  ])
    assert.equal(rewrap(text), text);
});
