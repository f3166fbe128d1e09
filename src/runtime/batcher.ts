import { Overloaded } from './overloaded.ts';

/**
 * Turns concurrent calls into groups that commit together, and gives each caller its own answer.
 *
 * A group is flushed whenever a slot is free and gathers while all are busy: there is no timer, so
 * an idle batcher flushes at once (after the event loop's current turn, whose requests share a
 * group). A caller who gives up never cancels the group.
 */
export interface Batcher<Item, Result> {
  /** @throws Overloaded when the waiting room is full; whatever the flush threw for this item */
  readonly submit: (item: Item) => Promise<Result>;
  /** Items waiting and in flight. */
  readonly load: () => number;
  /** Resolves when nothing waits and nothing is in flight. */
  readonly drained: () => Promise<void>;
}

/** `later`: not in this group (its account is taken, say); it joins a later one. */
export type Verdict<Result> = { readonly done: Result } | 'later';

/** What a failed flush means for its group. */
export type FlushFailure =
  /** One item is at fault: halve until it stands alone. */
  | 'culprit'
  /** The group met another one: run it again, a few times, then one by one. */
  | 'again'
  /** Nothing to be done here: every caller is told. */
  | 'fatal';

export interface BatcherOptions<Item, Result> {
  readonly name: string;
  /** Groups in flight at one time. Two: one gathers while the other commits. */
  readonly slots: number;
  /** Items in a group. Beyond 500, groups were slower and doubled the 99th percentile. */
  readonly groupMax: number;
  /** Items waiting; the next is refused. */
  readonly waitingMax: number;
  /** One verdict per item, in order. Rejects only if nothing of the group was written. */
  readonly flush: (group: readonly Item[]) => Promise<readonly Verdict<Result>[]>;
  readonly classify: (error: unknown) => FlushFailure;
  readonly onGroup?: (size: number) => void;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** Attempts of one group that keeps meeting others, before its items run one by one. */
const againMax = 3;
/** A postponed item waits for another group to end, but not longer than this: */
const postponeBusyMs = 25;
/** and only this long where no group is under way: its account is taken by another process. */
const postponeMs = 5;
const overloadedRetrySeconds = 1;

export function openBatcher<Item, Result>(
  options: BatcherOptions<Item, Result>,
): Batcher<Item, Result> {
  let waiting: Waiting<Item, Result>[] = [];
  /** Postponed by the group that is ending now; then, `ripe`, waiting for another to end. */
  let postponed: Waiting<Item, Result>[] = [];
  let ripe: Waiting<Item, Result>[] = [];
  let busySlots = 0;
  let inFlight = 0;
  let isScheduled = false;
  let postponeTimer: NodeJS.Timeout | null = null;
  const onDrained: (() => void)[] = [];

  const load = (): number => waiting.length + postponed.length + ripe.length + inFlight;

  function schedule(): void {
    if (isScheduled || waiting.length === 0 || busySlots >= options.slots) return;
    isScheduled = true;
    setImmediate(start);
  }

  function start(): void {
    isScheduled = false;
    if (waiting.length === 0 || busySlots >= options.slots) return;
    const group = takeGroup();
    busySlots += 1;
    inFlight += group.length;
    options.onGroup?.(group.length);
    void run(group).finally(() => {
      busySlots -= 1;
      inFlight -= group.length;
      rejoin(postponed.length < group.length);
      if (load() === 0) for (const resolve of onDrained.splice(0)) resolve();
    });
    schedule();
  }

  function takeGroup(): readonly Waiting<Item, Result>[] {
    if (waiting.length <= options.groupMax) {
      const all = waiting;
      waiting = [];
      return all;
    }
    return waiting.splice(0, options.groupMax);
  }

  /** Never rejects: every item of the group gets its answer. */
  async function run(group: readonly Waiting<Item, Result>[]): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        answer(group, await options.flush(group.map((one) => one.item)));
        return;
      } catch (error) {
        const failure = options.classify(error);
        if (failure === 'again' && attempt < againMax) continue;
        if (failure === 'fatal' || group.length === 1) {
          for (const one of group) one.reject(error);
          return;
        }
        await runParts(failure === 'again' ? group.map((one) => [one]) : halve(group));
        return;
      }
    }
  }

  async function runParts(parts: readonly (readonly Waiting<Item, Result>[])[]): Promise<void> {
    for (const part of parts) await run(part);
  }

  function answer(
    group: readonly Waiting<Item, Result>[],
    verdicts: readonly Verdict<Result>[],
  ): void {
    group.forEach((one, index) => {
      const verdict = verdicts[index];
      if (verdict === undefined) one.reject(new Error(`${options.name} gave an item no verdict`));
      else if (verdict === 'later') postponed.push(one);
      else one.resolve(verdict.done);
    });
  }

  /**
   * A group has ended. Where it got anything done it has freed what others waited for, so what was
   * postponed before joins the next group. What this one postponed waits for the next to end: to
   * run at once would only find the same lock again.
   */
  function rejoin(gotDone: boolean): void {
    if (gotDone) gatherRipe();
    ripe = ripe.concat(postponed);
    postponed = [];
    if (ripe.length > 0 && postponeTimer === null)
      postponeTimer = setTimeout(
        () => {
          postponeTimer = null;
          gatherRipe();
        },
        busySlots > 0 ? postponeBusyMs : postponeMs,
      );
    schedule();
  }

  function gatherRipe(): void {
    waiting = waiting.concat(ripe);
    ripe = [];
    schedule();
  }

  return {
    submit: (item) =>
      new Promise<Result>((resolve, reject) => {
        if (waiting.length + postponed.length + ripe.length >= options.waitingMax) {
          reject(new Overloaded(options.name, overloadedRetrySeconds));
          return;
        }
        waiting.push({ item, resolve, reject });
        schedule();
      }),
    load,
    drained: () =>
      load() === 0 ? Promise.resolve() : new Promise<void>((resolve) => onDrained.push(resolve)),
  };
}

function halve<T>(group: readonly T[]): readonly (readonly T[])[] {
  const middle = Math.ceil(group.length / 2);
  return [group.slice(0, middle), group.slice(middle)];
}
