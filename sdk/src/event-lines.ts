/** One event of a stream (WHATWG: server-sent events). */
export interface SentEvent {
  /** Where the stream goes on from; empty until the server has said one. */
  readonly id: string;
  readonly type: string;
  readonly data: string;
}

/**
 * What a stream holds: an event, a place further on (what lies between is not for us), a sign of
 * life, or how long to wait before the next try.
 */
export type Sent =
  | { readonly kind: 'event'; readonly event: SentEvent }
  | { readonly kind: 'moved'; readonly id: string }
  | { readonly kind: 'alive' }
  | { readonly kind: 'retry'; readonly ms: number };

/** Reads text that arrives in any pieces; a line counts once it has ended. */
export function openEventLines(lastId: string): (piece: string) => Sent[] {
  let rest = '';
  let id = lastId;
  let type = '';
  let data: string[] = [];

  function readLine(line: string): Sent | null {
    if (line === '') return dispatch();
    if (line.startsWith(':')) return { kind: 'alive' };
    const [, name = line, value = ''] = /^([^:]*): ?(.*)$/s.exec(line) ?? [];
    if (name === 'data') data.push(value);
    if (name === 'event') type = value;
    if (name === 'id' && !value.includes('\0')) id = value;
    if (name === 'retry' && /^\d+$/.test(value)) return { kind: 'retry', ms: Number(value) };
    return null;
  }

  function dispatch(): Sent {
    const event = { id, type: type === '' ? 'message' : type, data: data.join('\n') };
    const isEmpty = data.length === 0;
    type = '';
    data = [];
    return isEmpty ? { kind: 'moved', id } : { kind: 'event', event };
  }

  return (piece) => {
    // A piece that ends in CR may have its LF in the next one.
    const text = rest + piece;
    const whole = text.endsWith('\r') ? text.slice(0, -1) : text;
    const lines = whole.split(/\r\n|\n|\r/);
    rest = (lines.pop() ?? '') + text.slice(whole.length);
    return lines.map(readLine).filter((sent) => sent !== null);
  };
}
