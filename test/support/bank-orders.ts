import { randomUUID } from 'node:crypto';

/** What a simulated bank is asked in its own tests, and how it answered: no gateway in between. */
export interface TestOrder {
  readonly reference: string;
  readonly [field: string]: unknown;
}

export interface BankAnswer {
  readonly status: number;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export function newOrder(fields: Readonly<Record<string, unknown>> = {}): TestOrder {
  const reference = randomUUID().replaceAll('-', '');
  return { reference, kind: 'deposit', amount: '100', currency: 'USD', ...fields };
}

/** @throws where no whole answer came */
export async function submitOrder(
  url: string,
  order: TestOrder,
  signal?: AbortSignal,
): Promise<BankAnswer> {
  const init = { method: 'POST', body: JSON.stringify(order), signal: signal ?? null };
  return read(await fetch(`${url}/v1/transfers`, init));
}

export async function inquireOrder(url: string, { reference }: TestOrder): Promise<BankAnswer> {
  return getFrom(url, `/v1/transfers/${reference}`);
}

export async function getFrom(url: string, path: string): Promise<BankAnswer> {
  return read(await fetch(url + path));
}

async function read(response: Response): Promise<BankAnswer> {
  const text = await response.text();
  return { status: response.status, text, body: parseObject(text) };
}

/** What is no JSON object has no fields. */
function parseObject(text: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}
