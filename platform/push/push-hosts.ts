import { lookup as resolve, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { PUSH_HOST } from '../config/push-hosts.ts';
import { PushError } from './push-sender.ts';

/**
 * Whether this is the address of a push service of the list: HTTPS, without a user, a password or a fragment, on the
 * port of the list (443 when the entry has none). Otherwise a stranger could make this program send requests anywhere.
 */
export function isPushEndpoint(endpoint: string, hosts: readonly string[]): boolean {
  const url = URL.parse(endpoint);
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '' || url.hash !== '') return false;
  return hosts.some((entry) => {
    const [, wild, host = '', port = '443'] = PUSH_HOST.exec(entry) ?? [];
    const isHost = wild === undefined ? url.hostname === host : url.hostname.endsWith(`.${host}`);
    return isHost && (url.port || '443') === port;
  });
}

const closed = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  closed.addSubnet(net, prefix, 'ipv4');
// These subnets are in the global range, but not public: documentation, and addresses that contain an IPv4 address
// (Teredo, 6to4).
for (const [net, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  closed.addSubnet(net, prefix, 'ipv6');
const global6 = new BlockList();
global6.addSubnet('2000::', 3, 'ipv6');

/**
 * Whether the address is public by IANA's special-purpose registries: not private, loopback, link-local, multicast, or
 * for documentation.
 */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !closed.check(address, 'ipv4');
  return family === 6 && global6.check(address, 'ipv6') && !closed.check(address, 'ipv6');
}

type Resolve = (
  host: string,
  options: { readonly all: true },
  done: (error: Error | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * A lookup for sockets that refuses a name if one of its addresses is not public, see {@link isPublicAddress}. The
 * socket connects to an address that was checked here, so the name cannot change in between. It is not called for an
 * address instead of a name: only an operator can put an address into the list.
 */
export const publicLookup =
  (resolveAll: Resolve = resolve as Resolve): LookupFunction =>
  (host, options, done) => {
    resolveAll(host, { all: true }, (error, addresses) => {
      if (error) return done(error, '');
      const [first] = addresses;
      if (!first || !addresses.every(({ address }) => isPublicAddress(address)))
        return done(new PushError('PUSH_REFUSED', `${host} has an address that is not public`), '');
      if (options.all) return done(null, addresses);
      const fitting = addresses.find(({ family }) => !options.family || family === options.family) ?? first;
      done(null, fitting.address, fitting.family);
    });
  };
