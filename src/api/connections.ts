import { BlockList, isIPv6, type Server } from 'node:net';
import { addressSubject } from './limits.ts';

export interface ConnectionLimit {
  /** From one address at one time; of IPv6, from one /64. */
  readonly perAddressMax: number;
  /** Whose connections are those of many; false: nobody's. */
  readonly proxies: readonly string[] | false;
}

/**
 * One address may not take every connection there is: what is beyond its share is closed unheard,
 * as it would be beyond API_CONNECTIONS_MAX, and everybody else is served.
 */
export function limitConnections(server: Server, limit: ConnectionLimit): void {
  const proxies = networksOf(limit.proxies === false ? [] : limit.proxies);
  const open = new Map<string, number>();
  server.on('connection', (socket) => {
    const address = socket.remoteAddress;
    // Gone before we looked.
    if (address === undefined) {
      socket.destroy();
      return;
    }
    const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
    if (proxies.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4')) return;
    const subject = addressSubject(plain);
    const count = open.get(subject) ?? 0;
    if (count >= limit.perAddressMax) {
      socket.destroy();
      return;
    }
    open.set(subject, count + 1);
    socket.once('close', () => {
      const left = (open.get(subject) ?? 1) - 1;
      if (left === 0) open.delete(subject);
      else open.set(subject, left);
    });
  });
}

function networksOf(names: readonly string[]): BlockList {
  const networks = new BlockList();
  for (const name of names) {
    const [address = '', bits] = name.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (bits === undefined) networks.addAddress(address, family);
    else networks.addSubnet(address, Number(bits), family);
  }
  return networks;
}
