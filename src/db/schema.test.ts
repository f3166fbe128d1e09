import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestDatabase } from '../../test/support/postgres.ts';
import { dumpSchema, readSchemaFile } from '../../tools/schema-dump.ts';

test('schema.sql is what the migrations make ("npm run db:dump" writes it)', async (t) => {
  const database = await openTestDatabase(t);
  assert.equal(await dumpSchema(database.ownerUrl), readSchemaFile());
});
