import { hash as bcryptHash, verify as bcryptVerify } from '@node-rs/bcrypt';
import { assert } from '../assert.ts';
import { Overloaded } from '../runtime/overloaded.ts';

/** bcrypt reads no further; a longer password would be cut without a word. */
export const passwordBytesMax = 72;

/**
 * A hash takes a quarter of a second of a whole core (cost 12) on one of libuv's four threads,
 * which files and DNS need too: two at once.
 */
const hashesAtOnce = 2;

/** At two at once, the last one in waits about 4 s. */
const waitingMax = 32;

export interface Passwords {
  /** @throws Overloaded */
  readonly hash: (password: string) => Promise<string>;
  /**
   * `null` stands for the hash of a user who does not exist: it costs what a wrong password costs.
   * @throws Overloaded
   */
  readonly verify: (password: string, hash: string | null) => Promise<boolean>;
}

export function openPasswords(cost: number): Passwords {
  const room = openRoom();
  // Well formed and nobody's: a salt and a digest of the right lengths, at our cost.
  const nobody = `$2b$${String(cost).padStart(2, '0')}$${'n'.repeat(21)}u${'.'.repeat(31)}`;
  return {
    hash: (password) => {
      assert(fitsBcrypt(password), 'a password is measured before it is hashed');
      return room(() => bcryptHash(password, cost));
    },
    verify: (password, hash) => {
      assert(fitsBcrypt(password), 'a password is measured before it is compared');
      return room(async () => (await bcryptVerify(password, hash ?? nobody)) && hash !== null);
    },
  };
}

export function fitsBcrypt(password: string): boolean {
  return Buffer.byteLength(password) <= passwordBytesMax;
}

/** What is wrong with a password that somebody wants to have; null: nothing. */
export function passwordFault(password: string): string | null {
  if (Array.from(password).length < 8) return 'must have 8 characters or more';
  if (!fitsBcrypt(password)) return `must not be longer than ${passwordBytesMax} bytes in UTF-8`;
  return null;
}

type Room = <Result>(work: () => Promise<Result>) => Promise<Result>;

function openRoom(): Room {
  const waiting: (() => void)[] = [];
  let busy = 0;
  return async (work) => {
    if (busy >= hashesAtOnce) {
      if (waiting.length >= waitingMax) throw new Overloaded('the room for password checks', 5);
      // The one who leaves hands over the place, so `busy` stays as it is.
      await new Promise<void>((enter) => waiting.push(enter));
    } else busy += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) busy -= 1;
      else next();
    }
  };
}
