import { globSync } from 'node:fs';
import { installPackages } from './debian-packages.ts';
import type { Settings } from './gateway-home.ts';

/**
 * For a process whose wall clock is wrong; its monotonic clock, as on a real machine, is not. With
 * `file` the offset stands in there, and may change while the process runs.
 */
export function wrongClock(
  library: string,
  offset: { readonly is: string } | { readonly file: string },
): Settings {
  return {
    LD_PRELOAD: library,
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    FAKETIME_NO_CACHE: '1',
    ...('is' in offset ? { FAKETIME: offset.is } : { FAKETIME_TIMESTAMP_FILE: offset.file }),
  };
}

/** The path of libfaketime, or what to install. */
export function findFakeTime(): { readonly library: string } | { readonly missing: string } {
  const find = (): string | undefined => globSync('/usr/lib/*/faketime/libfaketime.so.1')[0];
  const library = find() ?? (installPackages(['faketime']) ? find() : undefined);
  if (library !== undefined) return { library };
  return { missing: 'no libfaketime: install the package faketime to run a worker off its clock' };
}
