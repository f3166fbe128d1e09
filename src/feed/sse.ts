/**
 * Server-sent events as the HTML standard reads them (section 9.2.6): fields on lines of their own,
 * an empty line ends a message. What a field holds must not break out of its line.
 */
export interface ServerSentMessage {
  /** What the reader sends back as Last-Event-ID. A NUL in it would be ignored by every reader. */
  readonly id: string;
  /** Empty: `message`, as the standard has it. */
  readonly event: string;
  readonly data: string;
}

export function encodeMessage({ id, event, data }: ServerSentMessage): string {
  const lines = data.split(lineEnd).map((line) => `data: ${line}\n`);
  return `${field('id', id)}${field('event', event)}${lines.join('')}\n`;
}

/**
 * Moves the reader's Last-Event-ID on and tells him nothing: a message without data is no event. So
 * whoever hears nothing for months does not come back with an id of months ago.
 */
export function encodePlace(id: string): string {
  return `${field('id', id)}\n`;
}

/** When to come back after the connection has ended. */
export function encodeRetry(ms: number): string {
  return `retry: ${Math.round(ms)}\n\n`;
}

const lineEnd = /\r\n|\r|\n/;

function field(name: string, value: string): string {
  return `${name}: ${value.replaceAll(/[\r\n\0]/g, '')}\n`;
}
