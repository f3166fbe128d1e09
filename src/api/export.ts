import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Clock, systemClock } from '../clock.ts';
import { Overloaded } from '../runtime/overloaded.ts';
import type { Logger } from '../telemetry/log.ts';

export const exportFormats = ['csv', 'ndjson'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export const mediaTypes: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv',
  ndjson: 'application/x-ndjson',
};

/** What one row says under each name; `metadata` and the like are objects. */
export type ExportRow = Readonly<Record<string, unknown>>;

export interface Export {
  /** Who asked for it: nobody has all the room to himself. */
  readonly reader: string;
  /** Of the file, without its ending. */
  readonly name: string;
  readonly format: ExportFormat;
  readonly columns: readonly string[];
  /**
   * Rows as they are read: the next ones are asked for when the client has taken the ones before,
   * and nobody asks again once it has gone. Nothing may be held open between two batches.
   */
  readonly batches: AsyncIterable<readonly ExportRow[]>;
}

/** Long answers, a few at a time. */
export interface Exports {
  /** @throws Overloaded */
  readonly send: (reply: FastifyReply, wanted: Export) => FastifyReply;
  /** Those under way are broken off: they could go on for longer than a stop may take. */
  readonly end: () => void;
}

/** Each keeps about a batch in memory and takes up to a third of the event loop's time. */
const atOnceMax = 4;
const perReaderMax = 2;
/** Whoever leaves a batch lying for so long makes room where somebody else asks for it. */
const stalledMs = 5_000;
const retryAfterSeconds = 5;
/** Rows of one batch: some 150 kB, and 5 ms of the database. */
export const exportBatchRows = 500;

/** One file on its way. */
interface UnderWay {
  readonly reader: string;
  /** Since when a batch waits to be taken; null: the next one is being read. */
  waitsSince: number | null;
}

export function openExports(log: Logger, clock: Pick<Clock, 'monotonic'> = systemClock): Exports {
  const underWay = new Map<Readable, UnderWay>();

  function makeRoom(reader: string): void {
    const own = [...underWay.values()].filter((each) => each.reader === reader);
    if (own.length >= perReaderMax) throw full();
    if (underWay.size < atOnceMax) return;
    const now = clock.monotonic();
    const waited = ({ waitsSince }: UnderWay): number =>
      waitsSince === null ? 0 : now - waitsSince;
    const [longest] = [...underWay].toSorted(([, a], [, b]) => waited(b) - waited(a));
    if (longest === undefined || waited(longest[1]) < stalledMs) throw full();
    underWay.delete(longest[0]);
    longest[0].destroy(new Error('its reader is too slow while others wait'));
  }

  function send(reply: FastifyReply, wanted: Export): FastifyReply {
    reply.type(`${mediaTypes[wanted.format]}; charset=utf-8`).headers({
      'content-disposition': `attachment; filename="${wanted.name}.${wanted.format}"`,
      vary: 'accept',
    });
    // The framework would run the whole of it to learn its length.
    if (reply.request.method === 'HEAD') return reply.send('');
    makeRoom(wanted.reader);
    const state: UnderWay = { reader: wanted.reader, waitsSince: null };
    const paced = pace(lines(wanted, log, reply.request.id), state, clock);
    const stream = Readable.from(paced, { highWaterMark: 1 });
    underWay.set(stream, state);
    stream.once('close', () => underWay.delete(stream));
    return reply.send(stream);
  }

  return {
    send,
    end: () => {
      for (const stream of underWay.keys()) stream.destroy(new Error('the server is closing'));
    },
  };
}

const full = (): Overloaded => new Overloaded('the room for exports', retryAfterSeconds);

/** Asked for more when what came before was taken. */
async function* pace(
  pieces: AsyncIterable<string>,
  state: UnderWay,
  clock: Pick<Clock, 'monotonic'>,
): AsyncGenerator<string> {
  for await (const piece of pieces) {
    state.waitsSince = clock.monotonic();
    yield piece;
    state.waitsSince = null;
  }
}

/** Broken off, the answer ends without its last chunk: its reader cannot take it for the whole. */
async function* lines(wanted: Export, log: Logger, requestId: string): AsyncGenerator<string> {
  const { format, columns, batches } = wanted;
  try {
    if (format === 'csv') yield csvLine(columns);
    for await (const rows of batches) {
      const text = rows.map((row) =>
        format === 'csv'
          ? csvLine(columns.map((name) => csvField(row[name])))
          : `${JSON.stringify(row)}\n`,
      );
      if (text.length > 0) yield text.join('');
    }
  } catch (error) {
    log.error({ err: error, request_id: requestId }, 'export broken off');
    throw error;
  }
}

const csvLine = (fields: readonly string[]): string => `${fields.join(',')}\r\n`;

/**
 * A spreadsheet takes a cell for a formula that begins so, also after blanks; the wide forms too.
 */
const formula = /^\s*[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;
/** Our own numbers are none, though some are below zero. */
const decimal = /^-?\d+(\.\d+)?$/;

/**
 * RFC 4180. What could be a formula gets an apostrophe: others write descriptions, and the reader's
 * spreadsheet would run them.
 */
export function csvField(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const safe = formula.test(text) && !decimal.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) || safe !== text ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** JSON unless the query or else the Accept header asks for a file. */
export function formatOf(
  request: FastifyRequest,
  asked: string | undefined,
): ExportFormat | 'json' {
  if (asked !== undefined) return exportFormats.find((format) => format === asked) ?? 'json';
  return preferred(request.headers.accept ?? '');
}

function preferred(accept: string): ExportFormat | 'json' {
  let best: { readonly format: ExportFormat | 'json'; readonly q: number } = {
    format: 'json',
    q: 0,
  };
  for (const range of accept.split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith('q='));
    const q = weight === undefined ? 1 : Number(weight.slice(2));
    const format = exportFormats.find((each) => mediaTypes[each] === type);
    const isJson = /^(\*\/\*|application\/(\*|json))$/.test(type);
    // The first of equals; what is none of ours says nothing.
    if ((format !== undefined || isJson) && q > best.q) best = { format: format ?? 'json', q };
  }
  return best.format;
}
