/** One page of a list, as its answer has it. */
export interface Page<Body> {
  readonly items: Body[];
  /** Null: nothing is left. */
  readonly next_cursor: string | null;
  readonly limit: number;
}

/** @param rows up to limit + 1: the one more says whether there is a next page */
export function pageOf<Row, Body>(
  rows: readonly Row[],
  limit: number,
  how: { readonly body: (row: Row) => Body; readonly cursor: (row: Row) => string },
): Page<Body> {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return {
    items: shown.map((row) => how.body(row)),
    next_cursor: last === undefined ? null : how.cursor(last),
    limit,
  };
}
