import { Client } from 'pg';
import { StartRefused } from '../refused.ts';
import type { Logger } from '../telemetry/log.ts';
import { DatabaseAway } from './database.ts';

/**
 * A URL may name several servers, as libpq has it:
 * `postgres://role:password@one:5432,two:5432/books`. One of them accepts writes; after a failover
 * it is another one.
 *
 * In:   that URL, and word of every connection that broke.
 * Out:  the URL of the server that accepts writes. It is remembered, and looked for again only when
 *       there is doubt. One server is never looked for.
 * Not promised: that two servers which both believe that they are the primary are told apart,
 * unless
 *       one of them was promoted: then the newer timeline wins. Fencing is the cluster manager's.
 */
export interface Hosts {
  /** @throws DatabaseAway when none accepts writes */
  readonly current: () => Promise<string>;
  /** A connection broke, or met a server that refuses writes: the next one looks again. */
  readonly doubt: () => void;
}

/**
 * A server that takes longer to answer is as good as away; the others are asked at the same time.
 */
const probeTimeoutMs = 1_000;
/** After a look that found nobody: short against a promotion, long against a storm of requests. */
const lookAgainMs = 100;

/** @throws StartRefused when the URL cannot be understood */
export function openHosts(url: string, log: Logger): Hosts {
  const urls = listServers(url);
  const [only] = urls;
  if (urls.length === 1 && only !== undefined)
    return { current: async () => only, doubt: () => undefined };
  let known: Promise<string> | null = null;
  let last: Found | null = null;

  async function look(): Promise<string> {
    try {
      const found = await findPrimary(urls, last?.timeline ?? 0);
      if (found.url !== last?.url)
        log.info({ host: hostOf(found.url), timeline: found.timeline }, 'database server chosen');
      last = found;
      return found.url;
    } catch (error) {
      setTimeout(() => {
        known = null;
      }, lookAgainMs).unref();
      throw error;
    }
  }
  return {
    current: () => {
      known ??= look();
      return known;
    },
    doubt: () => {
      known = null;
    },
  };
}

/** Once, for a program that needs one connection. @throws DatabaseAway, StartRefused */
export async function writableServer(url: string): Promise<string> {
  const urls = listServers(url);
  const [only] = urls;
  if (urls.length === 1 && only !== undefined) return only;
  return (await findPrimary(urls, 0)).url;
}

interface Found {
  readonly url: string;
  /** Every promotion begins a new one. */
  readonly timeline: number;
}

/**
 * All are asked at once. An old primary that came back is on an older timeline: it is not chosen.
 */
async function findPrimary(urls: readonly string[], timelineMin: number): Promise<Found> {
  const answers = await Promise.all(urls.map(probe));
  const found = answers.filter((answer) => typeof answer !== 'string');
  const [newest] = found.toSorted((a, b) => b.timeline - a.timeline);
  if (newest !== undefined && newest.timeline >= timelineMin) return newest;
  const reasons = urls.map((url, index) => {
    const answer = answers[index];
    return `${hostOf(url)}: ${typeof answer === 'string' ? answer : 'it is on an old timeline'}`;
  });
  throw new DatabaseAway(`none of the servers accepts writes (${reasons.join('; ')})`);
}

const ask = `
  SELECT pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' AS is_read_only,
         CASE WHEN NOT pg_is_in_recovery()
              THEN ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int
         END AS timeline`;

/** @returns what it is, or why it is of no use. */
async function probe(url: string): Promise<Found | string> {
  const client = new Client({
    connectionString: url,
    application_name: 'tollgate-probe',
    connectionTimeoutMillis: probeTimeoutMs,
    query_timeout: probeTimeoutMs,
  });
  // What breaks is told by the call that meets it.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ is_read_only: boolean; timeline: number | null }>(ask);
    const [row] = rows;
    if (row === undefined || row.is_read_only || row.timeline === null) return 'it is read-only';
    return { url, timeline: row.timeline };
  } catch (error) {
    return error instanceof Error && error.message !== '' ? error.message : 'it does not answer';
  } finally {
    // Not waited for: a frozen server does not say goodbye either.
    void client.end();
  }
}

/** The servers of a URL, each with a URL of its own. @throws StartRefused */
export function listServers(url: string): readonly string[] {
  const match = /^(postgres(?:ql)?:\/\/)([^/?#]*@)?([^/?#]*)([^#]*)$/i.exec(url);
  if (match === null) throw new StartRefused('The URL of the database is no postgres:// URL.');
  const [, scheme = '', login = '', hosts = '', rest = ''] = match;
  const [path = '', query = ''] = rest.split(/\?(.*)/s);
  const parameters = new URLSearchParams(query);
  refuseParameters(parameters, hosts);
  parameters.delete('target_session_attrs');
  const tail = parameters.size === 0 ? path : `${path}?${parameters.toString()}`;
  const urls = hosts.split(',').map((host) => `${scheme}${login}${host.trim()}${tail}`);
  const isWhole = urls.every((each) => URL.canParse(each));
  if (!isWhole || (urls.length > 1 && hosts.split(',').some((host) => host.trim() === '')))
    throw new StartRefused('The URL of the database does not name its servers as host:port,….');
  return urls;
}

/**
 * They would end a COMMIT from outside, or a group in the middle: ours are set in connections.ts.
 */
const ownTimeouts = ['statement_timeout', 'lock_timeout', 'query_timeout'];

function refuseParameters(parameters: URLSearchParams, hosts: string): void {
  for (const name of [...ownTimeouts, 'idle_in_transaction_session_timeout'])
    if (parameters.has(name))
      throw new StartRefused(
        `The URL of the database sets ${name}: that is set by Tollgate itself.`,
      );
  const wanted = parameters.get('target_session_attrs') ?? 'read-write';
  const isSingle = !hosts.includes(',');
  if (!['read-write', 'primary', ...(isSingle ? ['any'] : [])].includes(wanted))
    throw new StartRefused(
      `The URL of the database asks for target_session_attrs=${wanted}: Tollgate writes, so it needs read-write.`,
    );
}

const hostOf = (url: string): string => new URL(url).host;
