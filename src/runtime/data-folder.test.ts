import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { StartRefused } from '../refused.ts';
import { makeDataFolder } from './data-folder.ts';

describe('a data folder', () => {
  test('is made with its parents, and made again without harm', (t) => {
    const root = mkdtempSync(join(tmpdir(), 'data-folder-'));
    t.after(() => rmSync(root, { recursive: true, force: true }));
    const dataDir = join(root, 'a', 'b');
    makeDataFolder(dataDir);
    makeDataFolder(dataDir);
    for (const name of ['logs', 'run']) {
      const status = statSync(join(dataDir, name));
      assert.equal(status.isDirectory(), true);
      assert.equal(status.mode & 0o777, 0o700);
    }
  });

  test('is refused where a file has its name', (t) => {
    const root = mkdtempSync(join(tmpdir(), 'data-folder-'));
    t.after(() => rmSync(root, { recursive: true, force: true }));
    writeFileSync(join(root, 'taken'), '');
    assert.throws(() => makeDataFolder(join(root, 'taken')), StartRefused);
    assert.throws(() => makeDataFolder(join(root, 'taken', 'below')), StartRefused);
  });

  test('is refused, and not tried for ever, where no folder can be', () => {
    assert.throws(() => makeDataFolder('/proc/tollgate/data'), StartRefused);
  });
});
