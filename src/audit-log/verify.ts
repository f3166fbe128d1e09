import type { Database, Tx } from '../db/database.ts';
import { chainHash } from './chain.ts';
import { type AuditLogRow, genesisHash, type Head, selectChain } from './store.ts';

/** A row of the chain, as somebody wrote it down elsewhere. */
export type Anchor = Pick<Head, 'seq' | 'hash'>;

export interface ChainReport {
  readonly rows: number;
  /** The newest row: kept elsewhere, it proves later that nothing up to it was forged. */
  readonly head: Anchor;
  readonly faults: readonly ChainFault[];
}

export interface ChainFault {
  readonly seq: bigint;
  readonly detail: string;
}

export interface VerifyOptions {
  /** Rows of earlier days that the chain must still contain. */
  readonly anchors?: readonly Anchor[];
  readonly batchRows?: number;
}

/** Faults shown: one removed batch would tell of every row behind it. */
const faultsMax = 20;

/** Some 500 bytes a row: half a megabyte at a time, however long the log is. */
const batchRowsDefault = 1_000;

/** Reads the whole chain in one snapshot and says which rows are not as they were written. */
export function verifyAuditLog(
  database: Pick<Database, 'snapshot'>,
  options: VerifyOptions = {},
): Promise<ChainReport> {
  return database.snapshot((tx) => verifyIn(tx, options));
}

async function verifyIn(tx: Tx, options: VerifyOptions): Promise<ChainReport> {
  const { anchors = [], batchRows = batchRowsDefault } = options;
  const awaited = new Map(anchors.map(({ seq, hash }) => [seq, hash]));
  const faults: ChainFault[] = [];
  let rows = 0;
  let last: Anchor = { seq: 0n, hash: genesisHash };
  for (;;) {
    const batch = await selectChain(tx, last.seq, batchRows);
    for (const row of batch) {
      faults.push(...faultsOf(row, last, awaited.get(row.seq)));
      awaited.delete(row.seq);
      last = { seq: row.seq, hash: row.hash };
    }
    rows += batch.length;
    if (batch.length < batchRows) break;
  }
  for (const [seq] of awaited)
    faults.push({ seq, detail: 'is not there, and it was when its hash was written down' });
  return { rows, head: last, faults: faults.slice(0, faultsMax) };
}

function faultsOf(row: AuditLogRow, last: Anchor, anchored: string | undefined): ChainFault[] {
  const { seq } = row;
  const faults: ChainFault[] = [];
  const next = last.seq + 1n;
  if (seq !== next) faults.push({ seq, detail: `${missing(next, seq)} missing before it` });
  else if (row.previousHash !== last.hash)
    faults.push({ seq, detail: 'does not follow the row before it: that one is not the original' });
  if (chainHash(row) !== row.hash)
    faults.push({ seq, detail: 'is not as it was written: its hash is of other contents' });
  if (anchored !== undefined && anchored !== row.hash)
    faults.push({ seq, detail: 'has another hash than was written down' });
  return faults;
}

function missing(from: bigint, to: bigint): string {
  const until = to - 1n;
  return from === until ? `row ${from} is` : `rows ${from} to ${until} are`;
}
