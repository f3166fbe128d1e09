/** Operators see everybody's payments; admins also decide who is who. */
export type Role = 'user' | 'operator' | 'admin';

/** Each may what those before it may. */
export const roles: readonly Role[] = ['user', 'operator', 'admin'];

export function parseRole(word: unknown): Role | null {
  return roles.find((role) => role === word) ?? null;
}

/** May see what belongs to others. */
export function seesEverybody(role: Role): boolean {
  return role === 'operator' || role === 'admin';
}

/** An admin may what an operator may, and both what a user may. */
export function covers(role: Role, needed: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(needed);
}
