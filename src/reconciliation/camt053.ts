import type { Readable } from 'node:stream';
import { SaxesParser, type SaxesTagNS } from 'saxes';
import { type FieldNames, readEntry, readMoment } from './entry.ts';
import type { StatementPart, StatementParts } from './statement.ts';

/**
 * A statement as ISO 20022 camt.053.001.08. Of each booked entry counts: `Amt` with its `Ccy`,
 * `CdtDbtInd` (CRDT moves money into our books; of a reversal it is the direction of the reversal),
 * `BookgDt`, `AcctSvcrRef` (the bank's transaction) and `EndToEndId` (our reference). An entry of
 * another status than BOOK has moved nothing yet and is left out.
 *
 * The parser reads well-formed XML with namespaces and nothing else. A document type is refused, so
 * there are no entities but the five of XML itself: nothing grows while it is read, and nothing
 * else is opened.
 */
const namespace = 'urn:iso:std:iso:20022:tech:xsd:camt.053.001.08';

const depthMax = 24;
/** Longer than any field that counts; the rest of a longer text is left unread. */
const textLengthMax = 200;
/** The parser keeps all of a tag until it ends: a hundred megabytes of one stop everything else. */
const attributesMax = 32;
const pieceLengthMax = 65_536;

const names: FieldNames = {
  reference: 'EndToEndId',
  bankTransactionId: 'AcctSvcrRef',
  direction: 'CdtDbtInd',
  amount: 'Amt',
  currency: 'Ccy',
  executedAt: 'BookgDt',
};

export async function* readCamt053(bytes: Readable): StatementParts {
  const reader = openReader();
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for await (const chunk of bytes) {
    // Proven by the source: a stream of bytes without an encoding.
    write(
      reader,
      decode(() => decoder.decode(chunk as Buffer, { stream: true })),
    );
    yield take(reader);
    if (reader.isOver) return;
  }
  write(
    reader,
    decode(() => decoder.decode()),
  );
  end(reader);
  yield take(reader);
}

function decode(work: () => string): string | null {
  try {
    return work();
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

interface Reader {
  readonly parser: SaxesParser<{ xmlns: true; position: true }>;
  /** Of the open elements, below the document: `BkToCstmrStmt/Stmt`. */
  readonly path: string[];
  entry: Entry;
  /** Outside of the entries, by path. */
  readonly fields: Map<string, string>;
  text: string;
  attributes: number;
  /** Of the parser, where a tag, a text or a comment ended last. */
  endedAt: number;
  isOver: boolean;
  hasHeader: boolean;
  parts: StatementPart[];
}

function openReader(): Reader {
  const parser = new SaxesParser({ xmlns: true as const, position: true as const });
  const reader: Reader = {
    parser,
    path: [],
    entry: openEntry(1),
    fields: new Map(),
    text: '',
    attributes: 0,
    endedAt: 0,
    isOver: false,
    hasHeader: false,
    parts: [],
  };
  const add = (more: string): void => {
    reader.endedAt = parser.position;
    if (reader.text.length < textLengthMax) reader.text += more.slice(0, textLengthMax);
  };
  const pass = (): void => {
    reader.endedAt = parser.position;
  };
  // After a refusal the parser goes on to the end of its chunk, and nobody listens.
  parser.on('attribute', () => {
    reader.attributes += 1;
    if (reader.attributes > attributesMax)
      refuse(reader, `has a tag of more than ${attributesMax} attributes`);
  });
  parser.on('opentag', (tag) => {
    pass();
    reader.attributes = 0;
    if (!reader.isOver) openElement(reader, tag);
  });
  parser.on('closetag', () => {
    pass();
    if (!reader.isOver) closeElement(reader);
  });
  parser.on('text', add);
  parser.on('cdata', add);
  parser.on('comment', pass);
  parser.on('processinginstruction', pass);
  parser.on('doctype', () =>
    refuse(reader, 'a document type is refused: it could define entities'),
  );
  parser.on('xmldecl', ({ encoding = 'UTF-8' }) => {
    if (encoding.toUpperCase() !== 'UTF-8') refuse(reader, 'the encoding must be UTF-8');
  });
  parser.on('error', (error) => refuse(reader, `is not well-formed XML: ${wordsOf(error)}`));
  return reader;
}

function write(reader: Reader, text: string | null): void {
  if (text === null) refuse(reader, 'is not UTF-8');
  else if (!reader.isOver) {
    reader.parser.write(text);
    if (reader.parser.position - reader.endedAt > pieceLengthMax + text.length)
      refuse(reader, `has a tag or a text of more than ${pieceLengthMax} characters`);
  }
}

function end(reader: Reader): void {
  if (!reader.isOver) reader.parser.close();
  // A bank that moved nothing may write a header only; another kind of file has not even that.
  if (!reader.isOver && !reader.hasHeader) fault(reader, 'holds no BkToCstmrStmt with its GrpHdr');
}

/** What was found since the last time. */
function take(reader: Reader): readonly StatementPart[] {
  const { parts } = reader;
  reader.parts = [];
  return parts;
}

function fault(reader: Reader, detail: string): void {
  const isInEntry = reader.path.at(-1)?.startsWith(entryPath) === true;
  const at = { line: reader.parser.line, entry: isInEntry ? reader.entry.number : null };
  reader.parts.push({ kind: 'fault', fault: { ...at, detail } });
}

/** A fault after which nothing more is read. */
function refuse(reader: Reader, detail: string): void {
  if (!reader.isOver) fault(reader, detail);
  reader.isOver = true;
}

function openElement(reader: Reader, tag: SaxesTagNS): void {
  const { path } = reader;
  const above = path.at(-1);
  const isRoot = above === undefined;
  const here = isRoot ? '' : above === '' ? tag.local : `${above}/${tag.local}`;
  path.push(here);
  reader.text = '';
  if (path.length > depthMax) refuse(reader, `is nested more than ${depthMax} deep`);
  if (isRoot && (tag.local !== 'Document' || tag.uri !== namespace))
    refuse(reader, `the document must be a Document of ${namespace}`);
  if (here === 'BkToCstmrStmt/GrpHdr') reader.hasHeader = true;
  if (here === entryPath) {
    const { number, isRead } = reader.entry;
    reader.entry = openEntry(isRead ? number + 1 : number);
  }
  const { entry } = reader;
  if (here === `${entryPath}/Amt`) entry.fields.set('Ccy', tag.attributes['Ccy']?.value ?? '');
  if (here === `${entryPath}/NtryDtls/TxDtls`) entry.transactions += 1;
}

function closeElement(reader: Reader): void {
  const { path, entry, fields, parser, parts } = reader;
  const here = path.at(-1) ?? '';
  const text = reader.text.trim();
  reader.text = '';
  const place = here.startsWith(`${entryPath}/`) ? here.slice(entryPath.length + 1) : null;
  if (place === null && here.startsWith(periodPath)) fields.set(here, text);
  if (place !== null && entryFields.has(place)) entry.fields.set(place, text);
  switch (here) {
    case entryPath:
      parts.push(...finishEntry(entry, parser.line));
      entry.isRead = true;
      break;
    case 'BkToCstmrStmt/Stmt/FrToDt':
      readPeriod(reader);
      break;
    case 'BkToCstmrStmt/GrpHdr/CreDtTm':
      readCreation(reader, text);
      break;
    default:
  }
  path.pop();
}

function readPeriod(reader: Reader): void {
  const from = readMoment(reader.fields.get('BkToCstmrStmt/Stmt/FrToDt/FrDtTm') ?? '');
  const to = readMoment(reader.fields.get('BkToCstmrStmt/Stmt/FrToDt/ToDtTm') ?? '');
  if (from === null || to === null || from.from >= to.to)
    fault(reader, 'FrToDt must hold FrDtTm and ToDtTm, in this order, each with its zone');
  else reader.parts.push({ kind: 'period', period: { from: from.from, to: to.to } });
}

function readCreation(reader: Reader, text: string): void {
  const created = readMoment(text);
  if (created === null) fault(reader, 'CreDtTm is not a time with its zone');
  else reader.parts.push({ kind: 'created', at: created.from });
}

const entryPath = 'BkToCstmrStmt/Stmt/Ntry';
const periodPath = 'BkToCstmrStmt/Stmt/FrToDt/';

/** What is kept of an entry; a file may make up any number of others. */
const entryFields: ReadonlySet<string> = new Set([
  'Sts/Cd',
  'CdtDbtInd',
  'AcctSvcrRef',
  'Amt',
  'BookgDt/DtTm',
  'BookgDt/Dt',
  'NtryDtls/TxDtls/Refs/EndToEndId',
]);

interface Entry {
  readonly number: number;
  /** By path below the entry. */
  readonly fields: Map<string, string>;
  transactions: number;
  isRead: boolean;
}

function openEntry(number: number): Entry {
  return { number, fields: new Map(), transactions: 0, isRead: false };
}

function finishEntry({ number, fields, transactions }: Entry, line: number): StatementPart[] {
  const field = (path: string): string => fields.get(path) ?? '';
  const refused = (detail: string): StatementPart[] => [
    { kind: 'fault', fault: { line, entry: number, detail } },
  ];
  const status = field('Sts/Cd');
  if (status === 'PDNG' || status === 'INFO' || status === 'FUTR') return [];
  if (status !== 'BOOK') return refused('Sts/Cd must be BOOK, PDNG, INFO or FUTR');
  // Their sum is one entry, and which of them is ours would be a guess.
  if (transactions > 1) return refused(`holds ${transactions} transactions: an entry must be one`);
  const direction = field('CdtDbtInd');
  const read = readEntry(
    {
      reference: field('NtryDtls/TxDtls/Refs/EndToEndId'),
      bankTransactionId: field('AcctSvcrRef'),
      direction: direction === 'CRDT' ? 'in' : direction === 'DBIT' ? 'out' : null,
      amount: field('Amt'),
      currency: field('Ccy'),
      executedAt: field('BookgDt/DtTm') || field('BookgDt/Dt'),
    },
    number,
    names,
  );
  return 'faults' in read ? refused(read.faults.join('; ')) : [{ kind: 'line', line: read }];
}

/** Without the place, which stands beside it. */
function wordsOf(error: Error): string {
  return error.message.replace(/^\d+:\d+: /, '').slice(0, 100);
}
