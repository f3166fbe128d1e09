import { present } from '../src/assert.ts';
import { withClient } from './people.ts';

/** What the server has written since it began. Read twice, the difference is what it cost. */
export interface PostgresReading {
  /** The server's clock, microseconds since 1970. */
  readonly atUs: number;
  readonly walBytes: number;
  /** Pages written whole, because they changed for the first time since a checkpoint. */
  readonly fullPages: number;
  /** Of the WAL: commits that waited for the disk, alone or as a group. */
  readonly fsyncs: number;
}

interface Row {
  readonly at_us: string;
  readonly wal_bytes: string;
  readonly full_pages: string;
  readonly fsyncs: string;
}

/**
 * A busy connection reports its counts once a second, so a difference over a window is off by less.
 */
export async function readPostgres(ownerUrl: string): Promise<PostgresReading> {
  const row = await withClient(ownerUrl, async (client) => {
    const { rows } = await client.query<Row>(
      `SELECT (extract(epoch FROM clock_timestamp()) * 1e6)::bigint AS at_us,
              pg_current_wal_insert_lsn() - '0/0'::pg_lsn AS wal_bytes,
              (SELECT wal_fpi FROM pg_stat_wal) AS full_pages,
              (SELECT sum(fsyncs) FROM pg_stat_io WHERE object = 'wal') AS fsyncs`,
    );
    return present(rows[0], 'one row');
  });
  return {
    atUs: Number(row.at_us),
    walBytes: Number(row.wal_bytes),
    fullPages: Number(row.full_pages),
    fsyncs: Number(row.fsyncs),
  };
}

/**
 * Before each arm: dead rows of the last one, and its first changes of pages, are not ours to pay.
 */
export async function settleDown(ownerUrl: string): Promise<void> {
  await withClient(ownerUrl, async (client) => {
    await client.query('VACUUM ANALYZE');
    await client.query('CHECKPOINT');
  });
}

/** The proof that no figure was bought with durability: `fsync on, …`. */
export async function readDurability(ownerUrl: string): Promise<string> {
  return withClient(ownerUrl, async (client) => {
    const { rows } = await client.query<{ name: string; setting: string }>(
      `SELECT name, setting FROM pg_settings
        WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes', 'server_version',
                       'wal_sync_method')
        ORDER BY name`,
    );
    return rows.map(({ name, setting }) => `${name} ${setting}`).join(', ');
  });
}
