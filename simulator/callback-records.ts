import type { Clock } from './clock.ts';

/** One attempt at one callback, and what the receiver answered. */
export interface CallbackRecord {
  readonly event_id: string;
  readonly reference: string;
  readonly status: string;
  readonly flaw: string;
  readonly url: string;
  readonly attempt: number;
  /** When the answer came or was given up. */
  readonly ended_at: string;
  /** Null: there was none. */
  readonly answer_status: number | null;
  readonly answer: string | null;
  readonly error: string | null;
}

export interface CallbackRecords {
  readonly note: (record: Omit<CallbackRecord, 'ended_at'>) => void;
  /** Oldest first. */
  readonly list: (reference: string | null) => readonly CallbackRecord[];
  readonly clear: () => void;
}

/** The oldest half goes when there are so many. */
const recordsMax = 10_000;

export function keepRecords(clock: Clock): CallbackRecords {
  let records: CallbackRecord[] = [];
  return {
    note: (record) => {
      records.push({ ...record, ended_at: clock.timestamp() });
      if (records.length >= recordsMax) records = records.slice(recordsMax / 2);
    },
    list: (reference) =>
      records.filter((record) => reference === null || record.reference === reference),
    clear: () => {
      records = [];
    },
  };
}
