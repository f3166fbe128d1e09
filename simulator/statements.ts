import { createWriteStream } from 'node:fs';
import { mkdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Logger } from 'pino';
import type { Clock } from './clock.ts';
import { openDay, type StatementSource } from './statement.ts';
import { writeCamt053 } from './statement-camt053.ts';
import { writeCsv } from './statement-csv.ts';

/** Statements of the bank's own books: to whoever asks, and as files when a day has ended. */
export interface Statements {
  readonly stream: (date: string, format: Format) => Promise<Readable>;
  /** Both formats, whole or not at all; replaces older files of that day. */
  readonly writeFiles: (date: string) => Promise<readonly string[]>;
  /** Writes yesterday's where they are missing, and from now on every day's after its end. */
  readonly followDays: () => void;
  readonly stop: () => void;
}

export type Format = 'csv' | 'camt053';

export interface StatementsOptions {
  readonly source: StatementSource;
  /** Of the files. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Logger;
}

export const contentTypes: Readonly<Record<Format, string>> = {
  csv: 'text/csv; charset=utf-8; header=present',
  camt053: 'application/xml; charset=utf-8',
};

/** What was executed in the last moments of a day is on disk by then. */
const afterMidnightMs = 10_000;
const dayMs = 86_400_000;

export function openStatements({ source, folder, clock, log }: StatementsOptions): Statements {
  let timer: { readonly cancel: () => void } | null = null;
  let isStopped = false;

  const stream = async (date: string, format: Format): Promise<Readable> => {
    const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    // Before the books are looked at: what was executed until then is in the statement.
    const createdAt = clock.timestamp();
    const day = await openDay({ source, date, pause });
    const text = format === 'csv' ? writeCsv(day) : writeCamt053(day, createdAt);
    return Readable.from(text);
  };

  const writeFiles = async (date: string): Promise<readonly string[]> => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const written: string[] = [];
    for (const format of ['csv', 'camt053'] as const) {
      const file = fileOf(folder, date, format);
      const draft = `${file}.${process.pid}.part`;
      await pipeline(await stream(date, format), createWriteStream(draft, { mode: 0o600 }));
      await rename(draft, file);
      written.push(file);
    }
    return written;
  };

  const writeYesterday = async (): Promise<void> => {
    const date = dateOf(clock.nowMs() - dayMs);
    if (await isFile(fileOf(folder, date, 'camt053'))) return;
    const files = await writeFiles(date);
    log.info({ date, files }, 'statement written');
  };

  const follow = (): void => {
    if (isStopped) return;
    const nowMs = clock.nowMs();
    timer = clock.after(dayMs - (nowMs % dayMs) + afterMidnightMs, follow);
    // The next day's attempt finds only its own day missing; this one can still be asked for.
    writeYesterday().catch((error: unknown) => {
      log.error({ error: String(error) }, 'statement not written');
    });
  };

  return {
    stream,
    writeFiles,
    followDays: follow,
    stop: () => {
      isStopped = true;
      timer?.cancel();
    },
  };
}

function fileOf(folder: string, date: string, format: Format): string {
  return join(folder, `${date}.${format === 'csv' ? 'csv' : 'camt053.xml'}`);
}

function dateOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found?.isFile() === true;
}
