import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isAlive } from './processes.ts';

test('a process that has ended is not alive, and one that runs is', () => {
  const { pid } = spawnSync('true');
  assert.deepEqual([isAlive(pid), isAlive(process.pid)], [false, true]);
});

/** Opens files until the system gives no more, then looks at its own parent, who is alive. */
const exhausted = `
  import { openSync } from 'node:fs';
  import { isAlive } from ${JSON.stringify(fileURLToPath(new URL('processes.ts', import.meta.url)))};
  let fault = null;
  while (fault === null) try { openSync('/dev/null'); } catch (error) { fault = error.code; }
  let word;
  try { word = isAlive(process.ppid); } catch (error) { word = error.code; }
  process.stdout.write(fault + ' ' + word);
`;

test('without a file descriptor to look with, nobody is declared dead', () => {
  // Without /proc another program is asked, and no file opened.
  if (process.platform !== 'linux') return;
  const node = [process.execPath, '--input-type=module', '-e', exhausted];
  const ended = spawnSync('sh', ['-c', 'ulimit -n 128; exec "$@"', 'sh', ...node], {
    encoding: 'utf8',
  });
  assert.equal(ended.stdout, 'EMFILE EMFILE', ended.stderr);
});
