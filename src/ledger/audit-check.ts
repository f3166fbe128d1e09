/** One fact about the books, as the statement that finds what breaks it. */
export interface Check {
  readonly name: string;
  /** Rows that break it, as `detail`. */
  readonly sql: string;
}
