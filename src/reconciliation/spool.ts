import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

/** A statement on this machine's disk: it is read twice, first to be checked, then to be kept. */
export interface StatementFile {
  readonly digest: Buffer;
  readonly open: () => Readable;
}

/** The bytes are more than a statement may have. */
export class StatementTooLarge extends Error {
  override readonly name = 'StatementTooLarge';
}

/**
 * Writes the bytes to a file of their own for as long as `work` takes. A hundred megabytes in
 * memory would be a third of what a process may have.
 * @throws StatementTooLarge
 */
export async function withSpooled<T>(
  bytes: Readable,
  bytesMax: number,
  work: (file: StatementFile) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'tollgate-statement-'));
  try {
    const path = join(folder, 'statement');
    const digest = await writeDown(bytes, path, bytesMax);
    return await work({ digest, open: () => createReadStream(path) });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeDown(bytes: Readable, path: string, bytesMax: number): Promise<Buffer> {
  const hash = createHash('sha256');
  const handle = await open(path, 'wx', 0o600);
  try {
    let size = 0;
    // Left open where it is too long: who sent it shall still hear that it was.
    for await (const chunk of bytes.iterator({ destroyOnReturn: false })) {
      // Proven by the source: a stream of bytes without an encoding.
      const piece = chunk as Buffer;
      size += piece.length;
      if (size > bytesMax) throw new StatementTooLarge();
      hash.update(piece);
      await handle.writeFile(piece);
    }
  } finally {
    await handle.close();
  }
  return hash.digest();
}
