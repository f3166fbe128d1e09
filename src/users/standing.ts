import { type Cache, openCache } from '../cache.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../db/database.ts';
import type { UserId } from '../ids.ts';
import type { Role } from './roles.ts';
import { selectStanding } from './store.ts';

/** What decides whether a token still counts. Null: no such user. */
export interface Standing {
  readonly role: Role;
  readonly isActive: boolean;
  readonly validAfterMs: number;
}

/**
 * A revoked token must be dead within 5 s. An answer is 4 s old at most when it is used: the fifth
 * is for the request it was used in. A standing that cannot be read rejects, and so denies.
 */
const freshMs = 4_000;

/** About 200 bytes each: 10 MB when full. */
const usersMax = 50_000;

export type Standings = Cache<UserId, Standing | null>;

export function openStandings(database: Database, clock: Clock): Standings {
  return openCache<UserId, Standing | null>({
    sizeMax: usersMax,
    freshMs,
    clock,
    load: async (userId) => {
      const row = await selectStanding(database, userId);
      if (row === null) return null;
      return { role: row.role, isActive: row.is_active, validAfterMs: row.valid_after_ms };
    },
  });
}
