import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import { camt053Of, csvOf, entryOf, type WrittenLine } from '../../test/support/statements.ts';
import { present } from '../assert.ts';
import { parseCurrency } from '../money.ts';
import { readCamt053 } from './camt053.ts';
import { readCsv } from './csv.ts';
import type { StatementFault, StatementLine, StatementPart, StatementParts } from './statement.ts';

interface Found {
  readonly lines: readonly StatementLine[];
  readonly faults: readonly StatementFault[];
  readonly others: readonly unknown[];
}

async function found(parts: StatementParts): Promise<Found> {
  const all: StatementPart[] = [];
  for await (const some of parts) all.push(...some);
  return {
    lines: all.flatMap((part) => (part.kind === 'line' ? [part.line] : [])),
    faults: all.flatMap((part) => (part.kind === 'fault' ? [part.fault] : [])),
    others: all.filter((part) => part.kind === 'period' || part.kind === 'created'),
  };
}

const readings = {
  csv: (text: string | Buffer, chunk = 64) => found(readCsv(inPieces(text, chunk))),
  camt053: (text: string | Buffer, chunk = 64) => found(readCamt053(inPieces(text, chunk))),
};

/** As a socket brings it: cut anywhere, in the middle of a character too. */
function inPieces(text: string | Buffer, size: number): Readable {
  const bytes = Buffer.from(text);
  const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
    bytes.subarray(at * size, (at + 1) * size),
  );
  return Readable.from(pieces, { objectMode: false });
}

const currencies = ['USD', 'JPY', 'KWD', 'CLF'].map((code) => present(parseCurrency(code), code));
const identifier = fc
  .string({
    unit: fc.integer({ min: 0x20, max: 0x7e }).map((c) => String.fromCharCode(c)),
    maxLength: 138,
  })
  .map((inner) => `x${inner}x`);
const anyLine: fc.Arbitrary<WrittenLine> = fc.record(
  {
    reference: identifier,
    bankTransactionId: identifier,
    currency: fc.constantFrom(...currencies),
    amountMinor: fc
      .tuple(fc.bigInt({ min: 1n, max: 999_999_999_999_999n }), fc.boolean())
      .map(([amount, isIn]) => (isIn ? amount : -amount)),
    executedAt: fc.date({
      min: new Date('2000-01-01'),
      max: new Date('2099-12-31'),
      noInvalidDate: true,
    }),
  },
  { noNullPrototype: true },
);

for (const [format, write] of [
  ['csv', csvOf],
  ['camt053', camt053Of],
] as const) {
  test(`a ${format} statement reads as the lines that it was written from, wherever it is cut`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyLine, { maxLength: 20 }),
        fc.integer({ min: 1, max: 500 }),
        async (written, chunk) => {
          const { lines, faults } = await readings[format](write(written), chunk);
          assert.deepEqual(faults, []);
          assert.deepEqual(
            lines.map(({ line: _line, executedFrom, executedTo, ...line }) => {
              assert.equal(executedTo.getTime() - executedFrom.getTime(), 1);
              return { ...line, executedAt: executedFrom };
            }),
            written,
          );
        },
      ),
      { numRuns: 100 },
    );
  });
}

const line: WrittenLine = {
  reference: '0190d0c0ffee70008000000000000001',
  bankTransactionId: 'bank-1',
  currency: present(parseCurrency('USD'), 'USD'),
  amountMinor: 1_050n,
  executedAt: new Date('2026-01-02T03:04:05.678Z'),
};
const good = csvOf([line]).trimEnd();
const header = present(good.split('\r\n')[0], 'the header');
const row = present(good.split('\r\n')[1], 'the line');

/** What is wrong, the file, and the line and the words of the fault. */
const wrongCsv: readonly (readonly [string, string | Buffer, number, RegExp])[] = [
  ['nothing', '', 1, /empty/],
  ['another header', 'a,b\r\n1,2', 1, /lacks reference, bank_transaction_id, kind/],
  ['a float', good.replace('10.50', '1e3'), 2, /amount "1e3" is not a plain decimal/],
  ['a third decimal', good.replace('10.50', '10.505'), 2, /more decimals than its currency/],
  ['a sign', good.replace('10.50', '-10.50'), 2, /not a plain decimal/],
  ['zero', good.replace('10.50', '0.00'), 2, /not above zero/],
  ['too much', good.replace('10.50', '99999999999999.00'), 2, /larger than any payment/],
  ['an unknown currency', good.replace('USD', 'XXX'), 2, /currency "XXX" is not ISO 4217/],
  ['an unknown kind', good.replace('deposit', 'gift'), 2, /kind is not one that we know/],
  ['no reference', good.replace(line.reference, ''), 2, /reference must be 1 to 140/],
  ['a control character', good.replace('bank-1', 'bank\u0007'), 2, /bank_transaction_id must be/],
  ['a time without a zone', good.replace('.678Z', ''), 2, /not a date, or a time with its zone/],
  ['a day that is none', good.replace('2026-01-02', '2026-02-30'), 2, /not a date/],
  ['a field too few', good.replace(',USD', ''), 2, /has 5 fields, not 6/],
  ['a field too many', `${good},more`, 2, /has 7 fields, not 6/],
  ['a quote in the middle', good.replace('bank-1', 'ba"nk'), 2, /a quote stands where none may be/],
  ['a quote that never ends', good.replace('bank-1', '"bank'), 2, /never ends/],
  [
    'bytes that are no UTF-8',
    Buffer.concat([Buffer.from(`${good},`), Buffer.from([0xff])]),
    2,
    /7/,
  ],
  ['a line without an end', `${header}\r\n"${'x'.repeat(10_000)}`, 2, /longer than 4096/],
];

for (const [what, text, at, words] of wrongCsv)
  test(`a CSV with ${what} is refused, with its line`, async () => {
    const { faults, lines } = await readings.csv(text);
    assert.equal(lines.length, 0);
    assert.deepEqual(
      faults.map((fault) => [fault.line, fault.entry]),
      [[at, null]],
    );
    assert.match(faults[0]?.detail ?? '', words);
  });

test('every wrong line of a CSV is named, and the right ones between them are read', async () => {
  const text = [header, row, row.replace('USD', '?'), row, row.replace('10.50', 'x'), row].join(
    '\n',
  );
  const { faults, lines } = await readings.csv(text);
  assert.deepEqual(
    faults.map((fault) => fault.line),
    [3, 5],
  );
  assert.deepEqual(
    lines.map((each) => each.line),
    [2, 4, 6],
  );
});

test('a CSV may have its columns in another order, more of them, and a byte order mark', async () => {
  const cells = row.split(',');
  const text = `\uFEFFextra,${header.split(',').toReversed().join()}\nmore,${cells.toReversed().join()}\n`;
  const { faults, lines } = await readings.csv(text);
  assert.deepEqual(faults, []);
  assert.equal(lines[0]?.bankTransactionId, 'bank-1');
  assert.equal(lines[0]?.amountMinor, 1_050n);
});

const xml = camt053Of([line, { ...line, bankTransactionId: 'bank-2' }]);
const second = entryOf({ ...line, bankTransactionId: 'bank-2' });
const inSecond = (from: string, to: string): string =>
  xml.replace(second, second.replace(from, to));
const bomb = `<!DOCTYPE lolz [<!ENTITY lol "lol">${Array.from(
  { length: 9 },
  (_, at) => `<!ENTITY lol${at + 1} "${`&lol${at === 0 ? '' : at};`.repeat(10)}">`,
).join('')}]>`;
const withDoctype = (doctype: string, reference: string): string =>
  xml.replace('?>\n', `?>\n${doctype}\n`).replace(line.reference, reference);

const wrongXml: readonly (readonly [string, string | Buffer, number | null, RegExp])[] = [
  ['nothing', '', null, /not well-formed XML/],
  ['another document', '<a/>', null, /must be a Document of urn:iso/],
  ['another version', xml.replace('001.08', '001.02'), null, /must be a Document of urn:iso/],
  [
    'no statement message',
    '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"/>',
    null,
    /no BkToCstmrStmt/,
  ],
  ['an element that is not closed', xml.replace('</Stmt>', ''), null, /not well-formed/],
  ['its end cut off', xml.slice(0, -30), null, /not well-formed/],
  ['an unknown entity', xml.replace('bank-1', '&who;'), 1, /not well-formed.*undefined entity/],
  ['a bomb of entities', withDoctype(bomb, '&lol9;'), null, /document type is refused/],
  [
    'an external entity',
    withDoctype('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>', '&x;'),
    null,
    /document type is refused/,
  ],
  ['another encoding', xml.replace('UTF-8', 'UTF-16'), null, /encoding must be UTF-8/],
  [
    'bytes that are no UTF-8',
    Buffer.concat([Buffer.from([0xff]), Buffer.from(xml)]),
    null,
    /not UTF-8/,
  ],
  [
    'elements without end',
    xml.replace('<Stmt>', '<Stmt>'.repeat(100)),
    null,
    /nested more than 24 deep/,
  ],
  [
    'a tag of very many attributes',
    xml.replace('<Stmt>', `<Stmt${Array.from({ length: 33 }, (_, at) => ` a${at}=""`).join('')}>`),
    null,
    /more than 32 attributes/,
  ],
  [
    'a name without end',
    xml.replace('<Stmt>', `<S${'x'.repeat(70_000)}>`),
    null,
    /more than 65536/,
  ],
  ['a text without end', inSecond('<Amt', `${'x'.repeat(70_000)}<Amt`), 2, /more than 65536/],
  [
    'a comment without end',
    xml.replace('<Stmt>', `<!--${'x'.repeat(70_000)}--><Stmt>`),
    null,
    /more than 65536/,
  ],
  ['a float', inSecond('10.50', '1e1'), 2, /Amt "1e1" is not a plain decimal/],
  ['no currency', inSecond(' Ccy="USD"', ''), 2, /Ccy "" is not ISO 4217/],
  ['an unknown direction', inSecond('CRDT', 'BOTH'), 2, /CdtDbtInd is not one that we know/],
  ['an unknown status', inSecond('BOOK', 'MAYBE'), 2, /Sts\/Cd must be BOOK/],
  ['no reference', inSecond(line.reference, ''), 2, /EndToEndId must be 1 to 140/],
  [
    'no booking date',
    inSecond('BookgDt', 'OtherDt').replace('</BookgDt></Bk', ''),
    2,
    /well-formed|BookgDt/,
  ],
  [
    'two transactions in one entry',
    inSecond('<TxDtls>', '<TxDtls></TxDtls><TxDtls>'),
    2,
    /holds 2 transactions/,
  ],
  [
    'a period that ends before it begins',
    xml.replace(
      '<Id>1</Id>',
      '<FrToDt><FrDtTm>2026-01-02T00:00:00Z</FrDtTm><ToDtTm>2026-01-01T00:00:00Z</ToDtTm></FrToDt>',
    ),
    null,
    /FrToDt must hold/,
  ],
];

for (const [what, text, entry, words] of wrongXml)
  test(`a camt.053 with ${what} is refused, with its line`, async () => {
    const { faults } = await readings.camt053(text);
    assert.ok(faults.length > 0, 'there is a fault');
    assert.match(faults[0]?.detail ?? '', words);
    assert.equal(faults[0]?.entry, entry);
    assert.ok((faults[0]?.line ?? 0) >= 1);
  });

test('a fault in camt.053 names the line of its entry', async () => {
  const { faults, lines } = await readings.camt053(inSecond('CRDT', '?'));
  assert.deepEqual(
    faults.map((fault) => [fault.line, fault.entry]),
    [[6, 2]],
  );
  assert.deepEqual(
    lines.map((each) => each.line),
    [1],
  );
});

test('what the bank has not booked is no movement, and its own numbers go on', async () => {
  const { faults, lines } = await readings.camt053(xml.replace('BOOK', 'PDNG'));
  assert.deepEqual(faults, []);
  assert.deepEqual(
    lines.map((each) => [each.line, each.bankTransactionId]),
    [[2, 'bank-2']],
  );
});

test('camt.053 says which days it is about, and when it was written', async () => {
  const period = { from: new Date('2026-01-02T00:00:00Z'), to: new Date('2026-01-03T00:00:00Z') };
  const createdAt = new Date('2026-01-03T00:10:00Z');
  const { others } = await readings.camt053(camt053Of([line], { period, createdAt }));
  assert.deepEqual(others, [
    { kind: 'created', at: createdAt },
    { kind: 'period', period },
  ]);
});

test('a date without a time is a whole day', async () => {
  const { lines } = await readings.csv(good.replace(/2026-01-02T[^,]*/, '2026-01-02'));
  assert.equal(lines[0]?.executedFrom.toISOString(), '2026-01-02T00:00:00.000Z');
  assert.equal(lines[0]?.executedTo.toISOString(), '2026-01-03T00:00:00.000Z');
});
