import { fastify } from 'fastify';
import { Pool, type PoolClient } from 'pg';
import { Pool as BankPool } from 'undici';
import { PaymentRequestSchema } from '../src/api/payment-request.ts';
import { PaymentSchema } from '../src/api/schemas.ts';
import { systemClock } from '../src/clock.ts';
import { environment } from '../src/config.ts';
import { newPaymentId, type UserId } from '../src/ids.ts';
import { openTokens } from '../src/users/tokens.ts';

/**
 * The control: the gateway that one writes first. One INSERT transaction per request, one message
 * per payment, one five-statement settle transaction per payment; the same HTTP in, the same
 * simulated bank, the same server with the same durability. It keeps no promise of ours beyond the
 * happy path.
 */
const env = environment();
const given = (name: string): string => {
  const value = env[name];
  if (value === undefined) throw new Error(`${name} is missing`);
  return value;
};

/** Half for requests, half for settling: more were no faster on two cores. */
const connectionsMax = 20;
const workersMax = 64;

const pool = new Pool({ connectionString: given('NAIVE_DATABASE_URL'), max: connectionsMax });
const bank = new BankPool(given('NAIVE_BANK_URL'), { connections: workersMax, pipelining: 1 });
const tokens = openTokens({
  secret: given('NAIVE_JWT_SECRET'),
  expireMinutes: 60,
  clock: systemClock,
});

interface Message {
  readonly id: string;
  readonly userId: UserId;
  readonly amount: bigint;
}

const messages: Message[] = [];
let working = 0;

function deliver(): void {
  while (working < workersMax) {
    const message = messages.shift();
    if (message === undefined) return;
    working += 1;
    void payOut(message).finally(() => {
      working -= 1;
      deliver();
    });
  }
}

async function payOut(message: Message): Promise<void> {
  const { body } = await bank.request({
    method: 'POST',
    path: '/v1/transfers',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      reference: message.id.replaceAll('-', ''),
      kind: 'deposit',
      amount: String(message.amount),
      currency: 'USD',
    }),
  });
  const answer: unknown = await body.json();
  const isExecuted =
    typeof answer === 'object' &&
    answer !== null &&
    'status' in answer &&
    answer.status === 'executed';
  if (!isExecuted) throw new Error(`the bank said ${JSON.stringify(answer)}`);
  await inTransaction((client) => settle(client, message));
}

async function settle(client: PoolClient, { id, userId, amount }: Message): Promise<void> {
  await client.query({
    name: 'lock',
    text: 'SELECT balance FROM accounts WHERE user_id = $1 FOR UPDATE',
    values: [userId],
  });
  await client.query({
    name: 'credit',
    text: 'INSERT INTO postings (payment_id, user_id, amount) VALUES ($1, $2, $3)',
    values: [id, userId, amount],
  });
  await client.query({
    name: 'debit',
    text: 'INSERT INTO postings (payment_id, user_id, amount) VALUES ($1, NULL, $2)',
    values: [id, -amount],
  });
  await client.query({
    name: 'balance',
    text: 'UPDATE accounts SET balance = balance + $2 WHERE user_id = $1',
    values: [userId, amount],
  });
  await client.query({
    name: 'finish',
    text: `UPDATE payments SET status = 'SUCCESS', settled_at = clock_timestamp() WHERE id = $1`,
    values: [id],
  });
}

async function inTransaction(work: (client: PoolClient) => Promise<unknown>): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await work(client);
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

const server = fastify({
  logger: false,
  ajv: { customOptions: { allowUnionTypes: true } },
});
server.post<{ Body: { amount: string }; Headers: { 'idempotency-key': string } }>(
  '/api/v1/deposits',
  { schema: { body: PaymentRequestSchema, response: { 202: PaymentSchema } } },
  async (request, reply) => {
    const verdict = tokens.verify((request.headers.authorization ?? '').slice('Bearer '.length));
    if (verdict.kind !== 'valid') return reply.code(401).send({ error: verdict.kind });
    const { userId } = verdict.claims;
    const id = newPaymentId();
    const amount = BigInt(request.body.amount.replace('.', ''));
    await inTransaction((client) =>
      client.query({
        name: 'accept',
        text: `INSERT INTO payments (id, user_id, idempotency_key, amount) VALUES ($1, $2, $3, $4)`,
        values: [id, userId, request.headers['idempotency-key'], amount],
      }),
    );
    messages.push({ id, userId, amount });
    deliver();
    const now = new Date().toISOString();
    return reply.code(202).send({
      id,
      account_id: userId,
      transaction_type: 'deposit',
      amount: request.body.amount,
      currency: 'USD',
      status: 'PENDING',
      bank_transaction_id: null,
      error_code: null,
      error_message: null,
      created_at: now,
      updated_at: now,
      description: null,
      metadata: null,
      message: 'Accepted.',
    });
  },
);

await server.listen({ host: '127.0.0.1', port: 0 });
process.on('disconnect', () => process.exit(0));
const address = server.server.address();
if (typeof address === 'object' && address !== null) process.send?.({ port: address.port });
