/**
 * A place in the feed: everything up to it is behind whoever stands there. `epoch` counts restores,
 * `tx` is the database transaction that wrote the event, `n` its number in there. An event's own
 * place is where one stands after it.
 */
export interface Position {
  readonly epoch: number;
  readonly tx: bigint;
  readonly n: bigint;
}

export function isAfter(one: Position, other: Position): boolean {
  if (one.epoch !== other.epoch) return one.epoch > other.epoch;
  return one.tx === other.tx ? one.n > other.n : one.tx > other.tx;
}

export function later(one: Position, other: Position): Position {
  return isAfter(other, one) ? other : one;
}

/** The cursor of the lists, and the id of a streamed event. */
export function formatPosition({ epoch, tx, n }: Position): string {
  return `${epoch}-${tx}-${n}`;
}

const form = /^(\d{1,10})-(\d{1,20})-(\d{1,19})$/;
/** PostgreSQL's integer, xid8 and bigint. */
const epochMax = 2 ** 31 - 1;
const txMax = 2n ** 64n - 1n;
const nMax = 2n ** 63n - 1n;

/** Null: not one of ours. */
export function parsePosition(text: string): Position | null {
  const [, epoch, tx, n] = form.exec(text) ?? [];
  if (epoch === undefined || tx === undefined || n === undefined) return null;
  const position = { epoch: Number(epoch), tx: BigInt(tx), n: BigInt(n) };
  const fits = position.epoch <= epochMax && position.tx <= txMax && position.n <= nMax;
  return fits && formatPosition(position) === text ? position : null;
}
