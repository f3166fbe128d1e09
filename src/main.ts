import { inspect } from 'node:util';
import { ConfigRefused } from './config.ts';
import { StartRefused } from './refused.ts';
import { SeedRefused } from './users/seed.ts';

/**
 * The command line: `tollgate <command>`, one file per command in cli/. Exit codes: 0 done, 1
 * refused or failed (one sentence on stderr), 2 not understood, 3 something is down (status).
 */

/** What every file of cli/ exports: takes the words after its name, answers the exit code. */
interface Command {
  readonly run: (args: readonly string[]) => Promise<number>;
}

/** Loaded when asked for: `help` need not wait for the API's libraries. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  up: () => import('./cli/up.ts'),
  down: () => import('./cli/down.ts'),
  status: () => import('./cli/status.ts'),
  logs: () => import('./cli/logs.ts'),
  gateway: () => import('./cli/gateway.ts'),
  api: () => import('./cli/api.ts'),
  worker: () => import('./cli/worker.ts'),
  demo: () => import('./cli/demo.ts'),
  migrate: () => import('./cli/migrate.ts'),
  seed: () => import('./cli/seed.ts'),
  shell: () => import('./cli/shell.ts'),
  audit: () => import('./cli/audit.ts'),
  'audit-log': () => import('./cli/audit-log.ts'),
  'failed-tasks': () => import('./cli/failed-tasks.ts'),
  users: () => import('./cli/users.ts'),
  reconcile: () => import('./cli/reconcile.ts'),
  help: () => import('./cli/help.ts'),
};

/** Rights and room on the disk are the operator's, wherever we meet their lack. */
const operatorsCodes: readonly unknown[] = ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT'];

process.exit(await main(process.argv.slice(2)));

async function main([name = 'help', ...args]: readonly string[]): Promise<number> {
  const command = commands[name === '--help' || name === '-h' ? 'help' : name];
  if (command === undefined) {
    const { usage } = await import('./cli/help.ts');
    process.stderr.write(`There is no command "${name}".\n\n${usage}`);
    return 2;
  }
  try {
    return await (await command()).run(args);
  } catch (error) {
    return report(error);
  }
}

/** What the operator can act on is a sentence; anything else is our fault and shows where. */
function report(error: unknown): number {
  const isUsage = error instanceof TypeError && 'code' in error;
  if (isUsage && String(error.code).startsWith('ERR_PARSE_ARGS')) {
    process.stderr.write(`${error.message}\nSee "tollgate help".\n`);
    return 2;
  }
  const sentence = sentenceOf(error);
  process.stderr.write(`${sentence ?? inspect(error)}\n`);
  // Whoever started us in the background ("up") says it in our place.
  if (sentence !== null && process.connected) process.send?.({ kind: 'refused', sentence });
  return 1;
}

function sentenceOf(error: unknown): string | null {
  const isSentence =
    error instanceof StartRefused || error instanceof ConfigRefused || error instanceof SeedRefused;
  if (isSentence) return error.message;
  const isSystem = error instanceof Error && 'code' in error && 'syscall' in error;
  if (!isSystem || !operatorsCodes.includes(error.code)) return null;
  return `The system refuses: ${error.message}. See to the rights and the free space there.`;
}
