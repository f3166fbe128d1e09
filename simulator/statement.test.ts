import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Kind } from './order.ts';
import { isDate, openDay } from './statement.ts';
import { escape, writeCamt053 } from './statement-camt053.ts';
import { writeCsv } from './statement-csv.ts';
import type { Movement } from './store.ts';

/** The writers, on books that a test can see at a glance. Real ones: statements.test.ts. */
const date = '2026-01-31';

const books: readonly Movement[] = [
  movement(1, 'deposit', '10000', { executed_at: '2026-01-30T23:59:59.999Z' }),
  movement(2, 'withdrawal', '2500', { executed_at: '2026-01-31T00:00:00.000Z' }),
  movement(3, 'deposit', '500', { currency: 'JPY', executed_at: '2026-01-31T12:00:00.000Z' }),
  movement(4, 'refund', '10000', {
    executed_at: '2026-01-31T23:59:59.999Z',
    original_reference: 'pay-1',
  }),
  movement(5, 'deposit', '7', { currency: 'BHD', executed_at: '2026-02-01T00:00:00.000Z' }),
];

test('the CSV has the day and nothing but the day, in decimals', async () => {
  assert.equal(
    await csvOf(books),
    [
      'reference,bank_transaction_id,kind,credit_debit,amount,currency,executed_at,original_reference',
      'pay-2,BT2,withdrawal,debit,25.00,USD,2026-01-31T00:00:00.000Z,',
      'pay-3,BT3,deposit,credit,500,JPY,2026-01-31T12:00:00.000Z,',
      'pay-4,BT4,refund,debit,100.00,USD,2026-01-31T23:59:59.999Z,pay-1',
      '',
    ].join('\r\n'),
  );
});

test('a cell that needs quotes has them', async () => {
  const odd = movement(1, 'deposit', '1', { reference: 'a"b,c', executed_at: `${date}T01:00:00Z` });
  assert.match(await csvOf([odd]), /\r\n"a""b,c",BT1,/);
});

test('camt.053 has a statement for each currency, and balances that its entries add up to', async () => {
  const document = parseXml(await camtOf(books));
  assert.equal(document.name, 'Document');
  const statements = all(document, 'Stmt').map((statement) => ({
    id: text(statement, 'Id'),
    balances: all(statement, 'Bal').map(
      (each) => `${text(each, 'Cd')} ${text(each, 'CdtDbtInd')} ${text(each, 'Amt')}`,
    ),
    entries: all(statement, 'Ntry').map((entry) =>
      [
        text(entry, 'EndToEndId'),
        text(entry, 'TxId'),
        text(entry, 'CdtDbtInd'),
        text(entry, 'Amt'),
        all(entry, 'Amt')[0]?.attributes['Ccy'],
      ].join(' '),
    ),
  }));
  assert.deepEqual(statements, [
    {
      id: 'STMT-2026-01-31-JPY',
      balances: ['OPBD CRDT 0', 'CLBD CRDT 500'],
      entries: ['pay-3 BT3 CRDT 500 JPY'],
    },
    {
      id: 'STMT-2026-01-31-USD',
      balances: ['OPBD CRDT 100.00', 'CLBD DBIT 25.00'],
      entries: ['pay-2 BT2 DBIT 25.00 USD', 'pay-4 BT4 DBIT 100.00 USD'],
    },
  ]);
});

test('an empty day and an empty bank have a well-formed statement all the same', async () => {
  for (const known of [[], books.slice(0, 1)]) {
    assert.equal((await csvOf(known)).split('\r\n').length, 2);
    const document = parseXml(await camtOf(known));
    assert.equal(all(document, 'Stmt').length, 1);
    assert.equal(all(document, 'Bal').length, 2);
    assert.equal(all(document, 'Ntry').length, 0);
  }
});

test('whatever a reference holds, the document is well-formed and says it', async () => {
  const reference = `<&>"']]>`;
  const odd = movement(1, 'deposit', '1', { reference, executed_at: `${date}T01:00:00.000Z` });
  const document = parseXml(await camtOf([odd]));
  assert.equal(text(document, 'EndToEndId'), reference);
  assert.equal(escape('plain-1.2_3'), 'plain-1.2_3');
});

test('a long day is read in pieces that leave others their turn', async () => {
  const long = Array.from({ length: 5001 }, (_, n) =>
    movement(n + 1, 'deposit', '1', { executed_at: `${date}T01:00:00.000Z` }),
  );
  let pauses = 0;
  const day = await openDay({
    source: sourceOf(long),
    date,
    pause: async () => {
      pauses += 1;
    },
  });
  const lines = (await read(writeCsv(day))).split('\r\n');
  assert.equal(lines.length, 5003);
  assert.equal(lines[5001]?.split(',')[0], 'pay-5001');
  assert.equal(pauses, 6);
});

test('a date is a day that exists', () => {
  assert.ok(isDate('2028-02-29'));
  for (const wrong of ['2026-02-29', '2026-13-01', '2026-1-1', '20260101', 'today', ''])
    assert.equal(isDate(wrong), false, wrong);
});

function movement(
  sequence: number,
  kind: Kind,
  amount: string,
  more: Partial<Movement> & Pick<Movement, 'executed_at'>,
): Movement {
  return {
    sequence,
    reference: `pay-${sequence}`,
    kind,
    amount,
    currency: 'USD',
    original_reference: null,
    bank_transaction_id: `BT${sequence}`,
    ...more,
  };
}

function sourceOf(movements: readonly Movement[]) {
  return {
    range: (after: number, until: number) =>
      movements.filter(({ sequence }) => sequence > after && sequence <= until),
    sequenceLast: () => movements.at(-1)?.sequence ?? 0,
  };
}

async function csvOf(movements: readonly Movement[]): Promise<string> {
  const day = await openDay({ source: sourceOf(movements), date, pause: async () => {} });
  return read(writeCsv(day));
}

async function camtOf(movements: readonly Movement[]): Promise<string> {
  const day = await openDay({ source: sourceOf(movements), date, pause: async () => {} });
  return read(writeCamt053(day, '2026-02-01T00:00:10.000Z'));
}

async function read(pieces: AsyncIterable<string>): Promise<string> {
  let whole = '';
  for await (const piece of pieces) whole += piece;
  return whole;
}

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  text: string;
}

/** Strict about all that the writer may get wrong: nesting, one root, raw signs, entities. */
function parseXml(source: string): Element {
  const [declaration, rest] = splitAt(source, source.indexOf('\n') + 1);
  assert.equal(declaration, '<?xml version="1.0" encoding="UTF-8"?>\n');
  const top: Element = { name: '', attributes: {}, children: [], text: '' };
  const path = [top];
  const form = /<(\/?)([A-Za-z0-9]+)((?: [a-zA-Z]+="[^"<&]*")*)>|([^<]+)/gy;
  let end = 0;
  for (const [whole, slash, name = '', attributes = '', words] of rest.matchAll(form)) {
    end += whole.length;
    const parent = path.at(-1);
    assert.ok(parent !== undefined, 'everything is in the root');
    if (words !== undefined) parent.text += unescape(words);
    else if (slash === '/') assert.equal(path.pop()?.name, name);
    else {
      const element = { name, attributes: attributesOf(attributes), children: [], text: '' };
      parent.children.push(element);
      path.push(element);
    }
  }
  assert.equal(end, rest.length, `no markup at ${rest.slice(end, end + 40)}`);
  assert.deepEqual([path.length, top.children.length, top.text.trim()], [1, 1, '']);
  return top.children[0] ?? top;
}

function splitAt(source: string, at: number): readonly [string, string] {
  return [source.slice(0, at), source.slice(at)];
}

function attributesOf(source: string): Record<string, string> {
  const found = source.matchAll(/([a-zA-Z]+)="([^"]*)"/g);
  return Object.fromEntries([...found].map(([, name = '', value = '']) => [name, value]));
}

const signs: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

function unescape(words: string): string {
  assert.doesNotMatch(words, /&(?!(amp|lt|gt|quot|apos);)/, 'a raw ampersand');
  assert.doesNotMatch(words, /\]\]>/);
  return words.replaceAll(/&(\w+);/g, (_, name: string) => signs[name] ?? '');
}

function all(element: Element, name: string): Element[] {
  const below = element.children.flatMap((child) => all(child, name));
  return element.name === name ? [element, ...below] : below;
}

function text(element: Element, name: string): string {
  const found = all(element, name)[0];
  assert.ok(found !== undefined, `${name} is there`);
  return found.text;
}
