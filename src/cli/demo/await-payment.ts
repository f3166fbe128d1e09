import { type AttemptAnswer, PaymentAnswer, read, TrailAnswer } from './answers.ts';
import { ask, type Customer, type Story } from './story.ts';
import { StoryEnded } from './story-ended.ts';

/** Four submits to a bank that stays away take about 84 s of gaps and four of its delays. */
const finalMsMax = 150_000;
/** A quick bank is seen to be quick; a slow one is asked about once a second. */
const pollMsMin = 250;
const pollMsMax = 1_000;
const tickMs = 100;
/** What the bank answered so far is another request, so it is not looked for at every poll. */
const trailMs = 3_000;

const spinner = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** Polls a payment until it is final, with a sign of life. @throws StoryEnded after 150 s */
export async function awaitPayment(
  story: Story,
  customer: Customer,
  path: string,
): Promise<PaymentAnswer> {
  const began = story.monotonic();
  const watch = { elapsedMs: () => story.monotonic() - began, status: '', trailAtMs: 0, told: 0 };
  let pollMs = pollMsMin;
  for (let polls = 0; ; polls++) {
    const call = { method: 'GET', path, token: customer.token } as const;
    const answer = polls === 0 ? await ask(story, call) : await story.send(call);
    const payment = read(answer, 200, PaymentAnswer);
    if (payment.status === 'SUCCESS' || payment.status === 'FAILED') {
      showEnd(story, watch, payment);
      return payment;
    }
    showStatus(story, watch, payment.status);
    if (watch.elapsedMs() > finalMsMax)
      throw new StoryEnded(
        `The payment is still ${payment.status} after ${finalMsMax / 1000} s; Tollgate goes on asking the bank, but the demo ends here (later: GET ${path}).`,
      );
    await tellTrouble(story, customer, watch, payment.id);
    await waitAlive(story, watch, pollMs);
    pollMs = Math.min(pollMsMax, pollMs * 1.5);
  }
}

interface Watch {
  readonly elapsedMs: () => number;
  status: string;
  /** When the attempts were last looked at, and how many of them were told. */
  trailAtMs: number;
  told: number;
}

function showStatus(story: Story, watch: Watch, status: string): void {
  const isNew = status !== watch.status;
  watch.status = status;
  // Where no line can be written over, a line for each change.
  if (isNew && !story.screen.isInteractive) story.screen.note('waiting', standing(watch));
}

function showEnd(story: Story, watch: Watch, payment: PaymentAnswer): void {
  const isDone = payment.status === 'SUCCESS';
  const reason = payment.error_code ?? `bank transaction ${payment.bank_transaction_id ?? 'none'}`;
  const words = `${payment.status} after ${seconds(watch.elapsedMs())}, ${reason}`;
  const sentence = payment.error_message ?? payment.message;
  story.screen.note(isDone ? 'done' : 'failed', words, sentence);
}

/** Waits with the spinner turning; the bank takes seconds, and silence looks like a fault. */
async function waitAlive(story: Story, watch: Watch, ms: number): Promise<void> {
  const until = story.monotonic() + ms;
  for (let restMs = ms; restMs > 0; restMs = until - story.monotonic()) {
    const turn = Math.floor(watch.elapsedMs() / tickMs) % spinner.length;
    story.screen.progress(`${spinner[turn]} ${standing(watch)}`);
    await story.wait(story.screen.isInteractive ? Math.min(tickMs, restMs) : restMs);
  }
}

function standing(watch: Watch): string {
  const words = standings[watch.status] ?? '';
  return `${watch.status.padEnd(10)} ${seconds(watch.elapsedMs()).padStart(7)}   ${words}`.trimEnd();
}

const standings: Readonly<Record<string, string>> = {
  PENDING: 'accepted, not yet at the bank',
  PROCESSING: 'the bank is working on it',
  PENDING_REVIEW: 'the bank gives no clear answer',
};

/** A bank that was away or silent is no failure of the payment: says what happens by itself. */
async function tellTrouble(
  story: Story,
  customer: Customer,
  watch: Watch,
  id: string,
): Promise<void> {
  if (watch.elapsedMs() - watch.trailAtMs < trailMs) return;
  watch.trailAtMs = watch.elapsedMs();
  const path = `/api/v1/transactions/${id}?expand=timeline,attempts,postings`;
  const answer = await story.send({ method: 'GET', path, token: customer.token });
  const { attempts } = read(answer, 200, TrailAnswer);
  for (const [at, attempt] of attempts.entries()) {
    const words = describeTrouble(attempt);
    if (at >= watch.told && words !== null)
      story.screen.note('waiting', `Attempt ${at + 1}: ${words}`);
  }
  watch.told = attempts.length;
}

/** Null for the bank's final word, which the payment's status tells. */
function describeTrouble({ contact, outcome }: AttemptAnswer): string | null {
  switch (`${contact} ${outcome}`) {
    case 'submit retryable':
      return 'UNAVAILABLE. The bank did nothing, so Tollgate submits again by itself (after about 4, 16 and 64 s).';
    case 'submit unknown':
      return 'TIMEOUT. The money may have moved or not, so Tollgate does not guess: it inquires at the bank.';
    case 'inquire not_found':
      return 'the bank does not know this payment, so Tollgate submits it again under the same reference.';
    case 'inquire pending':
    case 'inquire unknown':
      return 'the bank does not say yet how it ended, so Tollgate asks again.';
    default:
      return null;
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
