import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { request } from 'undici';
import { until } from './wait.ts';
import type { ReceivedMessage } from './webhook-receiver-program.ts';

export type { ReceivedMessage } from './webhook-receiver-program.ts';

/** A receiver of webhooks in a process of its own; gone with the test. */
export interface WebhookReceiver {
  readonly url: string;
  readonly received: () => Promise<readonly ReceivedMessage[]>;
  /** Waits until so many have come. */
  readonly atLeast: (count: number) => Promise<readonly ReceivedMessage[]>;
  /** What `/hook` does from now on: `/status/500`, `/hang`, `/ok`. */
  readonly become: (path: string) => Promise<void>;
}

export async function startReceiver(t: TestContext): Promise<WebhookReceiver> {
  const child = fork(new URL('./webhook-receiver-program.ts', import.meta.url), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  t.after(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const [said]: unknown[] = await once(child, 'message');
  child.disconnect();
  // Proven by the program: the first thing that it says is its port.
  const { port } = said as { readonly port: number };
  const url = `http://127.0.0.1:${port}`;
  const received = async (): Promise<readonly ReceivedMessage[]> => {
    const { body } = await request(`${url}/received`, { reset: true });
    // Proven by the program: it answers with what it keeps.
    return (await body.json()) as readonly ReceivedMessage[];
  };
  return {
    url,
    received,
    atLeast: (count) =>
      until(
        async () => {
          const all = await received();
          return all.length >= count ? all : null;
        },
        { what: `${count} webhooks to arrive`, deadlineMs: 20_000 },
      ),
    become: async (path) => {
      const { body } = await request(`${url}/become?path=${encodeURIComponent(path)}`, {
        reset: true,
      });
      await body.dump();
    },
  };
}
