import type { Answer, Call, Send } from './client.ts';
import type { Field, Screen } from './screen.ts';

/** What every chapter needs. */
export interface Story {
  readonly send: Send;
  readonly screen: Screen;
  /** Milliseconds that only grow. */
  readonly monotonic: () => number;
  readonly wait: (ms: number) => Promise<void>;
  /** For a name that nobody has and keys that nobody used. */
  readonly newId: () => string;
}

export interface Customer {
  readonly token: string;
}

/** Shows the request as it goes out. The answer is the caller's to show: he knows what matters. */
export function ask(story: Story, call: Call): Promise<Answer> {
  // With its query an address would be wider than a terminal.
  const [address = '', query] = call.path.split('?');
  const details: string[] = query === undefined ? [] : [`?${query}`];
  if (call.key !== undefined) details.push(`Idempotency-Key: ${call.key}`);
  if (call.body !== undefined) details.push(formatBody(call.body));
  story.screen.request(`${call.method} ${address}`, details);
  return story.send(call);
}

/** JSON with room to break between its fields. */
function formatBody(body: Readonly<Record<string, string>>): string {
  const fields = Object.entries(body).map(([name, value]) => `"${name}": ${JSON.stringify(value)}`);
  return `{${fields.join(', ')}}`;
}

export function show(story: Story, answer: Answer, fields: readonly Field[]): void {
  story.screen.answer(answer.status, `${answer.status} ${answer.statusText}`, fields);
}
