import type { Role } from '../users/roles.ts';
import type { Scope } from '../users/scopes.ts';

/**
 * Who may use a route: said once, as data, in the route's `config`. The guard (guard.ts) enforces
 * it, and the generated documents and tests read the same words.
 */
export type Access =
  | { readonly role: 'public'; readonly scope: null }
  | {
      /** The least role. Whose data it is, a route decides by itself: see subject.ts. */
      readonly role: Role;
      /** What an API key needs to be allowed; null: no key will do, only somebody signed in. */
      readonly scope: Scope | null;
      /**
       * `accept`: the accept transaction checks the user itself, so the guard does not ask. Only
       * for what `user` may: the role in a token is as old as the token.
       */
      readonly standing?: 'accept';
    };

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
    /** Refused while we are too busy, before anything else is looked at. */
    sheds?: true;
  }
}

/** The `config` of a route that asks for nothing. */
export const anybody = { access: { role: 'public', scope: null } } as const;
