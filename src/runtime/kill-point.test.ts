import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { openKillPoints } from './kill-point.ts';

const module = new URL('./kill-point.ts', import.meta.url).href;

/** Reaches the point four times in a process of its own. */
function run(setting: string, point: string): { readonly signal: string | null; reached: string } {
  const program = `
    import { writeSync } from 'node:fs';
    const { openKillPoints } = await import(${JSON.stringify(module)});
    const reach = openKillPoints(${JSON.stringify(setting)});
    for (let hit = 1; hit <= 4; hit += 1) {
      reach(${JSON.stringify(point)});
      writeSync(1, String(hit));
    }`;
  const { signal, stdout } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', program],
    { encoding: 'utf8' },
  );
  return { signal, reached: stdout };
}

test('the n-th hit of the armed point ends the process at once, and no other does', () => {
  assert.deepEqual(run('settle.before_commit:3', 'settle.before_commit'), {
    signal: 'SIGKILL',
    reached: '12',
  });
  assert.deepEqual(run('accept.after_commit', 'accept.after_commit'), {
    signal: 'SIGKILL',
    reached: '',
  });
  assert.deepEqual(run('accept.after_commit', 'accept.before_commit'), {
    signal: null,
    reached: '1234',
  });
});

test('without the setting nothing is armed', () => {
  const reach = openKillPoints('');
  reach('accept.before_commit');
  reach('settle.after_commit');
});
