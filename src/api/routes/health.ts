import { Type } from 'typebox';
import { anybody } from '../access.ts';
import type { Api, ApiContext, HealthReport } from '../context.ts';
import { nullable } from '../schemas.ts';

const ReportSchema = Type.Object({
  status: Type.Enum(['ok', 'degraded', 'stopping']),
  version: Type.String(),
  dependencies: Type.Record(
    Type.String(),
    Type.Object({ status: Type.Enum(['ok', 'away']), detail: Type.Optional(Type.String()) }),
  ),
  breakers: Type.Optional(
    Type.Record(
      Type.String(),
      Type.Object({ state: Type.Enum(['closed', 'open', 'half_open']), since: Type.String() }),
    ),
  ),
  oldest_unknown_seconds: Type.Optional(
    nullable<number>('integer', {
      description: 'Since the first submit of the oldest payment whose outcome is unknown.',
    }),
  ),
});

const reportSchema = { response: { 200: ReportSchema, 503: ReportSchema } };
const liveSchema = {
  operationId: 'getLiveness',
  tags: ['Health'],
  summary: 'Is the process alive',
  description: 'Whether the process should go on living; it asks nobody.',
  response: { 200: Type.Object({ status: Type.Literal('ok') }) },
};

const description = 'Whether requests should come here, and what we depend on.';
const paths = [
  { path: '/health', operationId: 'getHealth', tags: ['Health'], summary: 'Health', description },
  {
    path: '/health/ready',
    operationId: 'getReadiness',
    tags: ['Health'],
    summary: 'Is it ready for requests',
    description,
  },
];

/**
 * `/health` and `/health/ready`: whether requests should come here. `/health/live`: whether the
 * process should go on living; it asks nobody, because killing us does not bring a database back.
 */
export function health(api: Api, context: ApiContext): void {
  const look = oneAtATime(context);
  for (const { path, ...words } of paths) {
    api.get(
      path,
      { schema: { ...reportSchema, ...words }, config: anybody },
      async (_request, reply) => {
        const report = await look();
        return reply.code(accepts(report) ? 200 : 503).send(report);
      },
    );
  }
  api.get('/health/live', { schema: liveSchema, config: anybody }, () => ({
    status: 'ok' as const,
  }));
}

/**
 * Anybody may ask, without a token and as often as he likes: whoever comes during a look shares it.
 * A look for each would let a flood of them starve one another, and a balancer take us for dead.
 */
function oneAtATime(context: ApiContext): () => Promise<HealthReport> {
  let under: Promise<HealthReport> | null = null;
  return () => {
    under ??= context.health().finally(() => {
      under = null;
    });
    return under;
  };
}

/**
 * Without the queue, the bank or the coordination payments are late; without the database, refused.
 */
function accepts(report: HealthReport): boolean {
  return report.status !== 'stopping' && report.dependencies['database']?.status !== 'away';
}
