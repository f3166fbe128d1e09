import type { Sent } from './postman-request.ts';

/** A request of the workflow, and what must be true of its answer. */
export interface Step {
  readonly name: string;
  readonly operationId: string;
  readonly status: number;
  readonly sent?: Sent;
  /** JavaScript that Postman runs before and after it. */
  readonly before?: string;
  readonly after?: string;
}

/** A customer's first minutes: register → deposit → balance → withdraw, and what belongs to it. */
export function workflow(): readonly Step[] {
  return [
    {
      name: 'Register',
      operationId: 'registerUser',
      status: 201,
      before: `pm.environment.set('email', 'ada-' + pm.variables.replaceIn('{{$guid}}') + '@example.com');
pm.environment.set('password', pm.variables.replaceIn('{{$guid}}'));`,
      sent: {
        body: { email: '{{email}}', full_name: 'Ada Lovelace', password: '{{password}}' },
      },
      after: keepTokens,
    },
    { name: 'Who am I', operationId: 'getCurrentUser', status: 200, after: isAda },
    ...payment('Deposit', { kind: 'deposit', amount: '100.00', operationId: 'createDeposit' }),
    balance('Balance after the deposit', { balance: '100.00', available: '100.00', held: '0.00' }),
    ...payment('Withdraw', {
      kind: 'withdrawal',
      amount: '30.00',
      operationId: 'createWithdrawal',
    }),
    balance('Balance after the withdrawal', { balance: '70.00', available: '70.00', held: '0.00' }),
    {
      name: 'Withdraw more than there is',
      operationId: 'createWithdrawal',
      status: 400,
      sent: { body: { amount: '1000.00', currency: 'USD' } },
      after: `pm.test('the refusal says why, for people and for programs', () => {
  pm.expect(pm.response.headers.get('Content-Type')).to.include('application/problem+json');
  pm.expect(pm.response.json().code).to.equal('insufficient_funds');
});`,
    },
    {
      name: 'What happened',
      operationId: 'listTransactions',
      status: 200,
      sent: { query: { limit: '20' } },
      after: `pm.test('the list has both payments', () => {
  const ids = pm.response.json().items.map((payment) => payment.id);
  pm.expect(ids).to.include.members([pm.environment.get('deposit_id'), pm.environment.get('withdrawal_id')]);
});`,
    },
    {
      name: 'Stay signed in',
      operationId: 'refreshTokens',
      status: 200,
      sent: { body: { refresh_token: '{{refresh_token}}' } },
      after: keepTokens,
    },
    {
      name: 'Sign out',
      operationId: 'logout',
      status: 204,
      sent: { body: { refresh_token: '{{refresh_token}}' } },
      after: `pm.environment.unset('access_token');
pm.environment.unset('refresh_token');`,
    },
  ];
}

const keepTokens = `const { access_token, refresh_token } = pm.response.json();
pm.environment.set('access_token', access_token);
pm.environment.set('refresh_token', refresh_token);`;

const isAda = `pm.test('it is who registered', () => {
  pm.expect(pm.response.json().email).to.equal(pm.environment.get('email'));
});`;

interface Payment {
  readonly kind: 'deposit' | 'withdrawal';
  readonly amount: string;
  readonly operationId: 'createDeposit' | 'createWithdrawal';
}

/** Asked for, asked for once more under the same key, and waited for until it is final. */
function payment(name: string, { kind, amount, operationId }: Payment): readonly Step[] {
  const sent = {
    headers: { 'Idempotency-Key': `{{${kind}_key}}` },
    body: { amount, currency: 'USD', description: 'Order 1042' },
  };
  return [
    {
      name,
      operationId,
      status: 202,
      sent,
      before: `pm.environment.set('${kind}_key', pm.variables.replaceIn('{{$guid}}'));`,
      after: `const payment = pm.response.json();
pm.environment.set('${kind}_id', payment.id);
pm.environment.set('${kind}_answer', pm.response.text());
pm.environment.set('polls_left', 150);
pm.test('it is kept before the bank is asked', () => {
  pm.expect(payment.status).to.equal('PENDING');
  pm.expect(pm.response.headers.get('Location')).to.include(payment.id);
});`,
    },
    {
      name: `${name} again, under the same key`,
      operationId,
      status: 202,
      sent,
      after: `pm.test('it is the same payment, and the same answer to the byte', () => {
  pm.expect(pm.response.headers.get('Idempotent-Replayed')).to.equal('true');
  pm.expect(pm.response.text()).to.equal(pm.environment.get('${kind}_answer'));
});`,
    },
    {
      name: `Wait for the ${kind}`,
      operationId: kind === 'deposit' ? 'getDeposit' : 'getWithdrawal',
      status: 200,
      sent: { path: { id: `{{${kind}_id}}` } },
      after: waitFor(name, kind),
    },
  ];
}

/**
 * A bank takes seconds, and fails now and then: the same request again until the payment is final,
 * and a new payment (with a new key) where it failed.
 */
function waitFor(name: string, kind: Payment['kind']): string {
  return `const { status, error_code } = pm.response.json();
const pollsLeft = Number(pm.environment.get('polls_left'));
const triesLeft = Number(pm.environment.get('${kind}_tries_left') ?? 5);
if (status === 'SUCCESS') {
  pm.environment.unset('${kind}_tries_left');
  pm.test('the bank has done it', () => undefined);
} else if (status === 'FAILED' && triesLeft > 1) {
  console.log('The bank refused (' + error_code + '): a new payment with a new key.');
  pm.environment.set('${kind}_tries_left', triesLeft - 1);
  pm.execution.setNextRequest('${name}');
} else if (status !== 'FAILED' && pollsLeft > 0) {
  pm.environment.set('polls_left', pollsLeft - 1);
  pm.execution.setNextRequest(pm.info.requestName);
  setTimeout(() => undefined, Number(pm.environment.get('poll_ms')));
} else {
  pm.test('the payment ends well: ' + status + ' ' + error_code, () => pm.expect.fail());
  pm.execution.setNextRequest(null);
}`;
}

function balance(name: string, expected: Readonly<Record<string, string>>): Step {
  return {
    name,
    operationId: 'getBalance',
    status: 200,
    after: `pm.test('the books say so', () => {
  pm.expect(pm.response.json()).to.include(${JSON.stringify(expected)});
});`,
  };
}
