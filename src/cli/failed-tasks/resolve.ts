import { parseArgs } from 'node:util';
import { unreachable } from '../../assert.ts';
import { systemClock } from '../../clock.ts';
import { type Config, environment, readConfig } from '../../config.ts';
import { openMemoryCoordination } from '../../coordination/memory.ts';
import type { Database } from '../../db/database.ts';
import {
  type Decision,
  type ResolvePaymentResult,
  resolvePayment,
} from '../../failed-tasks/resolve-payment.ts';
import { newWorkerId, type PaymentId, parseId } from '../../ids.ts';
import { openResolving, openSettling } from '../../journey.ts';
import { doneHere, exit, misunderstood, printJson, readText, refuse } from '../command.ts';
import { commandLog, withDatabase } from '../database.ts';

const usage = `failed-tasks resolve PAYMENT --as succeeded|failed --reason TEXT
  [--bank-transaction-id ID] [--evidence TEXT] [--json]`;

/** `tollgate failed-tasks resolve`: a payment that nobody knows about ends by decision. */
export async function resolveByDecision(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      as: { type: 'string' },
      reason: { type: 'string' },
      'bank-transaction-id': { type: 'string' },
      evidence: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const [id, ...others] = positionals.map((text) => parseId<'payment'>(text));
  const reason = readText(values.reason);
  const decision = readDecision(values);
  if (id === undefined || id === null || others.length > 0 || reason === null || decision === null)
    return misunderstood(usage);
  const config = readConfig(environment());
  const result = await withDatabase(config, 'failed-tasks', (database) =>
    resolveIn({ config, database }, { id, decision, reason }),
  );
  if (result.kind !== 'resolved') return refuse(sentenceOf(result));
  if (values.json) printJson({ payment_id: id, status: result.status });
  else process.stdout.write(`The payment is ${result.status}.\n`);
  return exit.done;
}

function readDecision(values: {
  readonly as?: string;
  readonly evidence?: string;
  readonly 'bank-transaction-id'?: string;
}): Decision | null {
  const evidence = readText(values.evidence);
  if (values.evidence !== undefined && evidence === null) return null;
  const bankTransactionId = values['bank-transaction-id'] ?? null;
  if (bankTransactionId !== null && !/^[\x21-\x7e]{1,100}$/.test(bankTransactionId)) return null;
  if (values.as === 'succeeded') return { as: 'succeeded', bankTransactionId, evidence };
  return values.as === 'failed' && bankTransactionId === null ? { as: 'failed', evidence } : null;
}

interface Wish {
  readonly id: PaymentId;
  readonly decision: Decision;
  readonly reason: string;
}

/** Settles in this process; the rows' locks keep it apart from the gateway's. */
function resolveIn(
  { config, database }: { readonly config: Config; readonly database: Database },
  { id, decision, reason }: Wish,
): Promise<ResolvePaymentResult> {
  const ports = { database, coordination: openMemoryCoordination(systemClock) };
  const log = commandLog(config);
  const options = { config, log, clock: systemClock, ports, worker: newWorkerId() };
  const { resolve } = openResolving(options, openSettling(options));
  return resolvePayment({ database, resolve }, id, decision, doneHere(reason));
}

function sentenceOf(result: Exclude<ResolvePaymentResult, { readonly kind: 'resolved' }>): string {
  switch (result.kind) {
    case 'final':
      return `The payment is ${result.status}, and that never changes.`;
    case 'not_found':
      return 'There is no such payment.';
    case 'no_evidence':
      return 'A success needs --bank-transaction-id or --evidence.';
    case 'not_unknown':
      return 'The bank was not asked yet, or certainly did nothing and will be asked again.';
    case 'in_contact':
      return 'The bank is being asked about it just now; try again in a few seconds.';
    default:
      return unreachable(result);
  }
}
