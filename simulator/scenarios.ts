import type { Draw } from './decide.ts';

/**
 * One way in which a bank misbehaves: what it does with the money, when, what it answers, and what
 * it says in callbacks. docs/bank-contract.md lists them; a test keeps the two lists equal.
 */
export interface Scenario {
  /** What comes of the money. Null: chance decides, as without a scenario. */
  readonly draw: Draw | null;
  /**
   * When the bank gets to work. A late one is answered as drawn, is unknown for a while, and then
   * executed as if the submit had only now arrived.
   */
  readonly arrival: 'in_time' | 'slow' | 'late' | 'late_after_inquiry';
  readonly answer: AnswerForm;
  readonly callbacks: readonly CallbackPlan[];
  /** False: a reference that is known already is paid again. */
  readonly deduplicates: boolean;
  /** What stands before the bank: with an outage no call is worked on. */
  readonly outage: 'none' | 'refuses' | 'answers_503' | 'hangs_up';
}

/** What becomes of a true answer on its way. */
export type AnswerForm =
  | 'true'
  | 'timeout'
  | 'silent'
  | 'drip'
  | 'cut'
  | 'hang_up'
  | 'garbled'
  | 'huge'
  | 'surplus'
  | 'wrong_amount'
  | 'wrong_currency'
  | 'wrong_reference'
  | 'server_error'
  | 'says_executed'
  | 'says_declined'
  | 'says_not_found';

export interface CallbackPlan {
  /** Before: the answer waits until the callback has been answered. */
  readonly when: 'before' | 'after';
  readonly says: 'truth' | 'executed' | 'declined' | 'timeout';
  readonly flaw: 'none' | 'forged' | 'stale' | 'wrong_amount';
  /** At once, and with one event id. */
  readonly times: number;
  /** How long before it is sent the event is said to have happened. */
  readonly ageSeconds: number;
}

const plain: Scenario = {
  draw: null,
  arrival: 'in_time',
  answer: 'true',
  callbacks: [],
  deduplicates: true,
  outage: 'none',
};

const moves: Draw = { kind: 'executed' };
const staysUnsaid: Draw = { kind: 'timeout', moved: false };
const noFunds: Draw = { kind: 'declined', code: 'INSUFFICIENT_FUNDS' };

const one: CallbackPlan = {
  when: 'after',
  says: 'truth',
  flaw: 'none',
  times: 1,
  ageSeconds: 0,
};

/** The money moves, and the answer goes wrong. */
const moved = (answer: AnswerForm): Scenario => ({ ...plain, draw: moves, answer });
/** Nothing moves and nothing is recorded, and the answer goes wrong. */
const unmoved = (answer: AnswerForm): Scenario => ({ ...plain, draw: staysUnsaid, answer });
/** The money moves, the answer says that it is not known, and then come callbacks. */
const called = (...callbacks: readonly CallbackPlan[]): Scenario => ({
  ...moved('timeout'),
  callbacks,
});
const outage = (kind: Scenario['outage']): Scenario => ({ ...plain, outage: kind });

export const scenarios = {
  executed: moved('true'),
  'insufficient-funds': { ...plain, draw: noFunds },
  'invalid-request': { ...plain, draw: { kind: 'declined', code: 'INVALID_REQUEST' } },
  unavailable: { ...plain, draw: { kind: 'unavailable' } },
  'timeout-moved': { ...plain, draw: { kind: 'timeout', moved: true } },
  'timeout-not-moved': { ...plain, draw: staysUnsaid },
  'silent-moved': moved('silent'),
  'silent-not-moved': unmoved('silent'),
  late: { ...unmoved('true'), arrival: 'late' },
  'late-after-inquiry': { ...unmoved('true'), arrival: 'late_after_inquiry' },
  slow: { ...plain, draw: moves, arrival: 'slow' },
  drip: moved('drip'),
  cut: moved('cut'),
  'hang-up': moved('hang_up'),
  garbled: moved('garbled'),
  huge: moved('huge'),
  surplus: moved('surplus'),
  'wrong-amount': moved('wrong_amount'),
  'wrong-currency': moved('wrong_currency'),
  'wrong-reference': moved('wrong_reference'),
  'server-error': unmoved('server_error'),
  'server-error-moved': moved('server_error'),
  'not-found': moved('says_not_found'),
  'dup-charges': { ...plain, deduplicates: false },
  'timeout-dup-charges': {
    ...plain,
    draw: { kind: 'timeout', moved: true },
    deduplicates: false,
  },
  'outage-refused': outage('refuses'),
  'outage-503': outage('answers_503'),
  'outage-hang-up': outage('hangs_up'),
  'callback-before': { ...plain, draw: moves, callbacks: [{ ...one, when: 'before' }] },
  'callback-after': { ...plain, draw: moves, callbacks: [one] },
  'callback-instead': { ...moved('silent'), callbacks: [one] },
  'callback-never': called(),
  'callback-five-times': called({ ...one, times: 5 }),
  'callback-out-of-order': called(one, { ...one, says: 'timeout', ageSeconds: 5 }),
  'callback-forged': {
    ...plain,
    draw: noFunds,
    callbacks: [{ ...one, when: 'before', says: 'executed', flaw: 'forged' }],
  },
  'callback-stale': called({ ...one, flaw: 'stale', ageSeconds: 3600 }),
  'callback-wrong-amount': called({ ...one, flaw: 'wrong_amount' }),
  'declined-then-paid': { ...moved('says_declined'), callbacks: [one] },
  'paid-then-declined': {
    ...plain,
    draw: moves,
    callbacks: [{ ...one, says: 'declined' }],
  },
  'paid-never-moved': { ...plain, draw: noFunds, answer: 'says_executed', callbacks: [one] },
} as const satisfies Readonly<Record<string, Scenario>>;

export type ScenarioName = keyof typeof scenarios;

export function isScenarioName(text: string): text is ScenarioName {
  return Object.hasOwn(scenarios, text);
}

/** They hold for every call, whatever its amount; a rule for one knows no count and no share. */
export const modes: readonly ScenarioName[] = ['dup-charges', 'outage-refused'];

/** Whether a call that asks for the outcome can be met by it. */
export function touchesInquiries(scenario: Scenario): boolean {
  const isSubmitsOnly = ['says_executed', 'says_declined', 'true'].includes(scenario.answer);
  return scenario.outage !== 'none' || scenario.arrival === 'slow' || !isSubmitsOnly;
}
