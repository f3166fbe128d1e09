import { createInterface } from 'node:readline/promises';
import { Client, DatabaseError, type QueryResult } from 'pg';
import { formatTable } from './table.ts';

/** A SQL prompt for machines without psql: statements up to `;`, rows as a table, `\q` ends. */
export async function openSqlPrompt(url: string, command: string | undefined): Promise<number> {
  const client = new Client({ connectionString: url, application_name: 'tollgate-shell' });
  client.on('error', (error) => process.stderr.write(`${error.message}\n`));
  await client.connect();
  try {
    if (command !== undefined) return await answer(client, command);
    return await converse(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function converse(client: Client): Promise<number> {
  const isTerminal = process.stdin.isTTY;
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  if (isTerminal) process.stdout.write('SQL, ended by ";". \\q or Ctrl-D ends.\n');
  let statement = '';
  let exitCode = 0;
  const ask = (): void => {
    if (!isTerminal) return;
    lines.setPrompt(statement === '' ? 'tollgate> ' : '       -> ');
    lines.prompt();
  };
  ask();
  for await (const line of lines) {
    if (statement === '' && line.trim() === '\\q') break;
    statement += `${line}\n`;
    if (isWhole(statement)) {
      const failed = await answer(client, statement);
      // A script stops at its first fault; a person reads it and goes on.
      if (failed !== 0 && !isTerminal) return failed;
      exitCode = failed;
      statement = '';
    } else if (statement.trim() === '') statement = '';
    ask();
  }
  lines.close();
  return statement.trim() === '' ? (isTerminal ? 0 : exitCode) : answer(client, statement);
}

async function answer(client: Client, sql: string): Promise<number> {
  try {
    // As text, exactly as the server writes it. Several statements answer several results.
    const types = { getTypeParser: () => (text: string) => text };
    const results: QueryResult<(string | null)[]> | QueryResult<(string | null)[]>[] =
      await client.query<(string | null)[]>({ text: sql, rowMode: 'array', types });
    for (const result of Array.isArray(results) ? results : [results]) {
      process.stdout.write(describe(result));
    }
    return 0;
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    process.stderr.write(`${error.severity}: ${error.message} (${error.code})\n`);
    return 1;
  }
}

function describe(result: QueryResult<(string | null)[]>): string {
  if (result.fields.length === 0) {
    return `${[result.command, result.rowCount].filter((word) => word !== null).join(' ')}\n`;
  }
  const header = result.fields.map((field) => field.name);
  const rows = result.rows.map((row) => row.map((cell) => cell ?? ''));
  return `${formatTable(header, rows)}(${rows.length} row${rows.length === 1 ? '' : 's'})\n`;
}

/** Strings, quoted names, dollar quotes and comments: what is in them ends nothing. */
const quoted = /'(?:[^']|'')*'|"[^"]*"|(\$\w*\$)[\s\S]*?\1|--[^\n]*|\/\*[\s\S]*?\*\//g;

/** Whether the text ends with a `;` that is not inside quotes. */
export function isWhole(text: string): boolean {
  const bare = text.replace(quoted, ' ');
  return !/['"]|\$\w*\$|\/\*/.test(bare) && bare.trimEnd().endsWith(';');
}
