import type { Clock } from './clock.ts';
import type { Kind } from './order.ts';
import { type Random, seededRandom } from './random.ts';
import type { RuleForm } from './rule-form.ts';
import { modes, type Scenario, type ScenarioName, scenarios } from './scenarios.ts';

/** Which calls meet which scenario. Rules stand in an order; a call is for the first that fits. */
export interface Rules {
  /** Outages come before all else, so they are asked for first. Counts: once for each call. */
  readonly pickOutage: (call: CallKind) => Picked | null;
  /** The other scenarios. Counts likewise. */
  readonly pick: (call: CallKind) => Picked | null;
  /** Whether a mode (`dup-charges`, `outage-refused`) is on. */
  readonly isOn: (mode: ScenarioName) => boolean;
  /** In place of all that there are. */
  readonly replace: (forms: readonly RuleForm[]) => void;
  readonly describe: () => readonly RuleState[];
}

export type CallKind = Kind | 'inquiry';

export interface Picked {
  readonly form: RuleForm;
  readonly scenario: Scenario;
}

/** As GET /control shows it. */
export interface RuleState extends RuleForm {
  readonly remaining: number | null;
  readonly remaining_ms: number | null;
  readonly met: number;
}

export interface RulesOptions {
  readonly random: Random;
  readonly clock: Clock;
  /** Rules were replaced, or one has ended by its time. */
  readonly onChange: () => void;
}

interface Rule extends Picked {
  readonly random: Random;
  readonly endsAtMs: number | null;
  met: number;
}

export function openRules({ random, clock, onChange }: RulesOptions): Rules {
  let rules: readonly Rule[] = [];
  let timers: { readonly cancel: () => void }[] = [];

  const isOver = ({ form, endsAtMs, met }: Rule): boolean =>
    (form.count !== null && met >= form.count) || (endsAtMs !== null && clock.nowMs() >= endsAtMs);

  const pick = (call: CallKind, isOutage: boolean): Picked | null => {
    for (const rule of rules) {
      if ((rule.scenario.outage !== 'none') !== isOutage) continue;
      if (modes.includes(rule.form.scenario) || !isFor(rule.form, call) || isOver(rule)) continue;
      if (rule.form.share < 1 && rule.random() >= rule.form.share) continue;
      rule.met += 1;
      return rule;
    }
    return null;
  };

  return {
    pickOutage: (call) => pick(call, true),
    pick: (call) => pick(call, false),
    isOn: (mode) => rules.some((rule) => rule.form.scenario === mode && !isOver(rule)),
    replace: (forms) => {
      for (const timer of timers) timer.cancel();
      const nowMs = clock.nowMs();
      rules = forms.map((form) => ({
        form,
        scenario: scenarios[form.scenario],
        random: form.seed === null ? random : seededRandom(form.seed),
        endsAtMs: form.for_ms === null ? null : nowMs + form.for_ms,
        met: 0,
      }));
      timers = forms.flatMap((form) =>
        form.for_ms === null ? [] : [clock.after(form.for_ms, onChange)],
      );
      onChange();
    },
    describe: () =>
      rules.map(({ form, met, endsAtMs }) => ({
        ...form,
        met,
        remaining: form.count === null ? null : form.count - met,
        remaining_ms: endsAtMs === null ? null : Math.max(0, endsAtMs - clock.nowMs()),
      })),
  };
}

function isFor(form: RuleForm, call: CallKind): boolean {
  if (call === 'inquiry') return form.calls !== 'submits';
  return form.calls !== 'inquiries' && (form.kind === null || form.kind === call);
}
