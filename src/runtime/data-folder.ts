import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { StartRefused } from '../refused.ts';

/** DATA_DIR with the folders that must exist before anything runs in it. @throws StartRefused */
export function makeDataFolder(dataDir: string): void {
  // Root's PostgreSQL may have to run as another user, who must be able to walk through.
  const mode = process.getuid?.() === 0 ? 0o711 : 0o700;
  try {
    makeFolder(dataDir, mode);
    for (const name of ['logs', 'run']) makeFolder(join(dataDir, name), 0o700);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartRefused(`DATA_DIR ${dataDir} cannot be made: ${reason}.`);
  }
}

/**
 * Not `recursive`: below a folder that takes no children but says "no such file" (/proc does), Node
 * tries the parent and the child again for ever.
 */
function makeFolder(path: string, mode: number): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path), mode);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    // Another start was quicker.
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}
