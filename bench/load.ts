import { openHistogram } from './histogram.ts';
import { type Connection, openConnection } from './load-connection.ts';
import type { FromLoad, LoadJob, LoadReport, ToLoad } from './load-job.ts';
import { type Drive, openPace } from './load-pace.ts';
import { openRequests } from './load-requests.ts';

/**
 * The load generator: a process of its own, so that its CPU time is told apart. It is driven over
 * the channel to its parent, one job at a time, and ends with it.
 */
function main(): void {
  let running: Run | null = null;
  process.on('message', (message) => {
    // Proven by load-client.ts, the only one who speaks on this channel.
    const told = message as ToLoad;
    obey(told).catch((error: unknown) => say({ kind: 'failed', message: String(error) }));
  });
  process.on('disconnect', () => process.exit(0));
  // Ctrl-C reaches the whole group: the parent decides when we end.
  process.on('SIGINT', () => undefined);

  async function obey(told: ToLoad): Promise<void> {
    if (told.kind === 'job') {
      running = await startRun(told.job);
      say({ kind: 'started' });
      return;
    }
    if (running === null) throw new Error(`"${told.kind}" without a job`);
    if (told.kind === 'reset') running.reset();
    else if (told.kind === 'read') say({ kind: 'report', report: running.read() });
    else {
      await running.stop();
      say({ kind: 'stopped', report: running.read() });
      running = null;
    }
  }
}

function say(message: FromLoad): void {
  process.send?.(message);
}

interface Run {
  readonly reset: () => void;
  readonly read: () => LoadReport;
  readonly stop: () => Promise<void>;
}

async function startRun(job: LoadJob): Promise<Run> {
  const latency = openHistogram();
  const nextRequest = openRequests(job.request);
  let statuses: Record<string, number> = {};
  let broken = 0;
  let sentInAll = 0;
  let since = performance.now();
  const counts = { dropped: 0 };
  let pace: Drive | null = null;

  const send = (connection: Connection, startedAt: number): void => {
    sentInAll += 1;
    connection.startedAt = startedAt;
    connection.send(nextRequest());
  };
  const connections = await openAll(job, {
    onAnswer: (connection, status) => {
      latency.record((performance.now() - connection.startedAt) * 1000);
      statuses[status] = (statuses[status] ?? 0) + 1;
      pace?.onAnswer(connection, status);
    },
    onBroken: () => {
      broken += 1;
      pace?.onBroken();
    },
  });
  pace = openPace(job.pace, { connections, send, counts });
  pace.start();

  const drive = pace;
  return {
    reset: () => {
      latency.clear();
      statuses = {};
      broken = 0;
      counts.dropped = 0;
      since = performance.now();
    },
    read: () => ({
      seconds: (performance.now() - since) / 1000,
      latencyMs: latency.read(),
      statuses,
      broken,
      dropped: counts.dropped,
      sentInAll,
    }),
    stop: async () => {
      await drive.stop();
      for (const connection of connections) connection.close();
    },
  };
}

/** Not all at once: a full accept queue answers with a second's silence. */
const opensAtOnce = 64;

async function openAll(
  job: LoadJob,
  events: Parameters<typeof openConnection>[1],
): Promise<Connection[]> {
  const opened: Connection[] = [];
  while (opened.length < job.connections) {
    const count = Math.min(opensAtOnce, job.connections - opened.length);
    const group = Array.from({ length: count }, () => openConnection(job.port, events));
    opened.push(...(await Promise.all(group)));
  }
  return opened;
}

main();
