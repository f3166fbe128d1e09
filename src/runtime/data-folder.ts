import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { StartRefused } from '../refused.ts';

/** DATA_DIR with the folders that must exist before anything runs in it. @throws StartRefused */
export function makeDataFolder(dataDir: string): void {
  // Root's PostgreSQL may have to run as another user, who must be able to walk through.
  const mode = process.getuid?.() === 0 ? 0o711 : 0o700;
  try {
    mkdirSync(dataDir, { recursive: true, mode });
    for (const name of ['logs', 'run']) {
      mkdirSync(join(dataDir, name), { recursive: true, mode: 0o700 });
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartRefused(`DATA_DIR ${dataDir} cannot be made: ${reason}.`);
  }
}
