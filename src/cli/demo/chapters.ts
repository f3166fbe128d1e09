import { createHash } from 'node:crypto';
import { BalanceAnswer, PaymentAnswer, ProblemAnswer, read, SessionAnswer } from './answers.ts';
import { awaitPayment } from './await-payment.ts';
import type { Answer, Call } from './client.ts';
import { ask, type Customer, type Story, show } from './story.ts';
import { StoryEnded } from './story-ended.ts';
import { showTrail } from './trail.ts';

/** The journey of a payment, chapter by chapter. @throws StoryEnded where it cannot go on */
export async function tellStory(story: Story): Promise<void> {
  const customer = await meetCustomer(story);
  await depositMoney(story, customer);
  await showBalance(story, customer);
  const withdrawal = await withdrawMoney(story, customer);
  await overdraw(story, customer);
  await repeatRequest(story, withdrawal);
  await closeTheBooks(story, customer, withdrawal);
}

async function meetCustomer(story: Story): Promise<Customer> {
  story.screen.chapter(1, 'A new customer');
  story.screen.say('Registration answers with an access token and opens an account in USD.');
  const body = {
    email: `demo-${story.newId().slice(-12)}@example.com`,
    full_name: 'Nora',
    password: 'nora-is-new-here',
  };
  const answer = await ask(story, { method: 'POST', path: '/api/v1/auth/register', body });
  const session = read(answer, 201, SessionAnswer);
  show(story, answer, [
    ['user.id', session.user.id],
    ['access_token', `${session.access_token.slice(0, 16)}…`],
    ['expires_in', `${session.expires_in}  (seconds)`],
  ]);
  story.screen.say('Every request from here on carries "Authorization: Bearer <access_token>".');
  return { token: session.access_token };
}

async function depositMoney(story: Story, customer: Customer): Promise<void> {
  story.screen.chapter(2, 'A deposit of 100.00 USD');
  story.screen.say(
    'A bank takes seconds, so nobody waits for it in an open request: the answer is 202 at once, and its Location says where to look.',
  );
  await payUntilDone(story, customer, { kind: 'deposit', amount: '100.00' });
}

async function showBalance(story: Story, customer: Customer): Promise<void> {
  story.screen.chapter(3, 'The balance');
  await askBalance(story, customer);
}

async function withdrawMoney(story: Story, customer: Customer): Promise<Paid> {
  story.screen.chapter(4, 'A withdrawal of 30.00 USD');
  story.screen.say(
    'A withdrawal holds its amount from the moment it is accepted, so it cannot be spent twice while the bank works.',
  );
  const order = { kind: 'withdrawal', amount: '30.00' } as const;
  const paid = await payUntilDone(story, customer, order, () => askBalance(story, customer));
  await askBalance(story, customer);
  return paid;
}

async function overdraw(story: Story, customer: Customer): Promise<void> {
  story.screen.chapter(5, 'More than there is');
  story.screen.say('A refusal is a problem document (RFC 9457). Its "code" is made for programs.');
  const call = paymentCall(story, customer, { kind: 'withdrawal', amount: '1000.00' });
  const answer = await ask(story, call);
  const problem = read(answer, 400, ProblemAnswer);
  show(story, answer, [
    ['code', problem.code],
    ['title', problem.title],
    ['detail', problem.detail],
  ]);
}

async function repeatRequest(story: Story, paid: Paid): Promise<void> {
  story.screen.chapter(6, 'The same request again');
  story.screen.say(
    'The answer got lost on the way? Send it again with the same key: it pays nothing twice, and the first answer comes back to the byte.',
  );
  const answer = await ask(story, paid.call);
  read(answer, 202, PaymentAnswer);
  const isSame = answer.text === paid.answer.text;
  show(story, answer, [
    ['Idempotent-Replayed', answer.headers.get('idempotent-replayed') ?? 'missing'],
    ['first body', fingerprint(paid.answer)],
    ['this body', fingerprint(answer)],
  ]);
  if (!isSame) throw new StoryEnded('The repeated answer differs from the first one.');
  story.screen.note('done', 'The two bodies are identical, byte for byte.');
}

async function closeTheBooks(story: Story, customer: Customer, paid: Paid): Promise<void> {
  story.screen.chapter(7, 'What the books say');
  story.screen.say(
    'Each change of status, each contact with the bank and each posting is on record. Money only moves between accounts: the postings of a payment sum to zero.',
  );
  await showTrail(story, customer, paid.payment.id);
}

interface Order {
  readonly kind: 'deposit' | 'withdrawal';
  readonly amount: string;
}

interface Paid {
  readonly call: Call;
  /** The first answer, the 202. */
  readonly answer: Answer;
  readonly payment: PaymentAnswer;
}

const triesMax = 5;

/** FAILED is final: to pay after all is a new payment with a new key. */
async function payUntilDone(
  story: Story,
  customer: Customer,
  order: Order,
  meanwhile: () => Promise<void> = async () => {},
): Promise<Paid> {
  for (let tries = 1; ; tries++) {
    const call = paymentCall(story, customer, order);
    const answer = await ask(story, call);
    const accepted = read(answer, 202, PaymentAnswer);
    const path = answer.headers.get('location') ?? `${call.path}/${accepted.id}`;
    show(story, answer, [
      ['Location', path],
      ['status', accepted.status],
      ['message', accepted.message],
    ]);
    await meanwhile();
    const payment = await awaitPayment(story, customer, path);
    if (payment.status === 'SUCCESS') return { call, answer, payment };
    const why = explainFailure(payment.error_code);
    if (tries === triesMax)
      throw new StoryEnded(`${why} That was try ${tries}, so the demo ends here: run it again.`);
    story.screen.say(`${why} FAILED is final: we pay again as a new payment, with a new key.`);
  }
}

function explainFailure(errorCode: string | null): string {
  if (errorCode === 'INSUFFICIENT_FUNDS' || errorCode === 'INVALID_REQUEST')
    return `The simulated bank refuses now and then on purpose, and this time it drew ${errorCode}.`;
  if (errorCode === 'BANK_UNAVAILABLE')
    return 'The bank was away at all four submits, so no money can have moved (BANK_UNAVAILABLE).';
  return `The bank ended the payment with ${errorCode ?? 'no reason'}.`;
}

function paymentCall(story: Story, customer: Customer, { kind, amount }: Order): Call {
  return {
    method: 'POST',
    path: `/api/v1/${kind}s`,
    token: customer.token,
    key: story.newId(),
    body: { amount, currency: 'USD' },
  };
}

async function askBalance(story: Story, customer: Customer): Promise<void> {
  const path = '/api/v1/users/me/balance';
  const answer = await ask(story, { method: 'GET', path, token: customer.token });
  const { balance, available, held, currency } = read(answer, 200, BalanceAnswer);
  show(story, answer, [
    ['balance', `${balance} ${currency}`],
    ['available', `${available} ${currency}`],
    ['held', `${held} ${currency}`],
  ]);
}

function fingerprint({ text }: Answer): string {
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return `${Buffer.byteLength(text)} bytes, sha256 ${digest}…`;
}
