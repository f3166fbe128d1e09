import { scenarioOfAmount } from './amounts.ts';
import { type Answer, answerInquiry, answerSubmit, brokenPage, falsify } from './answers.ts';
import type { Bank } from './bank.ts';
import type { Callbacks, Notice, Word } from './callbacks.ts';
import type { Calls } from './calls.ts';
import type { Clock } from './clock.ts';
import type { LateArrivals } from './late.ts';
import type { Order } from './order.ts';
import { callbackDelayMs, dripMs, type RuleForm } from './rule-form.ts';
import type { Rules } from './rules.ts';
import type { AnswerForm, Scenario } from './scenarios.ts';
import type { SubmitResult } from './submit.ts';
import { unreachable } from './unreachable.ts';

/**
 * Between the wire and the bank: finds the scenario that a call is to meet, and brings it about. An
 * outage comes first, then what the amount of a transfer forces, then the other rules.
 */
export interface Desk {
  readonly submit: (order: Order, respond: Respond) => void;
  readonly inquire: (reference: string, respond: Respond) => void;
}

export interface Reply {
  readonly answer: Answer;
  readonly form: AnswerForm;
  readonly dripMs: number;
}

export type Respond = (reply: Reply) => void;

export interface DeskOptions {
  readonly bank: Bank;
  readonly rules: Rules;
  readonly calls: Calls;
  readonly callbacks: Callbacks;
  readonly late: LateArrivals;
  readonly clock: Clock;
  /** What "slow" and "late" are measured by where a rule does not say. */
  readonly delayMsMax: number;
}

interface Met extends Timing {
  /** Null: an ordinary call. */
  readonly scenario: Scenario | null;
}

type Timing = {
  readonly [name in 'slow_ms' | 'late_ms' | 'drip_ms' | 'callback_delay_ms']: number;
};

export function openDesk(options: DeskOptions): Desk {
  const { bank, rules, calls, late, clock } = options;
  return {
    submit: (order, respond) => {
      calls.note('submits', order.reference);
      const met = meetSubmit(options, order);
      const { scenario } = met;
      if (scenario !== null && scenario.outage !== 'none') {
        respond(replyOf(met, answerOutage(scenario), scenario.outage));
        return;
      }
      const submit = {
        order,
        forced: scenario?.draw ?? null,
        delayMs: scenario?.arrival === 'slow' ? met.slow_ms : null,
        deduplicates: scenario?.deduplicates !== false && !rules.isOn('dup-charges'),
        isCounted: true,
      };
      bank.submit(submit, (result, isOwnWork) => {
        const answer = answerSubmit(order, result);
        const send = (): void => respond(replyOf(met, falsifyFor(met, answer, order)));
        if (scenario === null || !isOwnWork) send();
        else void finish(options, { met, scenario, order, result, send });
      });
    },
    inquire: (reference, respond) => {
      calls.note('inquiries', reference);
      const picked = rules.pickOutage('inquiry') ?? rules.pick('inquiry');
      const met = timed(options, picked?.form ?? null, picked?.scenario ?? null);
      if (met.scenario !== null && met.scenario.outage !== 'none') {
        respond(replyOf(met, answerOutage(met.scenario), met.scenario.outage));
        return;
      }
      const work = (): void => {
        const result = bank.inquire(reference);
        if (result.kind === 'not_found') late.noteNotFound(reference);
        const answer = answerInquiry(reference, result);
        respond(replyOf(met, falsifyFor(met, answer, reference)));
      };
      if (met.scenario?.arrival === 'slow') clock.after(met.slow_ms, work);
      else work();
    },
  };
}

function meetSubmit(options: DeskOptions, order: Order): Met {
  const { rules, bank, calls } = options;
  const outage = rules.pickOutage(order.kind);
  if (outage !== null) return timed(options, outage.form, outage.scenario);
  if (order.amount.startsWith('7771')) {
    const { reference } = order;
    // What the books count outlives this process, what was called includes outages.
    const before = Math.max(bank.countSubmits(reference), calls.of(reference).submits - 1);
    const forced = scenarioOfAmount(order.amount, before);
    if (forced !== null) return timed(options, null, forced);
  }
  const picked = rules.pick(order.kind);
  return timed(options, picked?.form ?? null, picked?.scenario ?? null);
}

function timed({ delayMsMax }: DeskOptions, form: RuleForm | null, scenario: Scenario | null): Met {
  return {
    scenario,
    slow_ms: form?.slow_ms ?? Math.max(1000, 3 * delayMsMax),
    late_ms: form?.late_ms ?? Math.max(100, 0.3 * delayMsMax),
    drip_ms: form?.drip_ms ?? dripMs,
    callback_delay_ms: form?.callback_delay_ms ?? callbackDelayMs,
  };
}

interface Finished {
  readonly met: Met;
  readonly scenario: Scenario;
  readonly order: Order;
  readonly result: SubmitResult;
  readonly send: () => void;
}

/** Nothing here can fail: callbacks that nobody takes are on record. */
async function finish(options: DeskOptions, finished: Finished): Promise<void> {
  const { callbacks, clock, bank, late } = options;
  const { met, scenario, order, result, send } = finished;
  const notice = noticeOf(order, result);
  for (const plan of scenario.callbacks)
    if (plan.when === 'before') await callbacks.send(notice, plan);
  send();
  const after = scenario.callbacks.filter((plan) => plan.when === 'after');
  if (after.length > 0)
    clock.after(met.callback_delay_ms, () => void sendInTurn(callbacks, notice, after));
  if (scenario.arrival !== 'late' && scenario.arrival !== 'late_after_inquiry') return;
  late.hold({
    reference: order.reference,
    lateMs: met.late_ms,
    countsFrom: scenario.arrival === 'late' ? 'submit' : 'not_found',
    arrive: () => {
      const deduplicates = !options.rules.isOn('dup-charges');
      const arrival = { order, delayMs: 0, deduplicates, isCounted: false };
      bank.submit({ ...arrival, forced: { kind: 'executed' } }, () => {});
    },
  });
}

async function sendInTurn(
  callbacks: Callbacks,
  notice: Notice,
  plans: Scenario['callbacks'],
): Promise<void> {
  for (const plan of plans) await callbacks.send(notice, plan);
}

function noticeOf(order: Order, result: SubmitResult): Notice {
  const transfer = result.kind === 'recorded' ? result.transfer : null;
  return {
    order,
    truth: wordFor(result),
    bankTransactionId: transfer === null ? null : transfer.bank_transaction_id,
  };
}

function wordFor(result: SubmitResult): Word {
  switch (result.kind) {
    case 'recorded': {
      const { status, code } = result.transfer;
      if (status === 'executed') return { status: 'SUCCESS', errorCode: null };
      const isNamed = code === 'INSUFFICIENT_FUNDS';
      return { status: isNamed ? code : 'FAILED', errorCode: code };
    }
    case 'unavailable':
      return { status: 'UNAVAILABLE', errorCode: 'UNAVAILABLE' };
    case 'timeout':
      return { status: 'TIMEOUT', errorCode: 'TIMEOUT' };
    case 'conflict':
      return { status: 'FAILED', errorCode: 'REFERENCE_REUSED' };
    default:
      return unreachable(result);
  }
}

function falsifyFor({ scenario }: Met, answer: Answer, about: Order | string): Answer {
  return scenario === null ? answer : falsify(answer, scenario.answer, about);
}

function answerOutage({ outage }: Scenario): Answer {
  return brokenPage(503, outage === 'refuses' ? 'Refused' : 'Service Unavailable');
}

function replyOf(met: Met, answer: Answer, outage: Scenario['outage'] = 'none'): Reply {
  const form = outage === 'hangs_up' ? 'hang_up' : (met.scenario?.answer ?? 'true');
  return { answer, form, dripMs: met.drip_ms };
}
