import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { openBatcher, type Verdict } from './batcher.ts';

type Fate =
  | { readonly kind: 'done' }
  | { readonly kind: 'later'; times: number }
  | { readonly kind: 'culprit' }
  | { readonly kind: 'again'; times: number }
  | { readonly kind: 'fatal' };

class Thrown extends Error {
  readonly failure: 'culprit' | 'again' | 'fatal';
  constructor(failure: 'culprit' | 'again' | 'fatal') {
    super(failure);
    this.failure = failure;
  }
}

const times = fc.integer({ min: 1, max: 4 });
const fate: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Fate>({ kind: 'done' }) },
  { weight: 3, arbitrary: times.map((count): Fate => ({ kind: 'later', times: count })) },
  { weight: 1, arbitrary: fc.constant<Fate>({ kind: 'culprit' }) },
  { weight: 1, arbitrary: times.map((count): Fate => ({ kind: 'again', times: count })) },
  { weight: 1, arbitrary: fc.constant<Fate>({ kind: 'fatal' }) },
);

interface Item {
  readonly name: number;
  readonly fate: Fate;
}

/** What the group's members do to it, as a database would: the first one that fails fails all. */
function outcome(group: readonly Item[]): readonly Verdict<number>[] {
  for (const { fate: one } of group) {
    if (one.kind === 'culprit' || one.kind === 'fatal') throw new Thrown(one.kind);
    if (one.kind === 'again' && one.times > 0) {
      one.times -= 1;
      throw new Thrown('again');
    }
  }
  return group.map(({ name, fate: one }) => {
    if (one.kind !== 'later' || one.times === 0) return { done: name };
    one.times -= 1;
    return 'later';
  });
}

test('whatever the groups meet, every caller is told once, about its own item', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fate, { maxLength: 12 }), { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 8 }),
      async (waves, slots, groupMax) => {
        const batcher = openBatcher<Item, number>({
          name: 'schedule',
          slots,
          groupMax,
          waitingMax: 1000,
          flush: async (group) => {
            assert.ok(group.length >= 1 && group.length <= groupMax);
            await new Promise((resolve) => setImmediate(resolve));
            return outcome(group);
          },
          classify: (error) => (error instanceof Thrown ? error.failure : 'fatal'),
        });
        let name = 0;
        const told = new Map<number, number>();
        const all: Promise<void>[] = [];
        for (const wave of waves) {
          for (const one of wave) {
            const item = { name: name++, fate: { ...one } };
            const tell = (): Map<number, number> =>
              told.set(item.name, (told.get(item.name) ?? 0) + 1);
            all.push(
              batcher.submit(item).then(
                (result) => {
                  tell();
                  assert.equal(result, item.name);
                  assert.ok(one.kind !== 'culprit' && one.kind !== 'fatal');
                },
                (error: unknown) => {
                  tell();
                  assert.ok(error instanceof Thrown);
                  if (error.failure === 'culprit') assert.equal(one.kind, 'culprit');
                  if (one.kind === 'done') assert.equal(error.failure, 'fatal');
                },
              ),
            );
          }
          await new Promise((resolve) => setImmediate(resolve));
        }
        await Promise.all(all);
        await batcher.drained();
        assert.equal(batcher.load(), 0);
        assert.deepEqual([...told.values()], Array<number>(name).fill(1));
      },
    ),
    { numRuns: 60 },
  );
});
