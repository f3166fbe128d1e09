/** What must hold and does not: a broken assumption, never an expected answer. */
export class AssertionFailed extends Error {
  override readonly name = 'AssertionFailed';
}

/** Crashes the request (not the process) when a fact that the code relies on is not one. */
export function assert(fact: boolean, statement: string): asserts fact {
  if (!fact) throw new AssertionFailed(statement);
}

/**
 * The last branch of every switch on a union: reaching it is a type error first, a crash second.
 */
export function unreachable(value: never): never {
  throw new AssertionFailed(`unreachable value ${JSON.stringify(value)}`);
}

/** The value, which cannot be absent here; `statement` says why. */
export function present<T>(value: T | null | undefined, statement: string): T {
  assert(value !== null && value !== undefined, statement);
  return value;
}
