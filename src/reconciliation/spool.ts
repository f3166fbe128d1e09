import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

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
    const hash = createHash('sha256');
    let size = 0;
    const measure = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        size += chunk.length;
        if (size > bytesMax) return done(new StatementTooLarge());
        hash.update(chunk);
        return done(null, chunk);
      },
    });
    await pipeline(bytes, measure, createWriteStream(path, { mode: 0o600 }));
    return await work({ digest: hash.digest(), open: () => createReadStream(path) });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
