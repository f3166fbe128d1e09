import { BlockList, isIP } from 'node:net';

/** What an address is, to somebody who may send us anywhere. */
export type AddressKind = 'public' | 'loopback' | 'internal';

/** RFC 6890 and its successors: nothing out there that a message of ours belongs to. */
const internal4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];

/**
 * Of IPv6 only 2000::/3 is handed out. All else is no: with it go the mapped and translated forms
 * of IPv4 (::ffff:0:0/96, ::/96, 64:ff9b::/96, 64:ff9b:1::/48), fc00::/7, fe80::/10, ff00::/8,
 * 5f00::/16.
 */
const global6 = ['2000::/3'];
/** Inside it: protocol assignments with Teredo, documentation, 6to4, documentation again. */
const internal6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

const blocked4 = listOf(internal4, 'ipv4');
const loopback4 = listOf(['127.0.0.0/8'], 'ipv4');
const allowed6 = listOf(global6, 'ipv6');
const blocked6 = listOf(internal6, 'ipv6');

/** @param address as `isIP` knows it; anything else is internal */
export function kindOfAddress(address: string): AddressKind {
  switch (isIP(address)) {
    case 4:
      if (loopback4.check(address, 'ipv4')) return 'loopback';
      return blocked4.check(address, 'ipv4') ? 'internal' : 'public';
    case 6:
      if (isLoopback6(address)) return 'loopback';
      return allowed6.check(address, 'ipv6') && !blocked6.check(address, 'ipv6')
        ? 'public'
        : 'internal';
    default:
      return 'internal';
  }
}

/** ::1 alone, however it is written; its mapped cousin is not it. */
function isLoopback6(address: string): boolean {
  return URL.parse(`http://[${address}]/`)?.hostname === '[::1]';
}

function listOf(networks: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits = ''] = network.split('/');
    list.addSubnet(address, Number(bits), family);
  }
  return list;
}
