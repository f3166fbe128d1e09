import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** Runs a program of ours to its end, without input. @returns its exit code. */
export function runTool(
  [program, ...args]: readonly [string, ...string[]],
  signal: AbortSignal,
): Promise<number> {
  const child = spawn(join('node_modules', '.bin', program), args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    signal,
  });
  return new Promise((resolve, reject) => {
    child.once('error', (error) => (signal.aborted ? resolve(1) : reject(error)));
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
