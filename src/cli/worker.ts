import { runRole } from './process-role.ts';

/** `tollgate worker`: takes payments to the bank and sweeps for what is due; any number of them. */
export const run = (args: readonly string[]): Promise<number> => runRole('worker', args);
