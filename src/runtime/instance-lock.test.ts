import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readInstanceLock, takeInstanceLock } from './instance-lock.ts';

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-lock-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const module = JSON.stringify(new URL('./instance-lock.ts', import.meta.url).href);

/**
 * Processes that try at the same moment, and stay alive with what they got until they are killed.
 */
async function race(folder: string, contenders: number): Promise<{ won: number; end: () => void }> {
  const script = `
    const { takeInstanceLock } = await import(${module});
    const taken = takeInstanceLock(process.argv[1], 'x', {});
    process.send('heldBy' in taken ? 'lost' : 'won');
    setInterval(() => {}, 1000);`;
  const children = Array.from({ length: contenders }, () =>
    spawn(process.execPath, ['--input-type=module', '-e', script, folder], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    }),
  );
  const said = await Promise.all(children.map((child) => once(child, 'message')));
  return {
    won: said.filter(([word]) => word === 'won').length,
    end: () => {
      for (const child of children) child.kill('SIGKILL');
    },
  };
}

test('while it is held nobody else gets it; after the release the next does', (t) => {
  const folder = newFolder(t);
  const first = takeInstanceLock(folder, 'x', { command: 'gateway' });
  assert('release' in first);
  const second = takeInstanceLock(folder, 'x', { command: 'audit' });
  assert('heldBy' in second);
  assert.deepEqual([second.heldBy.pid, second.heldBy.about], [process.pid, { command: 'gateway' }]);
  assert('release' in takeInstanceLock(folder, 'another', {}));
  first.release();
  assert.equal(readInstanceLock(folder, 'x'), null);
  assert('release' in takeInstanceLock(folder, 'x', {}));
  assert.equal(readdirSync(folder).filter((name) => name.startsWith('x.')).length, 1);
});

test('of many at the same moment one wins, also over a dead holder', async (t) => {
  const folder = newFolder(t);
  for (const _ of [1, 2]) {
    const result = await race(folder, 4);
    t.after(result.end);
    assert.equal(result.won, 1);
    result.end();
  }
});

test('a recycled pid, or a file that cannot be read, holds nothing', (t) => {
  const folder = newFolder(t);
  const recycled = { pid: process.pid, mark: 'of another process', about: {} };
  writeFileSync(join(folder, 'x.lock.7'), JSON.stringify(recycled));
  assert.equal(readInstanceLock(folder, 'x'), null);
  assert('release' in takeInstanceLock(folder, 'x', {}));
  writeFileSync(join(folder, 'y.lock.1'), 'half a fi');
  assert('release' in takeInstanceLock(folder, 'y', {}));
});
