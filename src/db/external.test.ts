import { after, before, describe } from 'node:test';
import { openBooks } from '../../test/support/books.ts';
import { type OldestPostgres, startOldestPostgres } from '../../test/support/oldest-postgres.ts';
import { exerciseDatabase } from './conformance.ts';

/** The newest server that is supported: the one that npm brings. */
describe('PostgreSQL 18', () => exerciseDatabase((t) => openBooks(t)));

describe('PostgreSQL 15', () => {
  let server: OldestPostgres;
  before(async () => {
    server = await startOldestPostgres();
  });
  after(() => server.stop());
  exerciseDatabase((t) => openBooks(t, server));
});
