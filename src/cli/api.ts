import { runRole } from './process-role.ts';

/** `tollgate api`: takes requests; any number of them, beside workers. */
export const run = (args: readonly string[]): Promise<number> => runRole('api', args);
