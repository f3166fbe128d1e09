/** What a payment's change is called, of each kind. */
const outcomes = ['created', 'succeeded', 'failed', 'review'] as const;
const kinds = ['deposit', 'withdrawal', 'transfer', 'refund', 'correction'] as const;

/**
 * Every type that an endpoint can ask for. That a payment is being processed is no message: whoever
 * wants to watch follows the feed.
 */
export const eventTypes: readonly string[] = [
  ...kinds.flatMap((kind) => outcomes.map((outcome) => `${kind}.${outcome}`)),
  'endpoint.disabled',
];

/** Sent on request, to one endpoint, whatever it asks for. */
export const testType = 'test.ping';

export const disabledType = 'endpoint.disabled';

/** What stands for a family: `deposit.*`. */
export const eventFamilies: readonly string[] = kinds.map((kind) => `${kind}.*`);

/**
 * The filter as it is stored: families written out, so that the database compares words only. Null,
 * or every type: all, also those that a later release adds.
 * @returns undefined where a word is none of ours
 */
export function parseEventTypes(
  words: readonly string[] | null,
): readonly string[] | null | undefined {
  if (words === null) return null;
  const wanted = new Set<string>();
  for (const word of words) {
    const found = word.endsWith('.*')
      ? eventTypes.filter((type) => type.startsWith(word.slice(0, -1)))
      : eventTypes.filter((type) => type === word);
    if (found.length === 0) return undefined;
    for (const type of found) wanted.add(type);
  }
  return eventTypes.filter((type) => wanted.has(type));
}
