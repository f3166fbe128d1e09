import { Resolver } from 'node:dns/promises';
import type { ResolveName } from './guard.ts';

/** Of 15 s for a whole delivery. */
const timeoutMs = 1500;

/**
 * The name servers of the system, asked directly: `dns.lookup` would occupy one of the few threads
 * that passwords are hashed on, for as long as somebody's name server likes.
 */
export function openResolveName(): ResolveName {
  const resolver = new Resolver({ timeout: timeoutMs, maxTimeout: timeoutMs, tries: 2 });
  return async (name) => {
    const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  };
}
