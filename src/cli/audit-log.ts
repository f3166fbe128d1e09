import { parseArgs } from 'node:util';
import { selectPage } from '../audit-log/store.ts';
import { type Anchor, verifyAuditLog } from '../audit-log/verify.ts';
import { environment, readConfig } from '../config.ts';
import { exit, misunderstood, printJson, printList, readCount } from './command.ts';
import { withDatabase } from './database.ts';

const usage = `audit-log list [--actor A] [--action A] [--subject S] [--limit N] [--json]
audit-log verify [--anchor SEQ:HASH]... [--json]`;

/** `tollgate audit-log`: who did what, and the proof that it is as it was written. */
export async function run([action, ...args]: readonly string[]): Promise<number> {
  if (action === 'list') return list(args);
  if (action === 'verify') return verify(args);
  return misunderstood(usage);
}

async function list(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      actor: { type: 'string' },
      action: { type: 'string' },
      subject: { type: 'string' },
      limit: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const { actor = null, action = null, subject = null } = values;
  const limit = readCount(values.limit, 50, 1_000);
  if (limit === null) return misunderstood('--limit is 1 to 1000');
  const filter = { actor, action, subject, beforeSeq: null, limit };
  const rows = await withDatabase(readConfig(environment()), 'audit-log', (database) =>
    selectPage(database, filter),
  );
  const shown = rows.map(({ requestId, previousHash, ...row }) => ({
    ...row,
    seq: String(row.seq),
    request_id: requestId,
    previous_hash: previousHash,
  }));
  printList(shown, ['seq', 'at', 'actor', 'action', 'subject', 'after', 'reason'], values.json);
  return exit.done;
}

/** Exit code 1 where a row is not as it was written. */
async function verify(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      anchor: { type: 'string', multiple: true, default: [] },
      json: { type: 'boolean', default: false },
    },
  });
  const anchors = values.anchor.flatMap(readAnchor);
  if (anchors.length < values.anchor.length)
    return misunderstood('--anchor is SEQ:HASH, as an earlier verify printed it');
  const config = readConfig(environment());
  const report = await withDatabase(config, 'audit-log', (database) =>
    verifyAuditLog(database, { anchors }),
  );
  const { rows, head, faults } = report;
  const anchor = `${head.seq}:${head.hash}`;
  if (values.json)
    printJson({
      rows,
      anchor,
      faults: faults.map(({ seq, detail }) => ({ seq: `${seq}`, detail })),
    });
  else {
    for (const { seq, detail } of faults) process.stdout.write(`row ${seq} ${detail}\n`);
    if (faults.length === 0)
      process.stdout.write(
        `${rows} row(s), as they were written.\nKept elsewhere, this proves it later: --anchor ${anchor}\n`,
      );
  }
  return faults.length === 0 ? exit.done : exit.refused;
}

function readAnchor(text: string): Anchor[] {
  const [, seq, hash] = /^(\d{1,18}):([0-9a-f]{64})$/.exec(text) ?? [];
  return seq === undefined || hash === undefined ? [] : [{ seq: BigInt(seq), hash }];
}
