import type { FastifyRequest } from 'fastify';
import { parseId, type UserId } from '../ids.ts';
import { seesEverybody } from '../users/roles.ts';
import { callerOf } from './auth.ts';

/** Whom `/users/{id|me}/…` means: oneself, or for an operator anybody. Null looks like nobody. */
export function subjectOf(request: FastifyRequest, id: string): UserId | null {
  const { userId, role } = callerOf(request);
  const wanted = id === 'me' ? userId : parseId<'user'>(id);
  return wanted === userId || seesEverybody(role) ? wanted : null;
}
