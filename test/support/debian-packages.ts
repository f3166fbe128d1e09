import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';

/**
 * Installs servers that tests start themselves, where that can be done without asking anybody: as
 * root on a Debian. Their services are not started; a server that a test did not start is not its
 * own.
 *
 * @returns whether they are installed now.
 */
export function installPackages(names: readonly string[]): boolean {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return false;
  // Debian starts a service when it installs it, unless this says no (101).
  const isOurs = !existsSync(policy);
  if (isOurs) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    aptGet(['update', '-qq']);
    aptGet(['install', '-y', '-qq', '--no-install-recommends', ...names]);
    return true;
  } catch {
    return false;
  } finally {
    if (isOurs) rmSync(policy, { force: true });
  }
}

function aptGet(args: readonly string[]): void {
  execFileSync('apt-get', args, {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

const policy = '/usr/sbin/policy-rc.d';
