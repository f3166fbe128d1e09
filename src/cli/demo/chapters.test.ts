import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tellStory } from './chapters.ts';
import type { Answer, Call } from './client.ts';
import { openScreen } from './screen.ts';
import { StoryEnded } from './story-ended.ts';

test('a deposit that the bank refuses is explained and paid again under a new key', async () => {
  const told = await tell(['INSUFFICIENT_FUNDS', 'INVALID_REQUEST', 'SUCCESS', 'SUCCESS']);
  assert.equal(told.ended, null);
  assert.match(told.output, /✗ FAILED after .*, INSUFFICIENT_FUNDS/);
  assert.match(told.output, /on purpose, and this time it drew\s+INVALID_REQUEST/);
  const keys = told.calls.filter((call) => call.path === '/api/v1/deposits').map(({ key }) => key);
  assert.equal(keys.length, 3);
  assert.equal(new Set(keys).size, 3);
});

test('after five refusals the story ends with a sentence', async () => {
  const told = await tell(Array<string>(6).fill('INVALID_REQUEST'));
  assert.match(told.ended ?? '', /That was try 5, so the demo ends here/);
  assert.equal(told.calls.filter((call) => call.path === '/api/v1/deposits').length, 5);
});

test('a payment that is not final after 150 s ends the story', async () => {
  const told = await tell(['PROCESSING']);
  assert.match(told.ended ?? '', /still PROCESSING after 150 s/);
  assert.ok(told.elapsedMs >= 150_000 && told.elapsedMs < 155_000);
  const polls = told.calls.filter((call) => /^\/api\/v1\/deposits\/./.test(call.path)).length;
  assert.ok(polls <= 155, `${polls} polls`);
});

test('a bank that was away or silent is told as what it is, once each', async () => {
  const attempts = [attempt('submit', 'retryable'), attempt('submit', 'unknown')];
  const { output } = await tell(['PROCESSING'], attempts);
  assert.equal(output.match(/Attempt 1: UNAVAILABLE/g)?.length, 1);
  assert.equal(output.match(/Attempt 2: TIMEOUT/g)?.length, 1);
});

test('a terminal sees one line that lives, a pipe one line for each status', async () => {
  const live = await tell(['PROCESSING'], [], true);
  assert.ok(live.output.includes('\r\u001b[2K   ⠹ PROCESSING  12.2 s   the bank is working on it'));
  assert.ok(!live.output.includes('… PROCESSING'));
  const piped = await tell(['PROCESSING']);
  assert.equal(piped.output.match(/… PROCESSING/g)?.length, 1);
  assert.ok(!piped.output.includes('\r'));
});

test('an answer that the story does not expect ends it in the words of the problem', async () => {
  const told = await tell([], [], false, () => answer(503, { ...problem, detail: 'Too busy.' }));
  assert.equal(told.ended, 'The story expected 201 here, and the answer was 503: Too busy.');
});

interface Told {
  readonly output: string;
  readonly calls: readonly Call[];
  readonly ended: string | null;
  readonly elapsedMs: number;
}

/** The story, with a gateway that knows how each payment will end, on a clock that jumps. */
async function tell(
  ends: readonly string[],
  attempts: readonly object[] = [],
  isInteractive = false,
  respond: (call: Call) => Answer = scriptedGateway(ends, attempts),
): Promise<Told> {
  const calls: Call[] = [];
  let output = '';
  let nowMs = 0;
  let ids = 0;
  const write = (text: string): void => {
    output += text;
  };
  const story = {
    send: async (call: Call): Promise<Answer> => {
      calls.push(call);
      return respond(call);
    },
    screen: openScreen({ write, isInteractive, hasColours: false, width: 80 }),
    monotonic: () => nowMs,
    wait: async (ms: number): Promise<void> => {
      nowMs += ms;
    },
    newId: () => `id-${ids++}`,
  };
  try {
    await tellStory(story);
    return { output, calls, ended: null, elapsedMs: nowMs };
  } catch (error) {
    assert.ok(error instanceof StoryEnded, String(error));
    return { output, calls, ended: error.message, elapsedMs: nowMs };
  }
}

function scriptedGateway(ends: readonly string[], attempts: readonly object[]) {
  const payments: string[] = [];
  const first = new Map<string, Answer>();
  return (call: Call): Answer => {
    if (call.path.endsWith('/register')) return answer(201, session);
    if (call.path.endsWith('/balance')) return answer(200, balance);
    const id = call.path.split('/')[4];
    if (call.path.includes('/transactions/')) return answer(200, { ...trail, attempts });
    if (id !== undefined) return answer(200, payment(id, payments[Number(id)] ?? ''));
    if (call.body?.['amount'] === '1000.00') return answer(400, problem);
    const key = call.key ?? '';
    const known = first.get(key);
    if (known !== undefined) return known;
    const accepted = answer(202, payment(String(payments.length), 'PENDING'));
    payments.push(ends[payments.length] ?? 'SUCCESS');
    first.set(key, accepted);
    return accepted;
  };
}

function answer(status: number, body: object): Answer {
  return { status, statusText: '', headers: new Headers(), text: JSON.stringify(body) };
}

/** `end` is a status that is not final, SUCCESS, or the error code of a FAILED payment. */
function payment(id: string, end: string): object {
  const isStatus = ['PENDING', 'PROCESSING', 'SUCCESS'].includes(end);
  return {
    id,
    status: isStatus ? end : 'FAILED',
    message: '',
    error_code: isStatus ? null : end,
    error_message: null,
    bank_transaction_id: end === 'SUCCESS' ? 'BT1' : null,
  };
}

function attempt(contact: string, outcome: string): object {
  return { contact, outcome, started_at: '2026-01-02T03:04:05Z', ended_at: '2026-01-02T03:04:08Z' };
}

const session = {
  access_token: 'token',
  expires_in: 1800,
  user: { id: 'u', email: 'a@b.example' },
};
const balance = { balance: '70.00', available: '70.00', held: '0.00', currency: 'USD' };
const problem = { title: 'Insufficient funds', detail: 'It exceeds.', code: 'insufficient_funds' };
const trail = { created_at: '2026-01-02T03:04:05Z', currency: 'USD', timeline: [], postings: [] };
