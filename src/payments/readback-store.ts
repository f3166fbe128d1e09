import { statement, type Tx } from '../db/database.ts';
import type { PaymentId } from '../ids.ts';

const paymentsPresent = statement<{ present: number }>(
  'readback_present',
  'SELECT count(*)::int AS present FROM payments WHERE id = ANY($1::uuid[])',
);

export async function countPresent(tx: Tx, ids: readonly PaymentId[]): Promise<number> {
  const [row] = await tx.query(paymentsPresent, [ids]);
  return row?.present ?? 0;
}

// The smallest write there is: a record in the log, no table. Being transactional it gives its
// transaction an id, so COMMIT waits for disk and for synchronous standbys as any payment's does.
const markInLog = statement<Record<never, never>>(
  'readback_mark',
  `SELECT pg_logical_emit_message(true, 'tollgate', 'read-back'::text)`,
);

export const writeMark = (tx: Tx): Promise<unknown> => tx.query(markInLog, []);
