import type { FastifyReply } from 'fastify';

/** On every answer: its request's id, and that it is neither to be guessed at nor to be kept. */
export function setAnswerHeaders(reply: FastifyReply): void {
  reply.headers({
    'x-request-id': reply.request.id,
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  });
}
