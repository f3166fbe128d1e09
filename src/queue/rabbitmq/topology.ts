import type { Channel } from 'rabbitmq-client';
import { deliveriesMax } from '../queue.ts';

/**
 * What is declared, by whoever connects: the broker may have lost it all since.
 *
 * `tollgate` (direct) → `tollgate.payments` (quorum), and what dies there ⇢ `tollgate.dead`
 * (fanout) → `tollgate.payments.dead` (quorum)
 *
 * The arguments of a queue cannot be changed once it exists; a broker that has other ones refuses
 * the declaration, and then nothing is sent. Operators bound and tune by policy, not here.
 */
export interface Topology {
  readonly exchange: string;
  readonly routingKey: string;
  readonly queue: string;
  readonly deadExchange: string;
  readonly deadQueue: string;
}

export function nameTopology(prefix: string): Topology {
  return {
    exchange: prefix,
    routingKey: 'payments',
    queue: `${prefix}.payments`,
    deadExchange: `${prefix}.dead`,
    deadQueue: `${prefix}.payments.dead`,
  };
}

/**
 * Messages, of up to 250 payments each: far more than is ever useful (the sweeper stops at a
 * minute's work), far less than fills a disk. At-least-once dead lettering asks for some bound.
 */
const queueLengthMax = 100_000;

/**
 * The limit counts redeliveries. Since 4.0 a queue without one has 20, and drops what exceeds it: a
 * parked message that waits for the database would be lost to a few reconnections.
 */
const deadRedeliveriesMax = 1_000_000;

/** @returns the messages ready in the queue. */
export async function declareTopology(channel: Channel, names: Topology): Promise<number> {
  await channel.exchangeDeclare({ exchange: names.exchange, type: 'direct', durable: true });
  await channel.exchangeDeclare({ exchange: names.deadExchange, type: 'fanout', durable: true });
  await channel.queueDeclare(deadQueue(names));
  await channel.queueBind({ queue: names.deadQueue, exchange: names.deadExchange });
  const { messageCount } = await channel.queueDeclare(paymentsQueue(names));
  await channel.queueBind({
    queue: names.queue,
    exchange: names.exchange,
    routingKey: names.routingKey,
  });
  return messageCount;
}

type QueueDeclaration = Extract<Parameters<Channel['queueDeclare']>[0], object>;

function paymentsQueue(names: Topology): QueueDeclaration {
  return {
    queue: names.queue,
    durable: true,
    arguments: {
      'x-queue-type': 'quorum',
      'x-delivery-limit': deliveriesMax - 1,
      'x-dead-letter-exchange': names.deadExchange,
      // A message leaves this queue when the other one has it; that in turn needs reject-publish.
      'x-dead-letter-strategy': 'at-least-once',
      'x-overflow': 'reject-publish',
      'x-max-length': queueLengthMax,
    },
  };
}

function deadQueue(names: Topology): QueueDeclaration {
  return {
    queue: names.deadQueue,
    durable: true,
    arguments: {
      'x-queue-type': 'quorum',
      'x-delivery-limit': deadRedeliveriesMax,
      // Full: what would come here waits where it is.
      'x-overflow': 'reject-publish',
      'x-max-length': queueLengthMax,
    },
  };
}
