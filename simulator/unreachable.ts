/**
 * The last branch of every switch on a union: reaching it is a type error first, a crash second.
 */
export function unreachable(value: never): never {
  throw new Error(`unreachable value ${JSON.stringify(value)}`);
}
