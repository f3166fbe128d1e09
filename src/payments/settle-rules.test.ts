import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  approved,
  declined,
  notFound,
  pending,
  retryable,
  unknown,
} from '../../test/support/scripted-bank.ts';
import { unreachable } from '../assert.ts';
import type { BankOutcome } from '../bank/bank.ts';
import { newPaymentId } from '../ids.ts';
import { type ContactPolicy, decideSettlement, type Settlement } from './settle-rules.ts';
import type { LockedState } from './settle-store.ts';
import type { WordSource } from './states.ts';

const now = new Date('2026-01-02T00:00:00.000Z');
const hourMs = 3_600_000;
const ago = (ms: number): Date => new Date(now.getTime() - ms);

const policy: ContactPolicy = {
  retryDelaysMs: [4_000, 16_000, 64_000],
  inquiryDelaysMs: [5_000, 30_000, 120_000, 600_000, hourMs],
  reviewInquiryDelayMs: 24 * hourMs,
  bank: { deduplicationWindowMs: 24 * hourMs, processingTimeMaxMs: 60_000, inquires: true },
};
const forgetful: ContactPolicy = {
  ...policy,
  bank: { ...policy.bank, deduplicationWindowMs: 0 },
};

/** A payment whose first claim, a submit, has just ended. */
function state(changes: Partial<LockedState> = {}): LockedState {
  return {
    id: newPaymentId(),
    status: 'PROCESSING',
    fence: 1,
    version: 2,
    submits: 1,
    inquiries: 0,
    claimsOpen: 1,
    unsure: false,
    deadlineAt: new Date(now.getTime() + 72 * hourMs),
    firstSubmitAt: ago(2_000),
    lastSubmitAt: ago(2_000),
    ...changes,
  };
}

interface Case {
  readonly outcome: BankOutcome;
  readonly contact?: WordSource;
  readonly state?: Partial<LockedState>;
  readonly policy?: ContactPolicy;
  readonly askedAgoMs?: number;
}

function decide(one: Case): Settlement {
  const row = state(one.state);
  return decideSettlement(
    {
      state: row,
      claim: { fence: 1, contact: one.contact ?? 'submit' },
      outcome: one.outcome,
      now,
      askedAgoMs: one.askedAgoMs ?? 10,
      random: 0.5,
    },
    one.policy ?? policy,
  );
}

/**
 * A settlement in a word: `submit 4000`, `fail BANK_UNAVAILABLE !BANK_UNAVAILABLE`, `review
 * !REVIEW`.
 */
function say(settlement: Settlement): string {
  const task =
    'task' in settlement && settlement.task !== null ? ` !${settlement.task.reason}` : '';
  switch (settlement.kind) {
    case 'succeed':
      return 'succeed';
    case 'fail':
      return `fail ${settlement.errorCode}${task}`;
    case 'contact_again':
      return `${settlement.contact} ${settlement.inMs}${settlement.unsure ? ' unsure' : ''}${task}`;
    case 'review':
      return `review ${settlement.inMs}${task}`;
    case 'overtaken':
      return settlement.contradiction === null
        ? 'overtaken'
        : `overtaken !${settlement.contradiction.ended}`;
    default:
      return unreachable(settlement);
  }
}

const unsure = { unsure: true } as const;
const past = { deadlineAt: now } as const;
const review = { status: 'PENDING_REVIEW', unsure: true, deadlineAt: ago(hourMs) } as const;
const exhausted = { submits: 4 } as const;
const longAgo = { firstSubmitAt: ago(25 * hourMs), lastSubmitAt: ago(25 * hourMs) } as const;
const processed = { lastSubmitAt: ago(60_011) } as const;
const inquire = { contact: 'inquire' } as const;

/** What DESIGN says of each outcome, in each standing. */
const table: readonly (readonly [title: string, one: Case, expected: string])[] = [
  ['an approved submit', { outcome: approved }, 'succeed'],
  ['an approved inquiry', { ...inquire, outcome: approved, state: unsure }, 'succeed'],
  ['approved in review', { ...inquire, outcome: approved, state: review }, 'succeed'],
  ['approved past the deadline', { outcome: approved, state: past }, 'succeed'],
  ['approved after lost claims', { outcome: approved, state: { claimsOpen: 4 } }, 'succeed'],

  ['a declined submit', { outcome: declined }, 'fail INSUFFICIENT_FUNDS'],
  ['a decline after an unsure submit', { outcome: declined, state: unsure }, 'inquire 5000 unsure'],
  [
    'a decline after a lost claim',
    { outcome: declined, state: { claimsOpen: 2 } },
    'inquire 5000 unsure',
  ],
  [
    'a declined inquiry',
    { ...inquire, outcome: declined, state: unsure },
    'fail INSUFFICIENT_FUNDS',
  ],
  [
    'declined in review',
    { ...inquire, outcome: declined, state: review },
    'fail INSUFFICIENT_FUNDS',
  ],
  [
    'an unsure decline past the deadline',
    { outcome: declined, state: { ...unsure, ...past } },
    'review 86400000 !REVIEW',
  ],

  ['retryable, submit 1', { outcome: retryable }, 'submit 4000'],
  ['retryable, submit 2', { outcome: retryable, state: { submits: 2 } }, 'submit 16000'],
  ['retryable, submit 3', { outcome: retryable, state: { submits: 3 } }, 'submit 64000'],
  [
    'retryable, submit 4',
    { outcome: retryable, state: exhausted },
    'fail BANK_UNAVAILABLE !BANK_UNAVAILABLE',
  ],
  [
    'retryable past the deadline',
    { outcome: retryable, state: past },
    'fail BANK_UNAVAILABLE !BANK_UNAVAILABLE',
  ],
  ['retryable while unsure', { outcome: retryable, state: unsure }, 'inquire 5000 unsure'],
  [
    'retryable, submit 4, unsure',
    { outcome: retryable, state: { ...unsure, ...exhausted } },
    'inquire 5000 unsure',
  ],
  [
    'retryable after a lost claim',
    { outcome: retryable, state: { claimsOpen: 2 } },
    'inquire 5000 unsure',
  ],
  [
    'retryable without deduplication',
    { outcome: retryable, policy: forgetful },
    'fail BANK_UNAVAILABLE !BANK_UNAVAILABLE',
  ],
  [
    'retryable, unsure, past the deadline',
    { outcome: retryable, state: { ...unsure, ...past } },
    'review 86400000 !REVIEW',
  ],

  ['unknown, submit 1', { outcome: unknown }, 'inquire 5000 unsure'],
  ['unknown, submit 4', { outcome: unknown, state: exhausted }, 'inquire 5000 unsure'],
  ['unknown past the deadline', { outcome: unknown, state: past }, 'review 86400000 !REVIEW'],
  [
    'unknown inquiry 1',
    { ...inquire, outcome: unknown, state: { ...unsure, inquiries: 1 } },
    'inquire 30000 unsure',
  ],
  [
    'unknown inquiry 4',
    { ...inquire, outcome: unknown, state: { ...unsure, inquiries: 4 } },
    'inquire 3600000 unsure',
  ],
  [
    'unknown inquiry 40',
    { ...inquire, outcome: unknown, state: { ...unsure, inquiries: 40 } },
    'inquire 3600000 unsure',
  ],
  ['unknown in review', { ...inquire, outcome: unknown, state: review }, 'inquire 86400000 unsure'],
  [
    'three lost claims',
    { ...inquire, outcome: unknown, state: { claimsOpen: 4 } },
    'inquire 5000 unsure !WORKER_LOST',
  ],

  [
    'pending',
    { ...inquire, outcome: pending, state: { ...unsure, inquiries: 2 } },
    'inquire 120000 unsure',
  ],
  [
    'pending past the deadline',
    { ...inquire, outcome: pending, state: { ...unsure, ...past } },
    'review 86400000 !REVIEW',
  ],
  ['pending in review', { ...inquire, outcome: pending, state: review }, 'inquire 86400000 unsure'],

  ['not found', { ...inquire, outcome: notFound, state: unsure }, 'submit 4000 unsure'],
  [
    'not found after submit 2',
    { ...inquire, outcome: notFound, state: { ...unsure, submits: 2 } },
    'submit 16000 unsure',
  ],
  [
    'not found, no submit left, too early',
    { ...inquire, outcome: notFound, state: { ...unsure, ...exhausted } },
    'inquire 5000 unsure',
  ],
  [
    'not found, no submit left, in the end',
    { ...inquire, outcome: notFound, state: { ...unsure, ...exhausted, ...processed } },
    'fail NOT_FOUND',
  ],
  [
    'not found outside the window',
    { ...inquire, outcome: notFound, state: { ...unsure, ...longAgo } },
    'fail NOT_FOUND',
  ],
  [
    'not found, the last submit still at work',
    {
      ...inquire,
      outcome: notFound,
      state: { ...unsure, firstSubmitAt: ago(25 * hourMs), lastSubmitAt: ago(1000) },
    },
    'inquire 5000 unsure',
  ],
  [
    'not found, asked while the last submit was at work',
    {
      ...inquire,
      outcome: notFound,
      askedAgoMs: 600_000,
      state: { ...unsure, ...exhausted, lastSubmitAt: ago(120_000) },
    },
    'inquire 5000 unsure',
  ],
  [
    'not found, a lost submit whose lease runs',
    {
      ...inquire,
      outcome: notFound,
      state: { ...unsure, ...exhausted, lastSubmitAt: new Date(now.getTime() + 20_000) },
    },
    'inquire 5000 unsure',
  ],
  [
    'not found after three lost claims',
    { ...inquire, outcome: notFound, state: { claimsOpen: 4 } },
    'inquire 5000 unsure !WORKER_LOST',
  ],
  [
    'not found without deduplication',
    { ...inquire, outcome: notFound, state: { ...unsure, ...processed }, policy: forgetful },
    'inquire 5000 unsure',
  ],
  [
    'not found without deduplication, a lost claim',
    { ...inquire, outcome: notFound, state: { claimsOpen: 2, ...processed }, policy: forgetful },
    'inquire 5000 unsure',
  ],
  [
    'not found without deduplication, past the deadline',
    { ...inquire, outcome: notFound, state: { ...unsure, ...past }, policy: forgetful },
    'review 86400000 !REVIEW',
  ],
  [
    'not found past the deadline, too early',
    { ...inquire, outcome: notFound, state: { ...unsure, ...past } },
    'review 86400000 !REVIEW',
  ],
  [
    'not found in review',
    { ...inquire, outcome: notFound, state: { ...review, ...longAgo } },
    'fail NOT_FOUND',
  ],
  [
    'not found in review, too early',
    { ...inquire, outcome: notFound, state: review },
    'inquire 86400000 unsure',
  ],
  [
    'not found in review without deduplication',
    { ...inquire, outcome: notFound, state: { ...review, ...longAgo }, policy: forgetful },
    'inquire 86400000 unsure',
  ],

  ['a newer claim', { outcome: approved, state: { fence: 2 } }, 'overtaken'],
  [
    'a newer claim than a callback',
    { contact: 'callback', outcome: approved, state: { fence: 2 } },
    'succeed',
  ],
  [
    'a newer claim than a statement',
    { contact: 'statement', outcome: declined, state: { ...unsure, fence: 2 } },
    'fail INSUFFICIENT_FUNDS',
  ],
  [
    'a newer claim than an operator',
    { contact: 'operator', outcome: approved, state: { fence: 2 } },
    'overtaken',
  ],
  ['an end that agrees', { outcome: approved, state: { status: 'SUCCESS' } }, 'overtaken'],
  [
    'approved, called failed',
    { outcome: approved, state: { status: 'FAILED' } },
    'overtaken !FAILED',
  ],
  [
    'declined, called successful',
    { outcome: declined, state: { status: 'SUCCESS' } },
    'overtaken !SUCCESS',
  ],
  [
    'not found, called successful',
    { ...inquire, outcome: notFound, state: { status: 'SUCCESS', ...processed } },
    'overtaken !SUCCESS',
  ],
  [
    'not found, called successful, asked too early',
    {
      ...inquire,
      outcome: notFound,
      askedAgoMs: 30_000,
      state: { status: 'SUCCESS', ...processed },
    },
    'overtaken',
  ],
  [
    'not found, called failed',
    { ...inquire, outcome: notFound, state: { status: 'FAILED' } },
    'overtaken',
  ],
  ['declined, called failed', { outcome: declined, state: { status: 'FAILED' } }, 'overtaken'],
  ['unknown after the end', { outcome: unknown, state: { status: 'FAILED' } }, 'overtaken'],
];

for (const [title, one, expected] of table)
  test(`${title}: ${expected}`, () => assert.equal(say(decide(one)), expected));
