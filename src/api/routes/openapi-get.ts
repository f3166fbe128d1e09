import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import { anybody } from '../access.ts';
import type { Api } from '../context.ts';

const schema = {
  operationId: 'getOpenApi',
  tags: ['Documents'],
  summary: 'Get this document',
  description: 'OpenAPI 3.1, made of the routes that are served.',
  response: {
    200: Type.Object({ openapi: Type.Literal('3.1.0') }, { additionalProperties: true }),
  },
};

/** Made once, when the server starts: every request gets the same text. */
export function openApiGet(api: Api): void {
  api.get('/openapi.json', { schema, config: anybody }, async (_request, reply) =>
    sendText(reply, api.openApiText()),
  );
}

/** Ready as it is: there is nothing that a serialiser could shape. */
function sendText(reply: FastifyReply, text: string): FastifyReply {
  return reply.type('application/json; charset=utf-8').send(text);
}
