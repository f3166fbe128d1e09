/** Operators see everybody's payments; admins also decide who is who. */
export type Role = 'user' | 'operator' | 'admin';

const roles: readonly Role[] = ['user', 'operator', 'admin'];

export function parseRole(word: unknown): Role | null {
  return roles.find((role) => role === word) ?? null;
}

/** May see what belongs to others. */
export function seesEverybody(role: Role): boolean {
  return role === 'operator' || role === 'admin';
}
