/**
 * How the embedded PostgreSQL is set: for a small machine (2 cores, some GB) with many short
 * transactions. Given on the command line, so that this file is the whole truth of it.
 */
export const serverSettings: Readonly<Record<string, string>> = {
  // Reachable from this machine only, and by password. A socket path is limited to 107 bytes, which
  // a deep DATA_DIR exceeds: there is none.
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',

  // Durability. The start of the gateway asserts these three.
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',

  // The hot part (accounts, unfinished payments, the newest index pages) fits; the rest is the
  // file cache's.
  shared_buffers: '256MB',
  // Each first change of a page after a checkpoint writes the page whole: rare checkpoints are the
  // cheapest saving of WAL. Recovery after a crash reads at most this much (some seconds).
  checkpoint_timeout: '15min',
  min_wal_size: '512MB',
  max_wal_size: '4GB',
  // One group commit of 500 payments writes about 1 MB; the default (8 MB here) makes groups wait.
  wal_buffers: '16MB',
  // This build has no lz4, and pglz costs more CPU than the pages cost disk.
  wal_compression: 'off',

  // Statements here take milliseconds: compiling them, or starting workers for them, takes longer.
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  // Solid state: a random page costs little more than the next one.
  random_page_cost: '1.1',

  // payment_state and accounts are rewritten all the time: small, frequent clean-ups keep them
  // small.
  autovacuum_naptime: '15s',
  autovacuum_vacuum_cost_limit: '1000',

  // No transaction of ours lasts over a second; one left open would stop the feed and the clean-up.
  idle_in_transaction_session_timeout: '60s',
  // A client killed in mid-statement frees its locks, instead of at the statement's end.
  client_connection_check_interval: '2s',

  timezone: 'UTC',
  log_timezone: 'UTC',
  // A refused row would be quoted whole, a password's hash with it.
  log_error_verbosity: 'terse',
  log_line_prefix: '%m [%p] %a ',
  log_lock_waits: 'on',
  log_autovacuum_min_duration: '10s',
};
