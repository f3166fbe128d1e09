import { realpathSync } from 'node:fs';
import { Client, DatabaseError } from 'pg';
import { EmbeddedServerRefused } from './refused.ts';

const connectTimeoutMs = 10_000;

/**
 * Makes what is missing of database and application role; at every start, so a crash leaves no gap.
 */
export async function prepareRoles(ownerUrl: string, appPassword: string): Promise<void> {
  const client = await connect(ownerUrl);
  try {
    const { rows } = await client.query<{ has_role: boolean; has_database: boolean }>(
      `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tollgate_app' AND rolcanlogin) AS has_role,
              EXISTS (SELECT FROM pg_database WHERE datname = 'tollgate') AS has_database`,
    );
    if (rows[0]?.has_role !== true) await makeApplicationRole(client, appPassword);
    if (rows[0]?.has_database !== true) await makeDatabase(client);
  } finally {
    await client.end();
  }
}

/** Whether the server behind the URL answers, and works in this very folder. */
export async function provesItself(ownerUrl: string, data: string): Promise<boolean> {
  let client: Client;
  try {
    client = await connect(ownerUrl);
  } catch (error) {
    if (error instanceof EmbeddedServerRefused) throw error;
    return false;
  }
  try {
    const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
    return realpathSync(rows[0]?.data_directory ?? '') === data;
  } catch {
    return false;
  } finally {
    await client.end();
  }
}

async function connect(url: string): Promise<Client> {
  const client = new Client({
    connectionString: url,
    application_name: 'tollgate-start',
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: connectTimeoutMs,
  });
  // A connection that breaks later rejects the query that meets it; nobody else needs to hear of
  // it.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    if (error instanceof DatabaseError && error.code === '28P01') {
      throw new EmbeddedServerRefused(
        'The password in credentials.json is not the one of the database beside it: restore both from one backup.',
      );
    }
    throw error;
  }
}

async function makeApplicationRole(client: Client, password: string): Promise<void> {
  // An older role without login is a leftover of a restore: it gets the password too.
  const rights = `LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD '${password}'`;
  const { rowCount } = await client.query(`SELECT FROM pg_roles WHERE rolname = 'tollgate_app'`);
  await client.query(`${rowCount === 0 ? 'CREATE' : 'ALTER'} ROLE tollgate_app ${rights}`);
}

async function makeDatabase(client: Client): Promise<void> {
  await client.query('CREATE DATABASE tollgate');
}
