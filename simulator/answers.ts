import type { InquiryResult } from './bank.ts';
import type { Order } from './order.ts';
import type { AnswerForm } from './scenarios.ts';
import type { Transfer } from './store.ts';
import type { SubmitResult } from './submit.ts';
import { unreachable } from './unreachable.ts';

/** What the bank says, and to whom it is a lie: docs/bank-contract.md. */
export interface Answer {
  readonly status: number;
  /** JSON, unless it is a text: that goes out as HTML, like a proxy's error page. */
  readonly body: object | string;
}

export function answerSubmit(order: Order, result: SubmitResult): Answer {
  const { reference } = order;
  switch (result.kind) {
    case 'recorded':
      return {
        status: result.transfer.status === 'declined' ? 422 : 200,
        body: describe(result.transfer),
      };
    case 'unavailable':
      return {
        status: 503,
        body: { code: 'UNAVAILABLE', message: 'nothing was done, submit again later', reference },
      };
    case 'timeout':
      return timeoutOf(reference);
    case 'conflict':
      return {
        status: 409,
        body: {
          code: 'REFERENCE_REUSED',
          message: 'this reference stands for a transfer of another kind, amount or currency',
          reference,
        },
      };
    default:
      return unreachable(result);
  }
}

export function answerInquiry(reference: string, result: InquiryResult): Answer {
  switch (result.kind) {
    case 'recorded':
      return { status: 200, body: describe(result.transfer) };
    case 'pending':
      return { status: 200, body: { status: 'pending', ...fieldsOf(result.order) } };
    case 'not_found':
      return {
        status: 404,
        body: { code: 'NOT_FOUND', message: 'no outcome under this reference', reference },
      };
    default:
      return unreachable(result);
  }
}

/** The same answer as a bank gives it that lies or breaks; forms of transport leave it true. */
export function falsify(answer: Answer, form: AnswerForm, about: Order | string): Answer {
  const reference = typeof about === 'string' ? about : about.reference;
  const order = typeof about === 'string' ? { reference } : fieldsOf(about);
  switch (form) {
    case 'wrong_amount':
      return replace(answer, 'amount', (amount) => (BigInt(amount) + 1n).toString());
    case 'wrong_currency':
      return replace(answer, 'currency', (currency) => (currency === 'EUR' ? 'USD' : 'EUR'));
    case 'wrong_reference':
      return replace(answer, 'reference', () => '0'.repeat(reference.length));
    case 'timeout':
      return timeoutOf(reference);
    case 'server_error':
      return brokenPage(500, 'Internal Server Error');
    case 'says_executed':
      return { status: 200, body: { status: 'executed', ...order, ...neverMade } };
    case 'says_declined':
      return { status: 422, body: { status: 'declined', ...order, code: 'INVALID_REQUEST' } };
    case 'says_not_found':
      return answerInquiry(reference, { kind: 'not_found' });
    case 'true':
    case 'silent':
    case 'drip':
    case 'cut':
    case 'hang_up':
    case 'garbled':
    case 'huge':
    case 'surplus':
      return answer;
    default:
      return unreachable(form);
  }
}

/** Undocumented, so that it says nothing of the money. */
export function brokenPage(status: number, words: string): Answer {
  return { status, body: `<html><body><h1>${status} ${words}</h1></body></html>` };
}

export function failure(status: number, code: string, message: string): Answer {
  return { status, body: { code, message } };
}

const neverMade = {
  bank_transaction_id: 'BT999999999999',
  executed_at: '2026-01-31T12:00:00.000Z',
};

function timeoutOf(reference: string): Answer {
  return {
    status: 504,
    body: { code: 'TIMEOUT', message: 'the outcome is not known yet, inquire', reference },
  };
}

/** Of an answer that has such a field. */
function replace(answer: Answer, field: string, change: (text: string) => string): Answer {
  const { status, body } = answer;
  const old = new Map<string, unknown>(typeof body === 'string' ? [] : Object.entries(body));
  const value = old.get(field);
  return typeof value === 'string'
    ? { status, body: { ...Object.fromEntries(old), [field]: change(value) } }
    : answer;
}

function describe(transfer: Transfer): object {
  const order = { status: transfer.status, ...fieldsOf(transfer) };
  if (transfer.status === 'declined') return { ...order, code: transfer.code };
  const { bank_transaction_id, executed_at } = transfer;
  return { ...order, bank_transaction_id, executed_at };
}

/** As the order was given: what it did not say is not said back. */
function fieldsOf(order: Order): object {
  const { reference, kind, amount, currency, original_reference } = order;
  const fields = { reference, kind, amount, currency };
  return original_reference === null ? fields : { ...fields, original_reference };
}
