import { type Child, startChild } from './child.ts';
import type { Closing } from './closing.ts';
import type { FromLoad, LoadJob, LoadReport, ToLoad } from './load-job.ts';

/** The load generator, seen from the process that measures. */
export interface Load {
  readonly pid: number;
  readonly start: (job: LoadJob) => Promise<void>;
  readonly reset: () => void;
  readonly read: () => Promise<LoadReport>;
  /** Resolves when every request has its answer. */
  readonly stop: () => Promise<LoadReport>;
}

export function startLoad(closing: Closing): Load {
  const child = startChild({ program: 'load.ts', name: 'load generator', closing });
  return {
    pid: child.pid,
    start: async (job) => {
      await ask(child, { kind: 'job', job }, 'started');
    },
    reset: () => {
      tell(child, { kind: 'reset' });
    },
    read: async () => reportOf(await ask(child, { kind: 'read' }, 'report')),
    stop: async () => reportOf(await ask(child, { kind: 'stop' }, 'stopped')),
  };
}

function tell(child: Child, message: ToLoad): void {
  child.process.send(message);
}

async function ask(child: Child, message: ToLoad, kind: FromLoad['kind']): Promise<FromLoad> {
  const answer = child.receive((told) => {
    // Proven by load.ts, the only one who speaks on this channel.
    const heard = told as FromLoad;
    return heard.kind === kind || heard.kind === 'failed' ? heard : null;
  });
  tell(child, message);
  const heard = await answer;
  if (heard.kind === 'failed') throw new Error(`load generator: ${heard.message}`);
  return heard;
}

function reportOf(message: FromLoad): LoadReport {
  if ('report' in message) return message.report;
  throw new Error(`load generator: "${message.kind}" carries no report`);
}
