/**
 * In:   words about payments that did not come from our own contact with the bank: its callback,
 *       its statement, or an operator's decision.
 * Out:  an unfinished payment is claimed (fence + 1) and goes through settle with that word as its
 *       attempt; a final one is left as it is, and where the bank says otherwise a break is
 *       recorded. Whoever asks the bank just now is overtaken: its answer becomes an attempt too.
 * If we die here: before the claim nothing happened; after it the lease ends and `recover` asks the
 *       bank. The same word again finds the payment final and agrees.
 *
 * A payment that the bank was never asked about (PENDING): a callback or a statement is the bank's
 * own word and ends it (we may have lost the record of a submit with a database, never the bank its
 * own); an operator's is refused, because nothing is unknown yet. An operator also waits for a
 * contact that is under way.
 */
import { unreachable } from '../assert.ts';
import type { DoneBy } from '../audit-log/append.ts';
import type { BankOutcome } from '../bank/bank.ts';
import { type Database, DatabaseAway, OutcomeUnknown, readNow } from '../db/database.ts';
import { newBreakId, type PaymentId } from '../ids.ts';
import { recordBreaks } from '../ledger/breaks-store.ts';
import { Overloaded } from '../runtime/overloaded.ts';
import type { Logger } from '../telemetry/log.ts';
import { claimForWords, type Standing } from './resolve-store.ts';
import type { Settle, SettleResult } from './settle.ts';
import { toBreak } from './settle-rows.ts';
import type { Contradiction } from './settle-rules.ts';
import { isFinal, type OutsideSource } from './states.ts';

export type OutsideOutcome = Extract<BankOutcome, { readonly kind: 'approved' | 'declined' }>;

/** One word about one payment. The evidence is kept in `attempts`, and shown. */
export interface OutsideWord {
  readonly paymentId: PaymentId;
  readonly source: OutsideSource;
  readonly outcome: OutsideOutcome;
  /** Of an operator: who, and why; on record in the same transaction. */
  readonly decision?: DoneBy;
}

export type ResolveResult =
  | { readonly kind: 'settled'; readonly status: 'SUCCESS' | 'FAILED' }
  /** `agrees: false`: the books stay; a bank's word against them is an open break. */
  | {
      readonly kind: 'already_final';
      readonly status: 'SUCCESS' | 'FAILED';
      readonly agrees: boolean;
      readonly bankTransactionId: string | null;
    }
  /** The word is not recorded: bring it again. */
  | { readonly kind: 'not_yet'; readonly reason: NotYet }
  | { readonly kind: 'not_found' };

export type NotYet =
  /** Nothing is unknown: the bank was never asked. */
  | 'never_submitted'
  /** Its answer comes within a lease, and may be better than a human's guess. */
  | 'contact_under_way'
  /** Its account, or the payment itself, was taken by others for too long. */
  | 'busy';

export interface Resolve {
  /** One answer per word, in order. Several words about one payment are taken one after another. */
  readonly resolve: (words: readonly OutsideWord[]) => Promise<readonly ResolveResult[]>;
}

export interface ResolveOptions {
  readonly database: Pick<Database, 'keyed' | 'transaction'>;
  readonly settle: Settle['settle'];
  readonly monotonic: () => number;
  readonly log: Logger;
  /** From the first claim to review, for a payment that was never claimed. */
  readonly deadlineMs: number;
}

/** Long enough for a settle group that waits for its account; nobody calls a bank meanwhile. */
const leaseMs = 10_000;
/** As many as settle takes in one group. */
const wordsMax = 500;
/** Overtaken, or ended by another word: looked at again, and found final at the latest. */
const roundsMax = 4;

export function openResolve(options: ResolveOptions): Resolve {
  return {
    resolve: async (words) => {
      const results = new Map<OutsideWord, ResolveResult>();
      let left = words;
      while (left.length > 0) {
        const { turn, rest } = nextTurn(left);
        for (const [word, result] of await resolveTurn(options, turn)) results.set(word, result);
        left = rest;
      }
      return words.map((word) => results.get(word) ?? busy);
    },
  };
}

const busy: ResolveResult = { kind: 'not_yet', reason: 'busy' };

/** At most one word per payment, and as many as a group takes. */
function nextTurn(words: readonly OutsideWord[]): {
  readonly turn: readonly OutsideWord[];
  readonly rest: readonly OutsideWord[];
} {
  const named = new Set<PaymentId>();
  const turn: OutsideWord[] = [];
  const rest: OutsideWord[] = [];
  for (const word of words) {
    if (turn.length === wordsMax || named.has(word.paymentId)) rest.push(word);
    else {
      named.add(word.paymentId);
      turn.push(word);
    }
  }
  return { turn, rest };
}

type Results = ReadonlyMap<OutsideWord, ResolveResult>;

async function resolveTurn(
  options: ResolveOptions,
  words: readonly OutsideWord[],
): Promise<Results> {
  const results = new Map<OutsideWord, ResolveResult>();
  let open = words;
  for (let round = 1; open.length > 0 && round <= roundsMax; round += 1) {
    const overtaken: OutsideWord[] = [];
    for (const [word, result] of await resolveRound(options, open)) {
      if (result === 'overtaken') overtaken.push(word);
      else results.set(word, result);
    }
    open = overtaken;
  }
  return results;
}

async function resolveRound(
  options: ResolveOptions,
  words: readonly OutsideWord[],
): Promise<readonly (readonly [OutsideWord, ResolveResult | 'overtaken'])[]> {
  const sentAt = options.monotonic();
  const { deadlineMs } = options;
  const rows = await claimForWords(options.database.keyed, words, { leaseMs, deadlineMs });
  const standings = new Map(rows.map((row) => [row.id, row]));
  return Promise.all(
    words.map(async (word) => {
      const standing = standings.get(word.paymentId);
      return [word, await resolveOne(options, word, standing, sentAt + leaseMs)] as const;
    }),
  );
}

async function resolveOne(
  options: ResolveOptions,
  word: OutsideWord,
  standing: Standing | undefined,
  leaseEndsAt: number,
): Promise<ResolveResult | 'overtaken'> {
  if (standing === undefined) return { kind: 'not_found' };
  if (standing.claimed) return settleWord(options, word, standing, leaseEndsAt);
  if (isFinal(standing.status)) return compareFinal(options, word, standing, standing.status);
  const wasAsked = standing.submits > 0 || standing.status === 'PENDING_REVIEW';
  const reason = wasAsked ? 'contact_under_way' : 'never_submitted';
  return { kind: 'not_yet', reason };
}

async function settleWord(
  options: ResolveOptions,
  { source, outcome, decision }: OutsideWord,
  standing: Standing,
  leaseEndsAt: number,
): Promise<ResolveResult | 'overtaken'> {
  const toldAt = options.monotonic();
  const claim = { ...standing, contact: source };
  const decided = decision === undefined ? {} : { decision };
  const settled = await options
    .settle({ claim, outcome, startedAt: toldAt, endedAt: toldAt, leaseEndsAt, ...decided })
    .catch((error: unknown): SettleResult => {
      // The claim's lease has the bank asked; whoever brought the word brings it again.
      const isPassing =
        error instanceof DatabaseAway ||
        error instanceof OutcomeUnknown ||
        error instanceof Overloaded;
      if (!isPassing) throw error;
      options.log.warn({ payment_id: claim.id, error: error.message }, 'a word is not on record');
      return { kind: 'too_late' };
    });
  switch (settled.kind) {
    case 'succeed':
      return { kind: 'settled', status: 'SUCCESS' };
    case 'fail':
      return { kind: 'settled', status: 'FAILED' };
    case 'overtaken':
      return 'overtaken';
    case 'too_late':
    // Its account has no room for it: put before a human.
    case 'contact_again':
    case 'review':
      return busy;
    default:
      return unreachable(settled);
  }
}

async function compareFinal(
  options: ResolveOptions,
  word: OutsideWord,
  standing: Standing,
  status: 'SUCCESS' | 'FAILED',
): Promise<ResolveResult> {
  const bankMoved = word.outcome.kind === 'approved';
  const agrees = bankMoved === (status === 'SUCCESS');
  if (!agrees && word.source !== 'operator')
    await recordContradiction(options, word, standing, { ended: status, bankMoved });
  const { bankTransactionId } = standing;
  return { kind: 'already_final', status, agrees, bankTransactionId };
}

/** As settle does for a late worker's word. Told again it is the same break. */
async function recordContradiction(
  { database, monotonic, log }: ResolveOptions,
  { source, outcome }: OutsideWord,
  standing: Standing,
  contradiction: Contradiction,
): Promise<void> {
  const toldAt = monotonic();
  const found = toBreak(newBreakId)({
    contacted: {
      claim: { ...standing, contact: source },
      outcome,
      startedAt: toldAt,
      endedAt: toldAt,
      leaseEndsAt: toldAt,
    },
    settlement: { kind: 'overtaken', contradiction },
  });
  const added = await database.transaction(async (tx) =>
    recordBreaks(tx, found, await readNow(tx)),
  );
  if (added.length > 0)
    log.error(
      { payment_id: standing.id, status: contradiction.ended, source, bank_said: outcome.evidence },
      'the bank contradicts a final payment: see its break',
    );
}
