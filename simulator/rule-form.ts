import { isKind, type Kind } from './order.ts';
import {
  isScenarioName,
  modes,
  type ScenarioName,
  scenarios,
  touchesInquiries,
} from './scenarios.ts';

/** A rule as it is posted to /control/scenario, defaults filled in. */
export interface RuleForm {
  readonly scenario: ScenarioName;
  readonly calls: 'submits' | 'inquiries' | 'all';
  /** Only submits of this kind; null is every kind. */
  readonly kind: Kind | null;
  /** How many calls it is for; null is all. */
  readonly count: number | null;
  /** Share of the calls, drawn with `seed` if that is given. */
  readonly share: number;
  readonly seed: number | null;
  /** For how long; null is until switched off. */
  readonly for_ms: number | null;
  readonly slow_ms: number | null;
  readonly late_ms: number | null;
  readonly drip_ms: number;
  readonly callback_delay_ms: number;
}

export type ParsedRules = { readonly rules: readonly RuleForm[] } | { readonly fault: string };

const rulesMax = 20;
export const dripMs = 50;
/** Long enough for a client to have settled by the answer when the callback contradicts it. */
export const callbackDelayMs = 500;
const hourMs = 3_600_000;

/** One rule, or a list of them. */
export function parseRules(given: unknown): ParsedRules {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (list.length > rulesMax) return { fault: `at most ${rulesMax} rules` };
  const rules: RuleForm[] = [];
  for (const [at, each] of list.entries()) {
    const parsed = parseRule(each);
    if (typeof parsed === 'string')
      return { fault: list.length === 1 ? parsed : `rule ${at + 1}: ${parsed}` };
    rules.push(parsed);
  }
  return { rules };
}

/** @returns the fault as text */
function parseRule(given: unknown): RuleForm | string {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return 'a rule is an object with a scenario';
  const fields = new Map<string, unknown>(Object.entries(given));
  const stranger = [...fields.keys()].find((name) => !fieldNames.has(name));
  if (stranger !== undefined)
    return `${stranger} is no field; there are ${[...fieldNames].join(', ')}`;
  const scenario = fields.get('scenario');
  if (typeof scenario !== 'string' || !isScenarioName(scenario))
    return `scenario must be one of ${Object.keys(scenarios).join(', ')}`;
  const numbers = readNumbers(fields);
  if (typeof numbers === 'string') return numbers;
  const { outage } = scenarios[scenario];
  const calls = fields.get('calls') ?? (outage === 'none' ? 'submits' : 'all');
  if (!isCalls(calls)) return 'calls must be submits, inquiries or all';
  if (calls === 'inquiries' && !touchesInquiries(scenarios[scenario]))
    return `${scenario} does nothing to inquiries`;
  const kind = fields.get('kind') ?? null;
  if (kind !== null && !isKind(kind)) return 'kind must be deposit, withdrawal or refund';
  const rule = { scenario, calls, kind, ...numbers };
  const isPartial = fields.has('calls') || kind !== null || rule.count !== null || rule.share < 1;
  if (modes.includes(scenario) && isPartial)
    return `${scenario} is for all calls: only for_ms goes with it`;
  return rule;
}

function isCalls(value: unknown): value is RuleForm['calls'] {
  return value === 'submits' || value === 'inquiries' || value === 'all';
}

type Numbers = Omit<RuleForm, 'scenario' | 'calls' | 'kind'>;

interface Bounds {
  readonly min: number;
  readonly max: number;
}

const bounds: Readonly<Record<keyof Numbers, Bounds>> = {
  count: { min: 1, max: 1_000_000 },
  share: { min: 0.000001, max: 1 },
  seed: { min: 0, max: 2 ** 32 - 1 },
  for_ms: { min: 1, max: 24 * hourMs },
  slow_ms: { min: 0, max: hourMs },
  late_ms: { min: 0, max: hourMs },
  drip_ms: { min: 1, max: 60_000 },
  callback_delay_ms: { min: 0, max: hourMs },
};

const fieldNames: ReadonlySet<string> = new Set([
  'scenario',
  'calls',
  'kind',
  ...Object.keys(bounds),
]);

/** @returns the fault as text */
function readNumbers(fields: ReadonlyMap<string, unknown>): Numbers | string {
  for (const [name, { min, max }] of Object.entries(bounds)) {
    const value = fields.get(name) ?? null;
    if (value === null) continue;
    const isWhole = name === 'share' || Number.isInteger(value);
    if (typeof value !== 'number' || !isWhole || value < min || value > max)
      return `${name} must be a ${name === 'share' ? 'share' : 'whole number'}, ${min} to ${max}`;
  }
  const read = (name: keyof Numbers): number | null => {
    const value = fields.get(name);
    return typeof value === 'number' ? value : null;
  };
  return {
    count: read('count'),
    share: read('share') ?? 1,
    seed: read('seed'),
    for_ms: read('for_ms'),
    slow_ms: read('slow_ms'),
    late_ms: read('late_ms'),
    drip_ms: read('drip_ms') ?? dripMs,
    callback_delay_ms: read('callback_delay_ms') ?? callbackDelayMs,
  };
}
