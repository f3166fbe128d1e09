import type { Clock } from '../../clock.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Bank, BankCall, BankCapabilities, BankOrder, BankOutcome } from '../bank.ts';
import { type HttpClient, openHttpClient } from './client.ts';
import { readInquiry, readSubmit } from './outcomes.ts';

export interface HttpBankOptions {
  /** As in `payments.bank`. */
  readonly name: string;
  readonly url: string;
  /** Calls in flight, each on a socket of its own. */
  readonly connectionsMax: number;
  readonly capabilities: BankCapabilities;
  readonly log?: Logger;
  readonly clock: Clock;
}

/** A bank that speaks the contract in docs/bank-contract.md. */
export function openHttpBank(options: HttpBankOptions): Bank {
  const { url, connectionsMax, clock } = options;
  const client = openHttpClient({ url, connectionsMax, clock });
  // The level is fixed at the start: a call that nobody wants to read about makes no line at all.
  const log = options.log?.isLevelEnabled('debug') === true ? options.log : null;

  const note = <Outcome extends BankOutcome>(contact: Contact, outcome: Outcome): Outcome => {
    const { order, call, startedMs } = contact;
    const ms = Math.round(clock.monotonic() - startedMs);
    const who = { request_id: call.requestId, reference: order.reference, bank: options.name };
    log?.debug({ ...who, outcome: outcome.kind, evidence: outcome.evidence, ms }, contact.kind);
    return outcome;
  };

  return {
    name: options.name,
    capabilities: options.capabilities,
    submit: async (order, call) => {
      const startedMs = clock.monotonic();
      const exchange = await client.call({
        method: 'POST',
        path: '/v1/transfers',
        body: describeOrder(order),
        mark: order.reference,
        ...call,
      });
      const outcome = readSubmit(exchange, order);
      return log === null ? outcome : note({ kind: 'submit', order, call, startedMs }, outcome);
    },
    inquire: async (order, call) => {
      const startedMs = clock.monotonic();
      const path = `/v1/transfers/${encodeURIComponent(order.reference)}`;
      const exchange = await client.call({
        method: 'GET',
        path,
        body: '',
        mark: order.reference,
        ...call,
      });
      const outcome = readInquiry(exchange, order);
      return log === null ? outcome : note({ kind: 'inquire', order, call, startedMs }, outcome);
    },
    ping: (deadlineMs) => ping(client, deadlineMs),
    close: client.close,
  };
}

interface Contact {
  readonly kind: 'submit' | 'inquire';
  readonly order: BankOrder;
  readonly call: BankCall;
  readonly startedMs: number;
}

function describeOrder(order: BankOrder): string {
  return JSON.stringify({
    reference: order.reference,
    kind: order.kind,
    amount: order.amountMinor.toString(),
    currency: order.currency,
    original_reference: order.relatedReference,
  });
}

async function ping(client: HttpClient, deadlineMs: number): Promise<boolean> {
  const requestId = 'health';
  const ask = { method: 'GET', path: '/health', body: '', mark: '' } as const;
  const exchange = await client.call({ ...ask, requestId, deadlineMs });
  return exchange.kind === 'answered' && exchange.status === 200;
}
