/** What was started and must end, whatever happens: closed in reverse order. */
export interface Closing {
  readonly add: (name: string, close: () => Promise<void>) => void;
  /** Every one is tried; the first failure is thrown at the end. */
  readonly closeAll: () => Promise<void>;
}

export function openClosing(): Closing {
  let open: { readonly name: string; readonly close: () => Promise<void> }[] = [];
  return {
    add: (name, close) => {
      open.push({ name, close });
    },
    closeAll: async () => {
      const closing = open.toReversed();
      open = [];
      const failures: Error[] = [];
      for (const { name, close } of closing) {
        try {
          await close();
        } catch (error) {
          failures.push(new Error(`${name} did not end`, { cause: error }));
        }
      }
      if (failures[0] !== undefined) throw failures[0];
    },
  };
}
