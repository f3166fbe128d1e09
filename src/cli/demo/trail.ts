import { formatAmount, parseAmount, parseCurrency } from '../../money.ts';
import { read, TrailAnswer } from './answers.ts';
import { ask, type Customer, type Story, show } from './story.ts';
import { StoryEnded } from './story-ended.ts';

/** Ends the story: all that is on record about one payment, and that its postings sum to zero. */
export async function showTrail(story: Story, customer: Customer, id: string): Promise<void> {
  const path = `/api/v1/transactions/${id}?expand=timeline,attempts,postings`;
  const answer = await ask(story, { method: 'GET', path, token: customer.token });
  const trail = read(answer, 200, TrailAnswer);
  show(story, answer, []);
  story.screen.table('Timeline', ['after', 'what', 'outcome', ''], timelineRows(trail));
  story.screen.table('Postings', ['account', 'amount', 'balance after'], postingRows(trail));
}

interface Moment {
  readonly atMs: number;
  readonly cells: readonly [what: string, outcome: string, remark: string];
}

function timelineRows(trail: TrailAnswer): string[][] {
  const beganMs = Date.parse(trail.created_at);
  return momentsOf(trail).map(({ atMs, cells }) => [
    `${((atMs - beganMs) / 1000).toFixed(3)} s`,
    ...cells,
  ]);
}

/** The changes of status, and between them each contact with the bank. */
function momentsOf(trail: TrailAnswer): Moment[] {
  const ofStatus = trail.timeline.filter(({ version }) => version !== null);
  const changes = ofStatus.map(({ type, at, data }): Moment => {
    const remark = data.bank_transaction_id ?? data.error_code ?? '';
    return { atMs: Date.parse(at), cells: [type, data.status ?? '', remark] };
  });
  const contacts = trail.attempts.map((attempt, at): Moment => {
    const startedMs = Date.parse(attempt.started_at);
    const tookSeconds = ((Date.parse(attempt.ended_at) - startedMs) / 1000).toFixed(1);
    const what = `  ${attempt.contact}, attempt ${at + 1}`;
    return { atMs: startedMs, cells: [what, attempt.outcome, `the bank took ${tookSeconds} s`] };
  });
  // Written by two clocks: a call can seem to start a moment before the claim that allows it.
  const claimedMs = changes[1]?.atMs ?? 0;
  const calls = contacts.map((call) => ({ ...call, atMs: Math.max(call.atMs, claimedMs) }));
  // Sorting is stable, so the claim stays ahead of its call.
  return [...changes.slice(0, 2), ...calls, ...changes.slice(2)].toSorted(
    (a, b) => a.atMs - b.atMs,
  );
}

const accountNames: Readonly<Record<string, string>> = {
  user: 'yours',
  clearing: 'bank clearing',
  suspense: 'suspense',
};

function postingRows(trail: TrailAnswer): string[][] {
  const rows = trail.postings.map((posting) => [
    accountNames[posting.account_kind] ?? posting.account_kind,
    posting.amount,
    posting.balance_after ?? '',
  ]);
  return [...rows, ['sum', sumOf(trail), '']];
}

/** In minor units, as everywhere: a float would not be sure to say zero. */
function sumOf(trail: TrailAnswer): string {
  const currency = parseCurrency(trail.currency);
  if (currency === null)
    throw new StoryEnded(`The postings are in ${trail.currency}, unknown here.`);
  const minors = trail.postings.map(({ amount }) => {
    const parsed = parseAmount(amount.replace('-', ''), currency);
    if ('refused' in parsed) throw new StoryEnded(`A posting has the amount ${amount}.`);
    return amount.startsWith('-') ? -parsed.minor : parsed.minor;
  });
  return formatAmount(
    minors.reduce((sum, minor) => sum + minor, 0n),
    currency,
  );
}
