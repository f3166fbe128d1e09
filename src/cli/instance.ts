import { join } from 'node:path';
import type { Config } from '../config.ts';
import { StartRefused } from '../refused.ts';
import { makeDataFolder } from '../runtime/data-folder.ts';
import {
  type Holder,
  type InstanceLock,
  readInstanceLock,
  takeInstanceLock,
} from '../runtime/instance-lock.ts';

/**
 * Who works on a DATA_DIR. One process at a time may start and stop its server: the gateway, or a
 * command that needs the database while no gateway runs.
 */
export const runFolder = (config: Config): string => join(config.dataDir, 'run');

export function readInstance(config: Config): Holder | null {
  return readInstanceLock(runFolder(config), 'instance');
}

export const isGateway = (holder: Holder): boolean => holder.about['command'] === 'gateway';

/** @throws InstanceHeld */
export function takeInstance(config: Config, command: string): InstanceLock {
  makeDataFolder(config.dataDir);
  const about = { command, url: apiUrl(config) };
  const taken = takeInstanceLock(runFolder(config), 'instance', about);
  if ('heldBy' in taken) throw new InstanceHeld(config, taken.heldBy);
  return taken;
}

export class InstanceHeld extends StartRefused {
  override readonly name = 'InstanceHeld';
  constructor(config: Config, holder: Holder) {
    super(
      isGateway(holder)
        ? `Tollgate is already running on ${config.dataDir} (process ${holder.pid}).`
        : `${config.dataDir} is in use by "tollgate ${holder.about['command'] ?? ''}" (process ${holder.pid}): end it first.`,
    );
  }
}

/** Where this machine reaches the API, whatever address it listens on. */
export function apiUrl(config: Config): string {
  const host = { '0.0.0.0': '127.0.0.1', '::': '[::1]' }[config.HOST] ?? config.HOST;
  return `http://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${config.PORT}`;
}
