import { fastify } from 'fastify';
import { PaymentRequestSchema } from '../src/api/payment-request.ts';
import { PaymentSchema } from '../src/api/schemas.ts';

/**
 * The yardstick for accepting: Fastify with the schemas of a deposit and nothing behind them. Its
 * GET is the yardstick for a balance read.
 */
const server = fastify({
  logger: false,
  ajv: { customOptions: { allowUnionTypes: true } },
});

const payment = {
  id: '01890000-0000-7000-8000-000000000001',
  account_id: '01890000-0000-7000-8000-000000000002',
  transaction_type: 'deposit',
  amount: '1.00',
  currency: 'USD',
  status: 'PENDING',
  bank_transaction_id: null,
  error_code: null,
  error_message: null,
  created_at: '2026-01-01T00:00:00.000Z',
  updated_at: '2026-01-01T00:00:00.000Z',
  description: null,
  metadata: null,
  message: 'Deposit accepted; the bank is being asked.',
};

server.post(
  '/api/v1/deposits',
  { schema: { body: PaymentRequestSchema, response: { 202: PaymentSchema } } },
  async (_request, reply) => reply.code(202).send(payment),
);

server.get('/bare', async () => ({ balance: '1.00', currency: 'USD' }));

await server.listen({ host: '127.0.0.1', port: 0 });
process.on('disconnect', () => process.exit(0));
const address = server.server.address();
if (typeof address === 'object' && address !== null) process.send?.({ port: address.port });
