import { once } from 'node:events';
import { systemClock } from '../../src/clock.ts';
import { openMemoryCoordination } from '../../src/coordination/memory.ts';
import { openRedisCoordination } from '../../src/coordination/redis.ts';
import { openLog } from '../../src/telemetry/log.ts';

/**
 * A process that takes the lease `a`, prints its fencing number, and gives it back when a line
 * comes in:
 * `node test/support/lease-holder.ts <url> <prefix> <ttlMs>`. A test stops it in between.
 */
const [url = '', prefix = '', ttlMs = ''] = process.argv.slice(2);
const coordination = await openRedisCoordination({
  url,
  prefix,
  log: openLog({ level: 'warn', format: 'json', process: 'holder' }),
  clock: systemClock,
  fallback: openMemoryCoordination(systemClock),
  commandTimeoutMs: 2000,
});
const { granted } = await coordination.lease(['a'], 'stopped holder', Number(ttlMs));
process.stdout.write(`${granted.get('a')}\n`);
await once(process.stdin, 'data');
coordination.release(['a'], 'stopped holder');
await coordination.ping();
process.stdout.write('released\n');
await coordination.close();
process.exit();
