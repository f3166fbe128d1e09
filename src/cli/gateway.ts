import { runRole } from './process-role.ts';

/**
 * `tollgate gateway`: API and worker in one process, with everything embedded that is not named.
 */
export const run = (args: readonly string[]): Promise<number> => runRole('all', args);
