import { isIPv4, isIPv6 } from 'node:net';

/** Who has an IPv6 address has at least the 2^64 beside it: they count as one. */
const NETWORK_GROUPS = 4;

/** What a client is counted by: its IPv4 address, or the /64 network of its IPv6 address. */
export function countedAddress(ip: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1];
  if (mapped !== undefined) return mapped;
  const url = `http://[${ip.split('%')[0] ?? ''}]`;
  if (isIPv4(ip) || !isIPv6(ip) || !URL.canParse(url)) return ip;
  // The URL parser writes every address in one way, its longest run of zeros as `::`.
  const [head = '', tail] = new URL(url).hostname.slice(1, -1).split('::');
  const groupsOf = (text: string | undefined) => (text === undefined || text === '' ? [] : text.split(':'));
  const [before, behind] = [groupsOf(head), groupsOf(tail)];
  const zeros = tail === undefined ? 0 : 8 - before.length - behind.length;
  const groups = [...before, ...Array.from({ length: zeros }, () => '0'), ...behind];
  return `${groups.slice(0, NETWORK_GROUPS).join(':')}::/64`;
}
