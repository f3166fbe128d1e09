import type { IncomingMessage } from 'node:http';
import { type Answer, failure } from './answers.ts';
import type { Callbacks } from './callbacks.ts';
import type { Calls } from './calls.ts';
import type { Clock } from './clock.ts';
import { isReference } from './order.ts';
import { parseRules, type RuleForm } from './rule-form.ts';
import type { Rules } from './rules.ts';
import { scenarios } from './scenarios.ts';
import { isDate } from './statement.ts';
import type { Statements } from './statements.ts';
import { parseTarget } from './target-form.ts';

/** What a test or an operator of a demo tells the bank at run time: docs/bank-contract.md. */
export interface Control {
  /** Null: this path is none of the control's. */
  readonly answer: (request: IncomingMessage, body: string) => Promise<Answer | null>;
}

export interface ControlOptions {
  readonly rules: Rules;
  readonly callbacks: Callbacks;
  readonly calls: Calls;
  readonly statements: Statements;
  readonly clock: Clock;
  /** What was set at the start, and is again after a reset. */
  readonly rulesAtStart: readonly RuleForm[];
  readonly resetMore: () => void;
  /** More for GET /control. */
  readonly describe: () => object;
}

type Route = (call: {
  readonly body: string;
  readonly query: URLSearchParams;
}) => Answer | Promise<Answer>;

export function openControl(options: ControlOptions): Control {
  const routes = routesOf(options);
  return {
    answer: async (request, body) => {
      const [path = '/', query = ''] = (request.url ?? '/').split('?', 2);
      if (path !== '/control' && !path.startsWith('/control/')) return null;
      const refusal = refuse(request);
      if (refusal !== null) return refusal;
      const route = routes.get(`${request.method} ${path}`);
      if (route === undefined)
        return failure(404, 'NO_SUCH_PATH', `there are ${[...routes.keys()].join(', ')}`);
      return route({ body, query: new URLSearchParams(query) });
    },
  };
}

/** The switches of a bank are for this machine only, and for no page that a browser shows. */
function refuse({ socket, headers }: IncomingMessage): Answer | null {
  const isLocal = /^(::ffff:)?127\.|^::1$/.test(socket.remoteAddress ?? '');
  if (isLocal && headers.origin === undefined) return null;
  return failure(403, 'FORBIDDEN', 'the control endpoint answers loopback clients only');
}

function routesOf(options: ControlOptions): ReadonlyMap<string, Route> {
  const { rules, callbacks, calls } = options;
  const state = (): Answer => ({
    status: 200,
    body: {
      rules: rules.describe(),
      callback_url: callbacks.target().url,
      callback_retry_delays_ms: callbacks.target().retryDelaysMs,
      scenarios: Object.keys(scenarios),
      ...options.describe(),
    },
  });
  return new Map<string, Route>([
    ['GET /control', state],
    [
      'POST /control/scenario',
      ({ body }) => {
        const parsed = parseRules(parseJson(body));
        if ('fault' in parsed) return failure(400, 'MALFORMED_REQUEST', parsed.fault);
        rules.replace(parsed.rules);
        return state();
      },
    ],
    [
      'POST /control/reset',
      () => {
        rules.replace(options.rulesAtStart);
        callbacks.reset();
        calls.clear();
        options.resetMore();
        return state();
      },
    ],
    [
      'POST /control/callbacks',
      ({ body }) => {
        const parsed = parseTarget(parseJson(body), callbacks.target());
        if ('fault' in parsed) return failure(400, 'MALFORMED_REQUEST', parsed.fault);
        callbacks.aim(parsed.target);
        return state();
      },
    ],
    ['POST /control/statements', ({ body }) => writeStatements(options, parseJson(body))],
    [
      'GET /control/callbacks',
      withReference((reference) => ({ callbacks: callbacks.records(reference) })),
    ],
    [
      'GET /control/calls',
      withReference((reference) =>
        reference === null ? calls.all() : { reference, ...calls.of(reference) },
      ),
    ],
  ]);
}

function withReference(describe: (reference: string | null) => object): Route {
  return ({ query }) => {
    const reference = query.get('reference');
    if (reference !== null && !isReference(reference))
      return failure(400, 'MALFORMED_REQUEST', 'no such reference form');
    return { status: 200, body: describe(reference) };
  };
}

/** Of the day that is given, or of today as far as it has come. */
async function writeStatements(
  { statements, clock }: ControlOptions,
  body: unknown,
): Promise<Answer> {
  const given = typeof body === 'object' && body !== null && 'date' in body ? body.date : null;
  const date = given ?? clock.timestamp().slice(0, 10);
  if (typeof date !== 'string' || !isDate(date))
    return failure(400, 'MALFORMED_REQUEST', 'date must be a day as YYYY-MM-DD');
  return { status: 200, body: { date, files: await statements.writeFiles(date) } };
}

/** What is no JSON is no object either, and is refused as such. */
function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
