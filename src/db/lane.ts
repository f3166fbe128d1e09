import type { Socket } from 'node:net';
import type { Client, ClientBase, QueryConfig, QueryResult } from 'pg';
import { literal } from './array-literal.ts';
import { DatabaseAway, type Tx } from './database.ts';

/**
 * A lane is one connection that carries one group commit at a time. Its statements leave without
 * waiting for each other, and those issued `together` leave in one packet.
 */
export interface Lane {
  readonly tx: Tx;
  /** Transaction control; answers the command tag. */
  readonly send: (text: string) => Promise<string>;
  /** What `issue` sends before its first await leaves as one packet. */
  readonly together: <T>(issue: () => Promise<T>) => Promise<T>;
  /** Ends a transaction that failed; a lane that cannot is dropped. */
  readonly rollBack: () => Promise<void>;
  /** Cuts the connection: what is under way on it fails now. */
  readonly drop: () => void;
}

export interface Lanes {
  /** Runs `work` on a free lane, or on the first that becomes free. */
  readonly use: <T>(work: (lane: Lane) => Promise<T>) => Promise<T>;
  /** No lane of before is used again: its server is not the one any more. */
  readonly renew: () => void;
  readonly close: () => Promise<void>;
}

export interface LanesOptions {
  readonly lanesMax: number;
  readonly connect: () => Promise<Client>;
  /** A lane's connection has ended, whoever ended it. */
  readonly onLost: () => void;
}

interface OpenLane extends Lane {
  readonly generation: number;
  readonly isAlive: () => boolean;
  readonly end: () => Promise<void>;
}

/** What a waiter is handed: a lane, the right to open one, or that there will be none. */
type Grant = { readonly lane: OpenLane } | 'place' | 'closed';

export function openLanes(options: LanesOptions): Lanes {
  const free: OpenLane[] = [];
  /** In the order of their coming. While somebody waits, every lane is open and none is free. */
  const waiting: ((grant: Grant) => void)[] = [];
  let openCount = 0;
  let generation = 0;
  let isClosed = false;

  async function acquire(): Promise<OpenLane> {
    const grant = grantNow() ?? (await new Promise<Grant>((resolve) => waiting.push(resolve)));
    if (grant === 'closed') throw new DatabaseAway('the database is closing');
    if (grant !== 'place') return grant.lane;
    // Renewed while it connects, it is one of before.
    const born = generation;
    return openLane(await connectOrGiveBack(), born, options.onLost);
  }

  function grantNow(): Grant | null {
    if (isClosed) return 'closed';
    // The lane used last has the warmest caches.
    for (let lane = free.pop(); lane !== undefined; lane = free.pop()) {
      if (lane.isAlive()) return { lane };
      openCount -= 1;
    }
    if (openCount === options.lanesMax) return null;
    openCount += 1;
    return 'place';
  }

  async function connectOrGiveBack(): Promise<Client> {
    try {
      return await options.connect();
    } catch (error) {
      givePlaceBack();
      throw new DatabaseAway(error instanceof Error ? error.message : String(error));
    }
  }

  /**
   * Handed over, never put down for whoever is quickest: somebody new who comes before the waiter
   * has woken up would take it, again and again where it is busy, and send him to the end.
   */
  function giveBack(lane: OpenLane): void {
    const isWanted = !isClosed && lane.generation === generation;
    if (lane.isAlive() && isWanted) {
      const next = waiting.shift();
      if (next === undefined) free.push(lane);
      else next({ lane });
      return;
    }
    // Nobody comes for it any more: left open, it would keep the process alive.
    if (!isWanted) lane.drop();
    givePlaceBack();
  }

  function givePlaceBack(): void {
    const next = waiting.shift();
    if (next === undefined) openCount -= 1;
    else next('place');
  }

  return {
    use: async (work) => {
      const lane = await acquire();
      try {
        return await work(lane);
      } finally {
        giveBack(lane);
      }
    },
    renew: () => {
      generation += 1;
      for (const lane of free.splice(0)) {
        lane.drop();
        givePlaceBack();
      }
    },
    close: async () => {
      isClosed = true;
      for (const resolve of waiting.splice(0)) resolve('closed');
      await Promise.all(free.splice(0).map((lane) => lane.end()));
    },
  };
}

function openLane(client: Client, generation: number, onLost: () => void): OpenLane {
  const stream = socketOf(client);
  let isAlive = true;
  const lose = (): void => {
    isAlive = false;
    onLost();
  };
  client.on('error', lose);
  client.on('end', lose);

  const drop = (): void => {
    isAlive = false;
    stream.destroy();
  };
  let unanswered = 0;
  const run = (config: string | QueryConfig): Promise<QueryResult> => {
    unanswered += 1;
    const result = client.query(config).finally(() => {
      unanswered -= 1;
    });
    // Whoever issued it hears of it; where issuing stopped half-way, nobody is left to be told.
    result.catch(() => undefined);
    return result;
  };
  const send = async (text: string): Promise<string> => {
    const answer: unknown = await run(text);
    // Several statements in one text are answered by a list: the last one's tag counts.
    const last: unknown = Array.isArray(answer) ? answer.at(-1) : answer;
    return hasCommand(last) ? last.command : '';
  };
  return {
    tx: {
      isTransaction: true,
      query: (statement, values) => {
        const { name, text } = statement;
        // What cannot be written throws here and now: as a rejection it would be heard after COMMIT
        // had left with the other writes of its group.
        const literals = values.map(literal);
        // The row's type is the statement's own promise: it stands beside the SELECT list.
        return run({ name, text, values: literals }).then(({ rows }) => rows as never);
      },
    },
    send,
    together: (issue) => {
      stream.cork();
      try {
        return issue();
      } finally {
        stream.uncork();
      }
    },
    rollBack: async () => {
      // While a BEGIN is under way the driver still says that there is no transaction.
      if (!isAlive || (unanswered === 0 && client.getTransactionStatus() === 'I')) return;
      await send('ROLLBACK').catch(drop);
    },
    drop,
    generation,
    isAlive: () => isAlive,
    end: () => client.end(),
  };
}

/** Of a connected client: TLS has its own socket by then. */
export function socketOf(client: ClientBase): Socket {
  // Proven by pg's Client, whose types leave its own connection out.
  return (client as unknown as { connection: { stream: Socket } }).connection.stream;
}

function hasCommand(value: unknown): value is { readonly command: string } {
  return typeof value === 'object' && value !== null && 'command' in value;
}
