import { parseArgs } from 'node:util';
import {
  type Arm,
  type Bench,
  type BenchMode,
  benchModes,
  describeMachine,
  fullScale,
  quickScale,
  type Scale,
} from './arm.ts';
import { accept } from './arms/accept.ts';
import { balance } from './arms/balance.ts';
import { distributed } from './arms/distributed.ts';
import { growth } from './arms/growth.ts';
import { hotAccount } from './arms/hot-account.ts';
import { latency } from './arms/latency.ts';
import { lists } from './arms/lists.ts';
import { slowBank } from './arms/slow-bank.ts';
import { sustained } from './arms/sustained.ts';
import { webhooks } from './arms/webhooks.ts';
import { type Closing, openClosing } from './closing.ts';
import { type Figure, json, round, table } from './report.ts';

/**
 * `npm run bench`: the figures of this project, each measured beside its yardstick in one run.
 * Exit code 0 where everything was measured, whether or not a goal was met; 1 where something broke
 * or money was not conserved; 2 not understood.
 */
const arms: readonly Arm[] = [
  accept,
  sustained,
  slowBank,
  latency,
  balance,
  lists,
  webhooks,
  hotAccount,
  growth,
  distributed,
];

const usage = `npm run bench -- [arm …] [--only arm] [--quick] [--json] [--repeats=n]
                    [--growth=millions] [--mode=embedded|distributed]

${arms.map((arm) => `  ${arm.name.padEnd(12)} ${arm.about}`).join('\n')}

  --quick      a short form that proves that the benchmark works; its speeds mean nothing
  --json       the last line is {"figures": [{"name", "value", "unit", "goal", "met"}]}
  --repeats=1  each side this often (3)
  --growth=1   also the growth arm, with this many million payments in the table
  --mode=distributed
               the same arms on an API and a worker with RabbitMQ and Redis, and "distributed"
`;

process.exit(await main());

async function main(): Promise<number> {
  const wanted = readArguments();
  if (wanted === null) {
    process.stderr.write(usage);
    return 2;
  }
  const { chosen, mode, scale, isJson } = wanted;
  // Where the last line is for a program, the story still goes where people look.
  const say = (line: string): void => console.log(line);
  const form = scale.isQuick ? ', short form' : '';
  say(`Tollgate benchmark on ${describeMachine()} (${mode}${form})`);
  const figures = await (scale.isQuick ? runTogether : runApart)(chosen, { mode, scale, say });
  if (figures === null) return 1;
  say(`\n${table(figures)}\n`);
  sayShortfalls(figures, say);
  if (isJson) console.log(json(figures));
  return 0;
}

interface Wanted {
  readonly chosen: readonly Arm[];
  readonly mode: BenchMode;
  readonly scale: Scale;
  readonly isJson: boolean;
}

/** Null: not understood. */
function readArguments(): Wanted | null {
  const { values, positionals } = parseWords();
  const names = [...positionals, ...values.only];
  const isUnknown = names.some((name) => !arms.some((arm) => arm.name === name));
  const base = values.quick ? quickScale : fullScale;
  const growthMillions = values.growth === undefined ? base.growthMillions : Number(values.growth);
  const repeats = values.repeats === undefined ? base.repeats : Number(values.repeats);
  const mode = benchModes.find((one) => one === values.mode);
  if (isUnknown || values.help || mode === undefined) return null;
  if (!(growthMillions > 0) || !(repeats >= 1)) return null;
  const isAskedFor = (arm: Arm): boolean =>
    (arm === growth && values.growth !== undefined) ||
    (arm === distributed && mode === 'distributed');
  const isWanted = (arm: Arm): boolean =>
    names.length > 0 ? names.includes(arm.name) : arm.isOptional !== true || isAskedFor(arm);
  return {
    chosen: arms.filter(isWanted),
    mode,
    scale: { ...base, repeats, growthMillions },
    isJson: values.json,
  };
}

function parseWords() {
  return parseArgs({
    allowPositionals: true,
    strict: true,
    options: {
      only: { type: 'string', multiple: true, default: [] },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      mode: { type: 'string', default: 'embedded' },
      repeats: { type: 'string' },
      growth: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
}

type Story = Omit<Bench, 'closing' | 'shared'>;

/** Each arm on a gateway of its own, which has ended before the next one starts. */
async function runApart(chosen: readonly Arm[], story: Story): Promise<readonly Figure[] | null> {
  const figures: Figure[] = [];
  for (const arm of chosen) {
    const measured = await closeAfter((closing) =>
      runArm(arm, { ...story, closing, shared: null }),
    );
    if (measured === null) return null;
    figures.push(...measured);
  }
  return figures;
}

/** The short form's speeds mean nothing, so they are told and not judged. */
function runTogether(chosen: readonly Arm[], story: Story): Promise<readonly Figure[] | null> {
  const shared = { world: null };
  return closeAfter(async (closing) => {
    const figures: Figure[] = [];
    for (const arm of chosen) figures.push(...(await runArm(arm, { ...story, closing, shared })));
    return figures.map((one) => ({ ...one, met: null }));
  });
}

/** A figure says by its name in which mode it was taken. */
async function runArm(arm: Arm, bench: Bench): Promise<readonly Figure[]> {
  bench.say(`\n${arm.name}: ${arm.about}`);
  const figures = await arm.run(bench);
  if (bench.mode === 'embedded' || arm === distributed) return figures;
  return figures.map((one) => ({ ...one, name: `distributed: ${one.name}` }));
}

/** Whatever happens, what was started has ended afterwards. Null: it broke, and that was said. */
async function closeAfter(
  run: (closing: Closing) => Promise<readonly Figure[]>,
): Promise<readonly Figure[] | null> {
  const closing = openClosing();
  const interruption = waitForSignal();
  try {
    const measured = run(closing);
    // After a signal nobody waits for it any more; what it was using is closed below.
    measured.catch(() => undefined);
    return await Promise.race([measured, interruption.signalled]);
  } catch (error) {
    console.error(error);
    return null;
  } finally {
    await closing.closeAll();
    interruption.forget();
  }
}

function waitForSignal(): { signalled: Promise<never>; forget: () => void } {
  const { promise, reject } = Promise.withResolvers<never>();
  const onSignal = (signal: NodeJS.Signals): void => reject(new Error(`${signal}: stopping`));
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signalled: promise,
    forget: () => {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}

function sayShortfalls(figures: readonly Figure[], say: (line: string) => void): void {
  const short = figures.filter((one) => one.met === false);
  const judged = figures.filter((one) => one.met !== null);
  if (judged.length > 0) say(`${judged.length - short.length} of ${judged.length} goals met.`);
  for (const { name, value, unit, goal } of short)
    say(`  falls short: ${name}: ${round(value)} ${unit}, goal ${goal}`);
}
