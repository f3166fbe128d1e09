import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { systemClock } from '../clock.ts';
import { environment, readConfig } from '../config.ts';
import { tellStory } from './demo/chapters.ts';
import { openClient } from './demo/client.ts';
import type { Terminal } from './demo/pen.ts';
import { openScreen, type Screen } from './demo/screen.ts';
import { StoryEnded } from './demo/story-ended.ts';
import { readHealth } from './health.ts';
import { apiUrl } from './instance.ts';

/** `tollgate demo`: a customer's first minute with the running gateway, request by request. */
export async function run(args: readonly string[]): Promise<number> {
  parseArgs({ args: [...args], options: {} });
  const config = readConfig(environment());
  if (config.ENVIRONMENT === 'production')
    return refuse('ENVIRONMENT=production: the demo would move real money, so it does not start.');
  const url = apiUrl(config);
  const health = await readHealth(url);
  if (health === null)
    return refuse(`Tollgate is not running at ${url}: start it with \`make up\`.`);
  if (!health.isOk) return refuse(`Tollgate at ${url} is ${health.status}: see "make status".`);

  const screen = openScreen(standardTerminal());
  screen.title('Tollgate, from 202 Accepted to settled books', url);
  try {
    await tellStory({
      send: openClient({ url, wait: delay, onHeldBack: tellHeldBack(screen) }),
      screen,
      monotonic: systemClock.monotonic,
      wait: delay,
      newId: randomUUID,
    });
  } catch (error) {
    if (!(error instanceof StoryEnded)) throw error;
    process.stdout.write('\n');
    return refuse(error.message);
  }
  screen.say(
    'That is all. Next: CREDENTIALS.md has logins and amounts that make the bank misbehave.',
  );
  return 0;
}

function refuse(sentence: string): number {
  process.stderr.write(`${sentence}\n`);
  return 1;
}

function tellHeldBack(screen: Screen): (status: number, seconds: number) => void {
  return (status, seconds) =>
    screen.note('waiting', `${status} with Retry-After: ${seconds}. Waiting as it asks.`);
}

function standardTerminal(): Terminal {
  const { NO_COLOR, TERM } = environment();
  const isInteractive = process.stdout.isTTY && TERM !== 'dumb';
  return {
    write: (text) => void process.stdout.write(text),
    isInteractive,
    hasColours: isInteractive && (NO_COLOR ?? '') === '',
    width: process.stdout.columns ?? 80,
  };
}
