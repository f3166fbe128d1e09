import { StartRefused } from '../refused.ts';
import { type Queryable, statement } from './database.ts';

const readDurability = statement<{ fsync: string; full_page_writes: string; commit: string }>(
  'durability',
  `SELECT current_setting('fsync') AS fsync,
          current_setting('full_page_writes') AS full_page_writes,
          current_setting('synchronous_commit') AS commit`,
);

/**
 * An accepted payment is on disk when we say 202: a server that is set otherwise stops the start.
 * Asked through the application's own connection, because a role can have its own settings.
 * @throws StartRefused
 */
export async function assertDurability(database: Queryable): Promise<void> {
  const [row] = await database.query(readDurability, []);
  const off = [
    ...(row?.fsync === 'on' ? [] : ['fsync']),
    ...(row?.full_page_writes === 'on' ? [] : ['full_page_writes']),
    // `local` and `remote_…` wait for our own disk too; only `off` does not.
    ...(row === undefined || row.commit === 'off' ? ['synchronous_commit'] : []),
  ];
  if (off.length === 0) return;
  throw new StartRefused(
    `PostgreSQL runs with ${off.join(' and ')} off, so a power cut could lose accepted payments: switch it on.`,
  );
}
