import { formatAmount } from '../../src/money.ts';
import type { Period, StatementLine } from '../../src/reconciliation/statement.ts';

/** Statements as a bank writes them, from lines: the other way round than the readers. */
export type WrittenLine = Pick<
  StatementLine,
  'reference' | 'bankTransactionId' | 'currency' | 'amountMinor'
> & { readonly executedAt: Date };

export function csvOf(lines: readonly WrittenLine[]): string {
  const header = 'reference,bank_transaction_id,kind,amount,currency,executed_at';
  return [header, ...lines.map(csvLine), ''].join('\r\n');
}

function csvLine(line: WrittenLine): string {
  return [
    line.reference,
    line.bankTransactionId,
    line.amountMinor > 0n ? 'deposit' : 'withdrawal',
    amountOf(line),
    line.currency,
    line.executedAt.toISOString(),
  ]
    .map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell))
    .join(',');
}

export function camt053Of(
  lines: readonly WrittenLine[],
  about: { readonly period?: Period; readonly createdAt?: Date } = {},
): string {
  const { period, createdAt } = about;
  const days =
    period === undefined
      ? ''
      : `<FrToDt><FrDtTm>${period.from.toISOString()}</FrDtTm>` +
        `<ToDtTm>${new Date(period.to.getTime() - 1).toISOString()}</ToDtTm></FrToDt>`;
  const created = createdAt === undefined ? '' : `<CreDtTm>${createdAt.toISOString()}</CreDtTm>`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>',
    `<GrpHdr><MsgId>1</MsgId>${created}</GrpHdr>`,
    `<Stmt><Id>1</Id>${days}`,
    ...lines.map(entryOf),
    '</Stmt></BkToCstmrStmt></Document>',
  ].join('\n');
}

export function entryOf(line: WrittenLine): string {
  return (
    `<Ntry><Amt Ccy="${line.currency}">${amountOf(line)}</Amt>` +
    `<CdtDbtInd>${line.amountMinor > 0n ? 'CRDT' : 'DBIT'}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>` +
    `<BookgDt><DtTm>${line.executedAt.toISOString()}</DtTm></BookgDt>` +
    `<AcctSvcrRef>${escape(line.bankTransactionId)}</AcctSvcrRef><NtryDtls><TxDtls><Refs>` +
    `<EndToEndId>${escape(line.reference)}</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>`
  );
}

function amountOf({ amountMinor, currency }: WrittenLine): string {
  return formatAmount(amountMinor < 0n ? -amountMinor : amountMinor, currency);
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
