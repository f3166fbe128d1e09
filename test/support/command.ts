import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { environment } from '../../src/config.ts';

const command = fileURLToPath(new URL('../../bin/tollgate.js', import.meta.url));

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `tollgate <args>` on this database, as somebody at the server would type it. */
export async function runCommand(
  appUrl: string,
  args: readonly string[],
  stdin = '',
): Promise<CommandResult> {
  const settings = { DATABASE: 'external', DATABASE_URL: appUrl, PASSWORD_BCRYPT_COST: '4' };
  const env = { ...environment(), ...settings };
  const child = spawn(process.execPath, [command, ...args], { env });
  child.stdin.end(stdin);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  return { code: Number(code), stdout, stderr };
}
