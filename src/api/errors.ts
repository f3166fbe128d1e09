/**
 * Every word that the API answers with when it says no. `docs/errors.md` explains each one; a test
 * keeps the two lists equal. A code never changes its meaning: clients branch on it.
 */
export interface ErrorEntry {
  readonly status: number;
  /** The same for every occurrence. */
  readonly title: string;
  /** This occurrence; `{names}` are filled in. Safe for the public. */
  readonly detail: string;
  /** Where somebody else has already named the problem. */
  readonly type?: string;
}

const typeBase = 'https://tollgate.dev/errors#';

export const errors = {
  // ── 400: the request cannot be meant like this; nothing was stored (but see insufficient_funds)
  validation_failed: {
    status: 400,
    title: 'The request is not valid',
    detail: 'Some of what was sent is missing or not allowed; see "errors".',
  },
  malformed_json: {
    status: 400,
    title: 'The body is not JSON that we accept',
    detail: '{reason}',
  },
  malformed_request: {
    status: 400,
    title: 'The request is not well-formed HTTP',
    detail: 'The request could not be read.',
  },
  idempotency_key_missing: {
    status: 400,
    title: 'Idempotency-Key is missing',
    detail:
      'A request that moves money needs an Idempotency-Key header: a new one for a new payment.',
  },
  idempotency_key_invalid: {
    status: 400,
    title: 'Idempotency-Key is not valid',
    detail: 'Idempotency-Key {reason}.',
  },
  unknown_currency: {
    status: 400,
    title: 'Unknown currency',
    detail: 'The currency is not one of ISO 4217 that we know.',
  },
  no_account_in_currency: {
    status: 400,
    title: 'No account in this currency',
    detail: 'You have no account in {currency}.',
  },
  invalid_amount: {
    status: 400,
    title: 'The amount is not valid',
    detail: 'The amount {reason}.',
  },
  card_number_refused: {
    status: 400,
    title: 'Looks like a card number',
    detail: 'The text in "{field}" contains what looks like a card number; we do not store those.',
  },
  insufficient_funds: {
    status: 400,
    title: 'Insufficient funds',
    detail: 'The withdrawal of {amount} {currency} exceeds the available {available} {currency}.',
  },
  refund_exceeds_deposit: {
    status: 400,
    title: 'The refund exceeds its deposit',
    detail:
      'The refund of {amount} {currency} exceeds the {available} {currency} that the deposit has left.',
  },
  callback_unreadable: {
    status: 400,
    title: 'The callback cannot be read',
    detail: 'The callback is signed, but {reason}.',
  },
  callback_stale: {
    status: 400,
    title: 'The callback is too old',
    detail: 'The timestamp of the callback is more than 300 s away from our clock.',
  },
  statement_malformed: {
    status: 400,
    title: 'The statement is malformed',
    detail: 'Nothing of the statement was kept: see "errors" for the lines that are wrong.',
  },
  // ── 401 ────────────────────────────────────────────────────────────────────────────────────────
  token_missing: {
    status: 401,
    title: 'Not signed in',
    detail: 'Send an access token or an API key: Authorization: Bearer <token>.',
  },
  token_invalid: {
    status: 401,
    title: 'The access token is not valid',
    detail: 'The access token or API key is not one of ours.',
  },
  token_expired: {
    status: 401,
    title: 'The access token has expired',
    detail: 'The access token or API key has expired; refresh it, or sign in again.',
  },
  token_revoked: {
    status: 401,
    title: 'The access token was revoked',
    detail: 'The access token or API key no longer counts, or its user was deactivated.',
  },
  invalid_credentials: {
    status: 401,
    title: 'E-mail or password is wrong',
    detail: 'No active user has this e-mail and this password.',
  },
  refresh_token_refused: {
    status: 401,
    title: 'The refresh token does not count',
    detail: 'The refresh token is unknown, expired, used or revoked; sign in again.',
  },
  callback_not_signed: {
    status: 401,
    title: 'The callback is not signed',
    detail: 'X-Bank-Signature is not the lower-case hex HMAC-SHA256 of the body, or is missing.',
  },
  // ── 403 ────────────────────────────────────────────────────────────────────────────────────────
  password_wrong: {
    status: 403,
    title: 'The current password is wrong',
    detail: 'The current password is not this one.',
  },
  forbidden: {
    status: 403,
    title: 'Not allowed',
    detail: 'This needs {needed}.',
  },
  // ── 404 to 431 ─────────────────────────────────────────────────────────────────────────────────
  route_not_found: {
    status: 404,
    title: 'No such address',
    detail: 'There is nothing at this address.',
  },
  payment_not_found: {
    status: 404,
    title: 'No such payment',
    detail: 'There is no such payment, or it is not yours.',
  },
  callback_payment_unknown: {
    status: 404,
    title: 'No payment has this reference',
    detail: 'No payment at this bank has this transaction_id.',
  },
  user_not_found: {
    status: 404,
    title: 'No such user',
    detail: 'There is no such user, or it is not you.',
  },
  break_not_found: {
    status: 404,
    title: 'No such break',
    detail: 'There is no such break.',
  },
  reconciliation_run_not_found: {
    status: 404,
    title: 'No such reconciliation run',
    detail: 'There is no such reconciliation run.',
  },
  failed_task_not_found: {
    status: 404,
    title: 'No such failed task',
    detail: 'There is no such failed task.',
  },
  account_not_found: {
    status: 404,
    title: 'No such account',
    detail: 'There is no such account, or it is not yours.',
  },
  receiver_not_found: {
    status: 404,
    title: 'Nobody to pay',
    detail: 'There is no account with this id that takes money in this currency.',
  },
  webhook_endpoint_not_found: {
    status: 404,
    title: 'No such webhook endpoint',
    detail: 'There is no such webhook endpoint, or it is not yours.',
  },
  webhook_delivery_not_found: {
    status: 404,
    title: 'No such webhook delivery',
    detail: 'There is no such webhook delivery, or it is not yours.',
  },
  api_key_not_found: {
    status: 404,
    title: 'No such API key',
    detail: 'There is no such API key, or it is not yours.',
  },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
    detail: 'This address takes {allow}.',
  },
  request_timeout: {
    status: 408,
    title: 'The request took too long to arrive',
    detail: 'The request did not arrive in time.',
  },
  email_taken: {
    status: 409,
    title: 'E-mail is taken',
    detail: 'There is already a user with this e-mail.',
  },
  api_key_not_active: {
    status: 409,
    title: 'The API key cannot be rotated',
    detail: 'The API key was revoked, has expired, or was rotated before.',
  },
  too_many_api_keys: {
    status: 409,
    title: 'Too many API keys',
    detail: 'You have 50 API keys that count; revoke one first.',
  },
  too_many_webhook_endpoints: {
    status: 409,
    title: 'Too many webhook endpoints',
    detail: 'You have 20 webhook endpoints; delete one first.',
  },
  webhook_endpoint_disabled: {
    status: 409,
    title: 'The webhook endpoint is disabled',
    detail: 'Nothing is sent to a disabled endpoint; enable it first.',
  },
  last_administrator: {
    status: 409,
    title: 'The last administrator stays',
    detail: 'Somebody must be left who can decide who is who.',
  },
  callback_contradicts: {
    status: 409,
    title: 'The payment ended otherwise',
    detail: 'The payment has ended otherwise; nothing was changed, and somebody will look into it.',
  },
  callback_amount_differs: {
    status: 409,
    title: 'The amount is not that of the payment',
    detail: 'The payment has another amount or currency; nothing was changed.',
  },
  deposit_not_settled: {
    status: 409,
    title: 'The deposit has not succeeded',
    detail: 'Only a deposit that has succeeded can be given back; this one is {status}.',
  },
  payment_final: {
    status: 409,
    title: 'The payment is final',
    detail: 'The payment has ended, and its end never changes.',
  },
  payment_not_pending: {
    status: 409,
    title: 'The payment is under way or has ended',
    detail: 'Only a PENDING payment can be cancelled; this one is {status}.',
  },
  payment_in_contact: {
    status: 409,
    title: 'The bank is being asked',
    detail: 'The bank is being asked about this payment just now; try again in a few seconds.',
  },
  payment_in_review: {
    status: 409,
    title: 'The payment waits for a decision',
    detail: 'This task is the only trace of a payment in review: resolve the payment instead.',
  },
  payment_not_unknown: {
    status: 409,
    title: 'Nothing is unknown about the payment',
    detail: 'The bank was not asked yet, or certainly did nothing and will be asked again.',
  },
  failed_task_closed: {
    status: 409,
    title: 'The failed task is closed',
    detail: 'The failed task is closed; it opens by itself where the same happens again.',
  },
  failed_task_without_payment: {
    status: 409,
    title: 'The failed task names no payment',
    detail: 'What failed was no payment of ours, so there is nothing to ask the bank about.',
  },
  break_resolved: {
    status: 409,
    title: 'The break is resolved',
    detail: 'The break was resolved before; what was decided stays.',
  },
  break_superseded: {
    status: 409,
    title: 'The bank has said otherwise since',
    detail: 'There is a newer open break about this payment: correct that one, accept this one.',
  },
  payment_not_final: {
    status: 409,
    title: 'The payment has not ended',
    detail: 'A break about an unfinished payment is resolved by the end of that payment.',
  },
  reconciliation_running: {
    status: 409,
    title: 'A statement of this bank is at work',
    detail: 'One statement of a bank at a time: send it again when the other run is complete.',
  },
  cursor_gone: {
    status: 410,
    title: 'The feed does not go back so far',
    detail: 'What came after this cursor is not on offer any more: begin anew without a cursor.',
  },
  body_too_large: {
    status: 413,
    title: 'The body is too large',
    detail: 'A body may have {bytes} bytes here.',
  },
  statement_too_large: {
    status: 413,
    title: 'The statement is too large',
    detail: 'A statement may have {limit} MB.',
  },
  address_too_long: {
    status: 414,
    title: 'The address is too long',
    detail: 'A part of the address is longer than any of ours.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'Unsupported media type',
    detail: 'Send the body as application/json; a bank statement as text/csv or application/xml.',
  },
  idempotency_key_reused: {
    status: 422,
    title: 'Idempotency-Key was used for another request',
    detail: 'This key already stands for payment {payment}, which differs in: {differing}.',
  },
  rate_limit_exceeded: {
    status: 429,
    title: 'Too many requests',
    detail: 'Too many requests; try again in {seconds} s.',
    type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
  },
  too_many_streams: {
    status: 429,
    title: 'Too many event streams',
    detail: 'You have {limit} event streams open here; one can follow everything that is yours.',
  },
  headers_too_large: {
    status: 431,
    title: 'The headers are too large',
    detail: 'The headers together may have 16384 bytes.',
  },
  // ── 5xx ────────────────────────────────────────────────────────────────────────────────────────
  internal_error: {
    status: 500,
    title: 'Internal error',
    detail: 'Something went wrong on our side; it is in our log under this request id.',
  },
  overloaded: {
    status: 503,
    title: 'Too busy',
    detail: 'We are too busy to take this now; nothing was stored. Try again in {seconds} s.',
  },
  account_busy: {
    status: 503,
    title: 'The account is busy',
    detail: 'The account was busy for too long; nothing was stored. The same key is safe.',
  },
  database_away: {
    status: 503,
    title: 'The database is away',
    detail: 'Our database does not answer; nothing was stored. Try again soon.',
  },
  outcome_unknown: {
    status: 503,
    title: 'The outcome is not known',
    detail:
      'The request may have been stored. Send it again with the same key to find out; it is safe.',
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errors;

export function errorEntry(code: ErrorCode): ErrorEntry {
  return errors[code];
}

export function errorType(code: ErrorCode): string {
  return errorEntry(code).type ?? typeBase + code;
}
