import { openDatabase } from '../src/db/external.ts';
import { audit } from '../src/ledger/audit.ts';
import { poll } from '../src/runtime/poll.ts';
import { openLog } from '../src/telemetry/log.ts';
import { type Movement, movementsOf } from './bank.ts';
import type { BenchGateway } from './gateway.ts';
import { withClient } from './people.ts';

/** Money was not conserved: the benchmark fails, whatever the speed. */
export class MoneyLost extends Error {
  override readonly name = 'MoneyLost';
}

/** What the proof looks at; one gateway process or several. */
export type Books = Pick<BenchGateway, 'url' | 'log' | 'bankPort'>;

/** Payments of other origin (a seeded history) never went to the bank. */
export const seededBank = 'seeded';

const drainDeadlineMs = 120_000;

/** Resolves when every payment is final. */
export async function awaitDrained(gateway: Books): Promise<void> {
  const isDrained = await withClient(gateway.url('owner'), (client) =>
    poll(
      async () => {
        const { rowCount } = await client.query(
          'SELECT FROM payment_state WHERE due_at IS NOT NULL LIMIT 1',
        );
        return rowCount === 0 ? true : null;
      },
      { everyMs: 20, deadlineMs: drainDeadlineMs },
    ),
  );
  if (isDrained === null) throw new Error(`payments are unfinished: ${gateway.log()}`);
}

export interface MoneyCheck {
  /** Waits until all is final, then proves the books and compares them with the bank's. */
  readonly prove: () => Promise<void>;
}

/** Each movement is looked at once, however often the proof is asked for. */
export function openMoneyCheck(gateway: Books): MoneyCheck {
  let lastSequence = 0;
  let movementsSeen = 0;
  return {
    prove: async () => {
      await awaitDrained(gateway);
      await proveBooks(gateway);
      for await (const page of movementsOf(gateway.bankPort, lastSequence)) {
        await proveMovements(gateway, page.movements);
        lastSequence = page.lastSequence;
        movementsSeen += page.movements.length;
      }
      const succeeded = await countSucceeded(gateway);
      if (succeeded !== movementsSeen)
        throw new MoneyLost(`${succeeded} payments succeeded, the bank moved ${movementsSeen}`);
    },
  };
}

async function proveBooks(gateway: Books): Promise<void> {
  const database = await openDatabase({
    url: gateway.url('app'),
    connectionsMax: 4,
    groupConnections: 1,
    log: openLog({ level: 'warn', format: 'json', process: 'bench' }),
  });
  try {
    const { faults } = await audit(database);
    if (faults.length === 0) return;
    const shown = faults.slice(0, 5).map(({ check, detail }) => `${check}: ${detail}`);
    throw new MoneyLost(`the audit found ${faults.length} faults\n${shown.join('\n')}`);
  } finally {
    await database.close();
  }
}

/** Every movement of the bank is one successful payment of the same kind, amount and currency. */
async function proveMovements(gateway: Books, movements: readonly Movement[]): Promise<void> {
  await withClient(gateway.url('owner'), async (client) => {
    const { rows } = await client.query<{ reference: string }>(
      `SELECT m.reference
         FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[])
                AS m (reference, kind, amount, currency)
         LEFT JOIN payments p ON p.id = m.reference AND p.kind = m.kind
                             AND p.amount = m.amount AND p.currency = m.currency
         LEFT JOIN payment_state s ON s.payment_id = p.id AND s.status = 'SUCCESS'
        WHERE s.payment_id IS NULL`,
      [
        movements.map((one) => one.reference),
        movements.map((one) => one.kind),
        movements.map((one) => one.amount),
        movements.map((one) => one.currency),
      ],
    );
    const [first] = rows;
    if (first !== undefined)
      throw new MoneyLost(`the bank moved ${first.reference}, which did not succeed here`);
  });
}

async function countSucceeded(gateway: Books): Promise<number> {
  return withClient(gateway.url('owner'), async (client) => {
    const { rows } = await client.query<{ succeeded: string }>(
      `SELECT count(*) AS succeeded FROM payment_state s
        WHERE s.status = 'SUCCESS'
          AND NOT EXISTS (SELECT FROM payments p WHERE p.id = s.payment_id AND p.bank = $1)`,
      [seededBank],
    );
    return Number(rows[0]?.succeeded);
  });
}
