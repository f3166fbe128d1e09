import type { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { type Static, Type } from 'typebox';
import { type Position, parsePosition } from '../../feed/position.ts';
import type { Access } from '../access.ts';
import { callerOf } from '../auth.ts';
import type { Api, ApiContext } from '../context.ts';
import { eventFilterFields, parseEventFilter } from '../event-query.ts';
import { sendProblem } from '../problem.ts';
import { guardCodes, problems } from '../schemas.ts';

const access = { role: 'user', scope: 'read' } as const satisfies Access;

const QuerySchema = Type.Object(
  {
    ...eventFilterFields,
    cursor: Type.Optional(
      Type.String({
        maxLength: 64,
        description: 'Begin behind this one; Last-Event-ID counts instead where it is sent.',
      }),
    ),
  },
  { additionalProperties: false },
);

const schema = {
  operationId: 'streamEvents',
  tags: ['Events'],
  summary: 'Follow the event feed',
  description:
    'Server-sent events: `event` is the type, `data` the event as the list has it, `id` its ' +
    'cursor. Come back with the last id as `Last-Event-ID`, to any process: nothing is left out ' +
    'and nothing comes twice. Without one it begins now. A message without data only moves the id.',
  querystring: QuerySchema,
  headers: Type.Object({
    'last-event-id': Type.Optional(
      Type.String({ maxLength: 64, description: 'The id of the last event that arrived.' }),
    ),
  }),
  response: {
    200: Type.String({
      contentMediaType: 'text/event-stream',
      description: 'Until the token ends.',
    }),
    ...problems(
      ...guardCodes,
      'validation_failed',
      'user_not_found',
      'cursor_gone',
      'too_many_streams',
      'overloaded',
    ),
  },
};

/** The feed as it happens, for whoever stays. */
export function eventsStream(api: Api, { limits, feed, auth, config }: ApiContext): void {
  api.get(
    '/api/v1/events/stream',
    { schema, config: { access }, onRequest: limits.global },
    async (request, reply) => {
      const filter = parseEventFilter(request, request.query);
      if (filter === 'user_not_found') return sendProblem(reply, filter);
      if ('faults' in filter)
        return sendProblem(reply, 'validation_failed', { errors: filter.faults });
      const asked = askedPlace(request.headers['last-event-id'], request.query);
      if (asked !== null && 'fault' in asked)
        return sendProblem(reply, 'validation_failed', { errors: [asked.fault] });
      if (asked !== null && (await feed.isGone(asked))) return sendProblem(reply, 'cursor_gone');
      const from = asked ?? (await feed.newest());
      // Nobody follows the answer to a HEAD.
      if (request.method === 'HEAD') return reply.headers(streamHeaders).send('');
      const stream = feed.open({
        follower: callerOf(request).userId,
        filter,
        from,
        mayGoOn: () => auth.stillCounts(request, access),
      });
      if (stream === 'too_many')
        return sendProblem(reply, 'too_many_streams', {
          values: { limit: String(config.EVENT_STREAMS_PER_USER_MAX) },
          headers: { 'retry-after': '5' },
        });
      return follow(reply, stream);
    },
  );
}

/** What goes on for as long as it likes is no body that a schema could shape. */
function follow(reply: FastifyReply, stream: Readable): FastifyReply {
  return reply.headers(streamHeaders).send(stream);
}

const streamHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  // Its end is the connection's: a stop need not wait for an idle one.
  connection: 'close',
  // A proxy that gathers what it passes on would hold the news back.
  'x-accel-buffering': 'no',
};

type Asked = Position | { readonly fault: { readonly detail: string } & Named };
type Named = { readonly header: string } | { readonly parameter: string };

function askedPlace(
  lastEventId: string | undefined,
  { cursor }: Static<typeof QuerySchema>,
): Asked | null {
  const text = lastEventId ?? cursor;
  if (text === undefined) return null;
  const name = lastEventId === undefined ? { parameter: 'cursor' } : { header: 'Last-Event-ID' };
  return parsePosition(text) ?? { fault: { ...name, detail: 'is not one of ours' } };
}
