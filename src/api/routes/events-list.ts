import { Type } from 'typebox';
import { eventBody } from '../../feed/event.ts';
import { formatPosition, type Position, parsePosition } from '../../feed/position.ts';
import type { Api, ApiContext } from '../context.ts';
import { eventFilterFields, parseEventFilter } from '../event-query.ts';
import { readListNumbers } from '../payment-list.ts';
import { sendProblem } from '../problem.ts';
import { guardCodes, problems } from '../schemas.ts';

const EventSchema = Type.Object({
  id: Type.String({ description: 'Of the event, and the cursor behind it.' }),
  type: Type.String({ examples: ['deposit.succeeded'] }),
  timestamp: Type.String({ format: 'date-time' }),
  transaction_id: Type.String({ format: 'uuid' }),
  version: Type.Integer({ description: 'Counts the status changes of the transaction.' }),
  user_id: Type.String({ format: 'uuid' }),
  data: Type.Unsafe<unknown>({ description: 'The changed values.' }),
});

const schema = {
  operationId: 'listEvents',
  tags: ['Events'],
  summary: 'Read the event feed',
  description:
    'What happened, in one order for everybody, oldest first. Keep `next_cursor` and ask again ' +
    'with it: nothing is left out and nothing comes twice, also while payments go on.',
  querystring: Type.Object(
    {
      ...eventFilterFields,
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, description: 'Default 20.' })),
      cursor: Type.Optional(
        Type.String({
          maxLength: 64,
          description:
            'The next_cursor of the page before, or the id of an event. Without it: the oldest ' +
            'event on offer; `latest`: only what comes from now on.',
        }),
      ),
    },
    { additionalProperties: false },
  ),
  response: {
    200: Type.Object({
      items: Type.Array(EventSchema, {
        description: 'Perhaps fewer than `limit`, even none, while `has_more` is true.',
      }),
      next_cursor: Type.String({ description: 'Where to read on, now or later.' }),
      has_more: Type.Boolean({ description: 'More may be there now: ask again at once.' }),
      limit: Type.Integer(),
    }),
    ...problems(...guardCodes, 'validation_failed', 'user_not_found', 'cursor_gone'),
  },
};

/** The feed in pages, for whoever asks now and then. */
export function eventsList(api: Api, { limits, feed }: ApiContext): void {
  api.get(
    '/api/v1/events',
    {
      schema,
      config: { access: { role: 'user', scope: 'read' } },
      onRequest: limits.global,
      preValidation: readListNumbers,
    },
    async (request, reply) => {
      const { cursor, limit = 20 } = request.query;
      const filter = parseEventFilter(request, request.query);
      if (filter === 'user_not_found') return sendProblem(reply, filter);
      if ('faults' in filter)
        return sendProblem(reply, 'validation_failed', { errors: filter.faults });
      const from = await startAt(feed, cursor);
      if (from === null)
        return sendProblem(reply, 'validation_failed', {
          errors: [{ parameter: 'cursor', detail: 'is not one of ours' }],
        });
      const page = from === 'gone' ? from : await feed.page(from, filter, limit);
      if (page === 'gone') return sendProblem(reply, 'cursor_gone');
      return {
        items: page.events.map(eventBody),
        next_cursor: formatPosition(page.end),
        has_more: page.isFull,
        limit,
      };
    },
  );
}

async function startAt(
  feed: ApiContext['feed'],
  cursor: string | undefined,
): Promise<Position | 'gone' | null> {
  if (cursor === undefined) return feed.oldest();
  if (cursor === 'latest') return feed.newest();
  const position = parsePosition(cursor);
  if (position === null) return null;
  return (await feed.isGone(position)) ? 'gone' : position;
}
