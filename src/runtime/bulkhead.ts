/**
 * A bounded number of places, taken one by one in order of arrival. What waits for a place holds
 * nothing else, so a full bulkhead slows its own side and nobody else's.
 */
export interface Bulkhead {
  /** False: there is no place to wait for any more, it is closed or has none. */
  readonly take: () => Promise<boolean>;
  readonly giveBack: () => void;
  readonly taken: () => number;
  /** As many places from now on; with 0 whoever waits is turned away. Nobody loses a taken one. */
  readonly resize: (placesMax: number) => void;
  /** Turns away whoever waits, and resolves when every place is free. */
  readonly close: () => Promise<void>;
}

export function openBulkhead(initialPlacesMax: number): Bulkhead {
  let placesMax = initialPlacesMax;
  let taken = 0;
  let waiting: ((hasPlace: boolean) => void)[] = [];
  let served = 0;
  let isClosed = false;
  const onEmptied: (() => void)[] = [];

  function nextInLine(): ((hasPlace: boolean) => void) | undefined {
    const next = waiting[served];
    if (next === undefined) return undefined;
    served += 1;
    // Shifting a long array for every place would cost more than the work it lets in.
    if (served > 1024 && served * 2 > waiting.length) {
      waiting = waiting.slice(served);
      served = 0;
    }
    return next;
  }

  function turnAway(): void {
    for (let next = nextInLine(); next !== undefined; next = nextInLine()) next(false);
  }

  return {
    take: () => {
      if (isClosed || placesMax === 0) return Promise.resolve(false);
      if (taken < placesMax) {
        taken += 1;
        return Promise.resolve(true);
      }
      return new Promise((resolve) => waiting.push(resolve));
    },
    giveBack: () => {
      const next = taken <= placesMax ? nextInLine() : undefined;
      // The place passes from hand to hand: the count stays.
      if (next !== undefined) {
        next(true);
        return;
      }
      taken -= 1;
      if (taken === 0) for (const resolve of onEmptied.splice(0)) resolve();
    },
    taken: () => taken,
    resize: (places) => {
      placesMax = places;
      if (places === 0) turnAway();
      while (taken < placesMax) {
        const next = nextInLine();
        if (next === undefined) return;
        taken += 1;
        next(true);
      }
    },
    close: () => {
      isClosed = true;
      turnAway();
      return taken === 0 ? Promise.resolve() : new Promise((resolve) => onEmptied.push(resolve));
    },
  };
}
