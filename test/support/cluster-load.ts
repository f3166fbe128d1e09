import type { TestContext } from 'node:test';
import { type Database, statement } from '../../src/db/database.ts';
import { openClient, type TestClient, type TestUser } from './client.ts';
import { type ClusterOptions, startCluster, type TestCluster } from './cluster.ts';
import { type Load, registerFunded, startLoad } from './load.ts';
import { withOwner } from './proof.ts';
import { openDraws } from './random.ts';
import { until } from './wait.ts';

/** A cluster with customers at work: what most faults happen to. */
export interface LoadedCluster {
  readonly cluster: TestCluster;
  readonly client: TestClient;
  readonly people: readonly TestUser[];
  readonly startLoad: (payments: number, lanes?: number) => Load;
  /** For `proveConverged`, with the load. */
  readonly proof: { readonly ownerUrl: string; readonly simulatorUrl: string };
}

export interface LoadedClusterOptions extends ClusterOptions {
  readonly users?: number;
}

export async function startLoadedCluster(
  t: TestContext,
  options: LoadedClusterOptions = {},
): Promise<LoadedCluster> {
  const draws = openDraws(t);
  const cluster = await startCluster(t, options);
  const client = openClient(...cluster.urls);
  t.after(client.close);
  const people = await registerFunded(client, options.users ?? 4);
  const { ownerUrl, simulatorUrl } = cluster;
  return {
    cluster,
    client,
    people,
    startLoad: (payments, lanes = 20) => startLoad({ users: people, payments, lanes, draws }),
    proof: { ownerUrl, simulatorUrl },
  };
}

export function untilAnswers(load: Load, count: number): Promise<unknown> {
  const isReached = (): boolean => load.answered.length >= count;
  return until(isReached, { what: `${count} answers`, everyMs: 1, deadlineMs: 40_000 });
}

const statusCount = statement<{ count: bigint }>(
  'cluster_status_count',
  'SELECT count(*) AS count FROM payment_state WHERE status = $1',
);

export function countStatus(database: Database, status: string): Promise<number> {
  return database.query(statusCount, [status]).then(([row]) => Number(row?.count ?? 0n));
}

/** Until that many payments are at the bank or have been asked about. */
export function untilProcessing(ownerUrl: string, count: number): Promise<unknown> {
  return withOwner(ownerUrl, (database) =>
    until(async () => (await countStatus(database, 'PROCESSING')) >= count, {
      what: `${count} payments to be at the bank`,
      everyMs: 2,
    }),
  );
}
