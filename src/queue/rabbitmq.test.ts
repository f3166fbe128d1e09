import { randomBytes } from 'node:crypto';
import { after } from 'node:test';
import { openBrokerObjects } from '../../test/support/broker-objects.ts';
import { sharedRabbit } from '../../test/support/rabbitmq.ts';
import { openLog } from '../telemetry/log.ts';
import { exerciseQueue } from './conformance.ts';
import { openRabbitQueue } from './rabbitmq.ts';

const broker = await sharedRabbit();
after(() => broker.stop());
const log = openLog({ level: 'fatal', format: 'json', process: 'test' });

exerciseQueue(async ({ depthMax }) => {
  const prefix = `test-${randomBytes(6).toString('hex')}`;
  const queue = await openRabbitQueue({
    urls: [broker.url],
    prefix,
    depthMax,
    onBuried: async () => {},
    log,
  });
  const close = async (): Promise<void> => {
    await queue.close();
    const objects = openBrokerObjects(broker.url, prefix);
    await objects.remove();
    await objects.close();
  };
  return { queue, close };
});
