import { BlockList, isIP } from 'node:net';

/** Source: IANA, IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890). */
const special = {
  ipv4: blockList('ipv4', [
    ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24'],
    ...['192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
  ]),
  // Only 2000::/3 is given out at all.
  ipv6: blockList('ipv6', ['::/3', '4000::/2', '8000::/1', '2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']),
};

/** IPv6 addresses that stand for one of IPv4: mapped (RFC 4291), and translated (RFC 6052). */
const STANDS_FOR_IPV4 = /^\[(?:::ffff|64:ff9b:):([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/;

/** Names that lead to this machine or into the network around it, whatever they are resolved to. */
const INNER_NAME = /^(?:[^.]+|.*\.(?:localhost|local|internal|lan|home\.arpa))$/;

/** Whether an IP address is one of the public Internet: none of this machine, of a private network, or of no network at all. */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 4) return !special.ipv4.check(address, 'ipv4');
  // The URL parser writes every spelling of an address in one way. One with a zone is of the link.
  const url = `http://[${address}]`;
  if (isIP(address) === 0 || !URL.canParse(url)) return false;
  const [, high, low] = STANDS_FOR_IPV4.exec(new URL(url).hostname) ?? [];
  if (high === undefined || low === undefined) return !special.ipv6.check(address, 'ipv6');
  const bits = Number.parseInt(high, 16) * 0x1_0000 + Number.parseInt(low, 16);
  return isPublicAddress([24, 16, 8, 0].map((shift) => (bits >>> shift) & 0xff).join('.'));
}

/** The same for the host of an address, as `URL` reads it: of a name, only whether it could be public. */
export function isPublicHost(hostname: string): boolean {
  const host = hostname.toLowerCase().replace(/\.$/, '');
  const literal = host.replace(/^\[|\]$/g, '');
  return isIP(literal) === 0 ? !INNER_NAME.test(host) : isPublicAddress(literal);
}

function blockList(family: 'ipv4' | 'ipv6', ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', prefix] = range.split('/');
    list.addSubnet(address, Number(prefix), family);
  }
  return list;
}
