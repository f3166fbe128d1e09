import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { prettyFactory } from 'pino-pretty';
import { environment, readConfig } from '../config.ts';

/** How often the files are looked at: file system events do not exist everywhere. */
const lookEveryMs = 300;

/** `tollgate logs`: the end of every log of this DATA_DIR, then what is added, until Ctrl-C. */
export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      lines: { type: 'string', default: '20' },
      follow: { type: 'boolean', default: true },
    },
    allowNegative: true,
  });
  if (!/^\d{1,6}$/.test(values.lines)) {
    process.stderr.write('--lines takes a whole number.\n');
    return 2;
  }
  const config = readConfig(environment());
  const folder = join(config.dataDir, 'logs');
  const show = printer();
  const positions = new Map<string, number>();
  for (const name of logNames(folder)) {
    const content = readFileSync(join(folder, name));
    positions.set(name, content.length);
    const lines = content.toString('utf8').split('\n').filter(Boolean);
    for (const line of lines.slice(-Number(values.lines))) show(name, line);
  }
  if (positions.size === 0) process.stdout.write(`There are no logs in ${folder} yet.\n`);
  // Into a file or a pipe, an end is what the reader waits for.
  while (values.follow && process.stdout.isTTY) {
    await delay(lookEveryMs);
    for (const name of logNames(folder)) {
      const added = readFrom(join(folder, name), positions.get(name) ?? 0);
      positions.set(name, added.end);
      for (const line of added.lines) show(name, line);
    }
  }
  return 0;
}

function logNames(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith('.log'));
  return names.toSorted();
}

/** Whole lines only: the rest of an unfinished one comes with the next look. */
function readFrom(path: string, from: number): { lines: string[]; end: number } {
  const file = openSync(path, 'r');
  try {
    const size = fstatSync(file).size;
    // Shorter than before: it was emptied, and begins again.
    const start = size < from ? 0 : from;
    const buffer = Buffer.alloc(size - start);
    const read = buffer.subarray(0, readSync(file, buffer, 0, buffer.length, start));
    const end = read.lastIndexOf(0x0a) + 1;
    const lines = read.subarray(0, end).toString('utf8').split('\n').filter(Boolean);
    return { lines, end: start + end };
  } finally {
    closeSync(file);
  }
}

function printer(): (file: string, line: string) => void {
  const pretty = prettyFactory({ colorize: true, ignore: 'pid,process' });
  return (file, line) => {
    const isReadable = process.stdout.isTTY && line.startsWith('{');
    const text = isReadable ? pretty(line).trimEnd() : line;
    process.stdout.write(`${file.replace('.log', '').padEnd(9)} ${text}\n`);
  };
}
