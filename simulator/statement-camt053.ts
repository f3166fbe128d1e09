import { decimal } from './currencies.ts';
import { type Account, type Day, isCredit } from './statement.ts';
import type { Movement } from './store.ts';

/** ISO 20022 camt.053.001.08: a document with one statement for each currency. */
export async function* writeCamt053(day: Day, createdAt: string): AsyncIterable<string> {
  const messageId = `STMT-${day.date}`;
  yield '<?xml version="1.0" encoding="UTF-8"?>\n';
  yield '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">\n<BkToCstmrStmt>\n';
  yield `<GrpHdr><MsgId>${messageId}</MsgId><CreDtTm>${createdAt}</CreDtTm></GrpHdr>\n`;
  for (const account of day.accounts) {
    yield openStatement(day.date, account, createdAt);
    for await (const movements of day.movements(account.currency))
      yield movements.map(entryOf).join('');
    yield '</Stmt>\n';
  }
  yield '</BkToCstmrStmt>\n</Document>\n';
}

function openStatement(date: string, account: Account, createdAt: string): string {
  const currency = escape(account.currency);
  return [
    `<Stmt><Id>STMT-${date}-${currency}</Id><CreDtTm>${createdAt}</CreDtTm>`,
    `<FrToDt><FrDtTm>${date}T00:00:00.000Z</FrDtTm><ToDtTm>${date}T23:59:59.999Z</ToDtTm></FrToDt>`,
    `<Acct><Id><Othr><Id>TOLLGATE-${currency}</Id></Othr></Id><Ccy>${currency}</Ccy></Acct>`,
    balanceOf('OPBD', account.openingMinor, { date, currency }),
    balanceOf('CLBD', account.closingMinor, { date, currency }),
    `<TxsSummry><TtlNtries><NbOfNtries>${account.entries}</NbOfNtries></TtlNtries></TxsSummry>`,
    '',
  ].join('\n');
}

/** An amount has no sign: an overdrawn account is a debit balance. */
function balanceOf(
  code: 'OPBD' | 'CLBD',
  minor: bigint,
  { date, currency }: { readonly date: string; readonly currency: string },
): string {
  const amount = decimal(minor < 0n ? -minor : minor, currency);
  return (
    `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp><Amt Ccy="${currency}">${amount}</Amt>` +
    `<CdtDbtInd>${minor < 0n ? 'DBIT' : 'CRDT'}</CdtDbtInd><Dt><Dt>${date}</Dt></Dt></Bal>`
  );
}

function entryOf(movement: Movement): string {
  const currency = escape(movement.currency);
  const id = escape(movement.bank_transaction_id);
  const original = movement.original_reference;
  const amount = `<Amt Ccy="${currency}">${decimal(BigInt(movement.amount), currency)}</Amt>`;
  const side = `<CdtDbtInd>${isCredit(movement) ? 'CRDT' : 'DBIT'}</CdtDbtInd>`;
  return (
    `<Ntry><NtryRef>${movement.sequence}</NtryRef>${amount}${side}<Sts><Cd>BOOK</Cd></Sts>` +
    `<BookgDt><DtTm>${escape(movement.executed_at)}</DtTm></BookgDt>` +
    `<ValDt><Dt>${escape(movement.executed_at.slice(0, 10))}</Dt></ValDt>` +
    `<AcctSvcrRef>${id}</AcctSvcrRef>` +
    `<BkTxCd><Prtry><Cd>${movement.kind.toUpperCase()}</Cd></Prtry></BkTxCd>` +
    `<NtryDtls><TxDtls><Refs><AcctSvcrRef>${id}</AcctSvcrRef>` +
    `<EndToEndId>${escape(movement.reference)}</EndToEndId><TxId>${id}</TxId></Refs>${amount}${side}` +
    (original === null
      ? ''
      : `<RmtInf><Strd><RfrdDocInf><Nb>${escape(original)}</Nb></RfrdDocInf></Strd></RmtInf>`) +
    '</TxDtls></NtryDtls></Ntry>\n'
  );
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Everything that came in from outside goes through here, whatever its form allows today. */
export function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}
