import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { openTestDatabase } from '../test/support/postgres.ts';

/**
 * Writes schema.sql: what a freshly migrated database holds, from its catalogues (the embedded
 * server brings no pg_dump), in an order that does not depend on the order of creation.
 */

export const schemaFile = fileURLToPath(new URL('../schema.sql', import.meta.url));

const head = `-- The schema after the last migration: made by "npm run db:dump", never edited by hand.
-- src/db/schema.test.ts compares it with the migrations.
`;

/** Reads in the order of dependence: what stands later may use what stands before. */
const sections: readonly { readonly title: string; readonly sql: string }[] = [
  {
    title: 'sequences',
    sql: `
      SELECT format('CREATE SEQUENCE %I AS %s INCREMENT %s START %s CACHE %s;', relname,
                    seqtypid::regtype, seqincrement, seqstart, seqcache)
        FROM pg_sequence JOIN pg_class ON pg_class.oid = seqrelid
       WHERE relnamespace = 'public'::regnamespace ORDER BY relname`,
  },
  {
    title: 'tables',
    sql: `
      SELECT format(E'CREATE TABLE %I (\\n%s\\n)%s;\\n', relname,
                    (SELECT string_agg('  ' || line, E',\\n' ORDER BY rank, name) FROM (
                       SELECT 0 AS rank, lpad(attnum::text, 5)::text AS name,
                              format('%-24s %s%s%s', quote_ident(attname),
                                     format_type(atttypid, atttypmod),
                                     CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END,
                                     CASE WHEN attgenerated <> '' THEN ' GENERATED ALWAYS AS ('
                                            || pg_get_expr(adbin, adrelid) || ') STORED'
                                          WHEN adbin IS NOT NULL THEN ' DEFAULT '
                                            || pg_get_expr(adbin, adrelid)
                                          ELSE '' END) AS line
                         FROM pg_attribute
                         LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
                        WHERE attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
                       UNION ALL
                       SELECT CASE contype WHEN 'p' THEN 1 ELSE 2 END, conname::text,
                              format('CONSTRAINT %I %s', conname, pg_get_constraintdef(oid))
                         FROM pg_constraint
                        WHERE conrelid = pg_class.oid AND contype NOT IN ('n', 'f', 't')) AS lines),
                    CASE WHEN reloptions IS NULL THEN ''
                         ELSE ' WITH (' || array_to_string(reloptions, ', ') || ')' END)
        FROM pg_class
       WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname`,
  },
  {
    title: 'foreign keys',
    sql: `
      SELECT format('ALTER TABLE %s ADD CONSTRAINT %I %s;', conrelid::regclass, conname,
                    pg_get_constraintdef(oid))
        FROM pg_constraint
       WHERE contype = 'f' AND connamespace = 'public'::regnamespace
       ORDER BY conrelid::regclass::text, conname`,
  },
  {
    title: 'indexes (beside those of the constraints)',
    sql: `
      SELECT pg_get_indexdef(indexrelid) || ';'
        FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
       WHERE relnamespace = 'public'::regnamespace
         AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype <> 'f')
       ORDER BY indrelid::regclass::text, relname`,
  },
  {
    title: 'functions',
    sql: `
      SELECT rtrim(pg_get_functiondef(oid), E' \\n') || E';\\n'
        FROM pg_proc WHERE pronamespace = 'public'::regnamespace
       ORDER BY proname, pg_get_function_identity_arguments(oid)`,
  },
  {
    title: 'triggers',
    sql: `
      SELECT pg_get_triggerdef(oid, true) || ';' ||
             CASE tgenabled WHEN 'O' THEN '' ELSE ' -- enabled: ' || tgenabled::text END
        FROM pg_trigger WHERE NOT tgisinternal ORDER BY tgrelid::regclass::text, tgname`,
  },
  {
    title: 'rights (the owner has all of them)',
    sql: `
      SELECT format('GRANT %s ON %s %s TO %s%s;', string_agg(privilege, ', ' ORDER BY privilege),
                    kind, name, grantee, CASE WHEN grantable THEN ' WITH GRANT OPTION' ELSE '' END)
        FROM (
          SELECT CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind,
                 quote_ident(relname) AS name, relowner AS owner, acl.privilege_type AS privilege,
                 acl.grantee AS who, acl.is_grantable AS grantable
            FROM pg_class, aclexplode(relacl) AS acl
           WHERE relnamespace = 'public'::regnamespace
          UNION ALL
          SELECT 'TABLE', quote_ident(relname), relowner,
                 format('%s (%I)', acl.privilege_type, attname), acl.grantee, acl.is_grantable
            FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid, aclexplode(attacl) AS acl
           WHERE relnamespace = 'public'::regnamespace
          UNION ALL
          SELECT 'FUNCTION', oid::regprocedure::text, proowner, acl.privilege_type, acl.grantee,
                 acl.is_grantable
            FROM pg_proc, aclexplode(proacl) AS acl
           WHERE pronamespace = 'public'::regnamespace
          UNION ALL
          SELECT 'SCHEMA', quote_ident(nspname), nspowner, acl.privilege_type, acl.grantee,
                 acl.is_grantable
            FROM pg_namespace, aclexplode(nspacl) AS acl WHERE nspname = 'public'
        ) AS rights
        CROSS JOIN LATERAL (
          SELECT CASE who WHEN 0 THEN 'PUBLIC' ELSE who::regrole::text END AS grantee) AS named
       WHERE who <> owner
       GROUP BY kind, name, grantee, grantable
       ORDER BY kind, name, grantee, grantable`,
  },
];

/** Kinds of objects that the sections above would silently leave out. */
const unknownObjects = `
  SELECT 'relation ' || relname AS line FROM pg_class
   WHERE relnamespace = 'public'::regnamespace AND relkind NOT IN ('r', 'i', 'S')
  UNION ALL
  SELECT 'type ' || typname FROM pg_type
   WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd', 'r')
  UNION ALL
  SELECT 'policy ' || polname FROM pg_policy`;

/** @param ownerUrl of a migrated database. */
export async function dumpSchema(ownerUrl: string): Promise<string> {
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  const lines = async (sql: string): Promise<string[]> => {
    const { rows } = await client.query<[string]>({ text: sql, rowMode: 'array' });
    return rows.map(([line]) => line);
  };
  try {
    const unknown = await lines(unknownObjects);
    if (unknown.length > 0) {
      throw new Error(`teach tools/schema-dump.ts to print: ${unknown.join(', ')}`);
    }
    const blocks = [head];
    for (const section of sections) {
      const body = (await lines(section.sql)).join('\n').trimEnd();
      blocks.push(`-- ── ${section.title} ──\n\n${body}\n`);
    }
    return blocks.join('\n');
  } finally {
    await client.end();
  }
}

export const readSchemaFile = (): string => readFileSync(schemaFile, 'utf8');

if (import.meta.main) {
  const database = await openTestDatabase();
  writeFileSync(schemaFile, await dumpSchema(database.ownerUrl));
  await database.drop();
}
