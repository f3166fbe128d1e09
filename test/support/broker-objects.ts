import { Connection } from 'rabbitmq-client';
import { nameTopology, type Topology } from '../../src/queue/rabbitmq/topology.ts';

/** What an operator, or an accident, does to a broker behind the gateway's back. */
export interface BrokerObjects {
  readonly names: Topology;
  readonly connection: Connection;
  /** Messages ready, or null where there is no such queue. */
  readonly ready: (queue: string) => Promise<number | null>;
  /** Consumers of the payments queue. */
  readonly consumers: () => Promise<number>;
  /** Puts any body into the payments queue. */
  readonly publish: (body: string | object) => Promise<void>;
  readonly unbind: () => Promise<void>;
  /** Removes everything of this prefix. */
  readonly remove: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export function openBrokerObjects(url: string, prefix: string): BrokerObjects {
  const names = nameTopology(prefix);
  const connection = new Connection({ url, retryLow: 100, retryHigh: 500 });
  connection.on('error', () => {});
  return {
    names,
    connection,
    ready: async (queue) => {
      const channel = await connection.acquire({ emitErrorsFromChannel: true });
      channel.on('error', () => {});
      try {
        return (await channel.queueDeclare({ queue, passive: true })).messageCount;
      } catch {
        return null;
      } finally {
        await channel.close();
      }
    },
    consumers: async () => {
      const { queue } = names;
      return (await connection.queueDeclare({ queue, passive: true })).consumerCount;
    },
    publish: async (body) => {
      const channel = await connection.acquire();
      await channel.confirmSelect();
      const { exchange, routingKey } = names;
      await channel.basicPublish({ exchange, routingKey, mandatory: true, durable: true }, body);
      await channel.close();
    },
    unbind: async () => {
      const { exchange, routingKey, queue } = names;
      await connection.queueUnbind({ exchange, routingKey, queue });
    },
    remove: async () => {
      for (const queue of [names.queue, names.deadQueue]) await connection.queueDelete({ queue });
      for (const exchange of [names.exchange, names.deadExchange])
        await connection.exchangeDelete({ exchange });
    },
    close: () => connection.close(),
  };
}
