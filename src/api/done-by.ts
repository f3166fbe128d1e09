import type { FastifyRequest } from 'fastify';
import type { DoneBy } from '../audit-log/append.ts';
import { actorOf, callerOf } from './auth.ts';

/** For the audit log: who asks for this, by which request, and why. */
export function doneBy<Reason extends string | null>(
  request: FastifyRequest,
  reason: Reason,
): DoneBy & { readonly reason: Reason } {
  return { actor: actorOf(callerOf(request)), requestId: request.id, reason };
}
