/**
 * The origin of a connection. `X-Forwarded-For` is trusted only as far as trusted proxies wrote it. It is read from its
 * end, and the first address that is not a trusted proxy is the client. The client itself may have written the part
 * before that address.
 */
import { BlockList, isIP } from 'node:net';
import { hostNameOf, isLoopbackAddress, isLoopbackName } from './callers.ts';

/** Proxies whose `X-Forwarded-For` is trusted. */
export interface TrustedProxies {
  has(address: string): boolean;
}

/** The parts of a node:http request that this file reads. */
export interface Connection {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/** The address of a connection that ended before its address was read. */
const UNKNOWN = '0.0.0.0';

/**
 * The proxies with these addresses.
 * @param entries addresses and subnets: `10.0.0.7`, `172.28.0.0/24`, `fd00::/8`
 * @throws Error for anything else
 */
export function trustedProxies(entries: readonly string[]): TrustedProxies {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', bits, ...rest] = entry.split('/');
    const family = isIP(address);
    const prefix = bits === undefined ? (family === 6 ? 128 : 32) : /^\d{1,3}$/.test(bits) ? Number(bits) : -1;
    if (family === 0 || rest.length > 0 || prefix < 0 || prefix > (family === 6 ? 128 : 32))
      throw new Error(`"${entry}" is neither an address nor a subnet`);
    list.addSubnet(address, prefix, family === 6 ? 'ipv6' : 'ipv4');
  }
  return { has: (address) => list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4') };
}

/**
 * The address of the client itself, without a port or a zone. An IPv4 address that was mapped into IPv6 becomes IPv4
 * again.
 */
export function clientAddressOf({ headers, socket }: Connection, proxies: TrustedProxies): string {
  let client = plainAddress(socket.remoteAddress ?? '') ?? UNKNOWN;
  const forwarded = headers['x-forwarded-for'];
  if (forwarded === undefined || !proxies.has(client)) return client;
  const hops = String(forwarded).split(',');
  for (let hop = hops.pop(); hop !== undefined && proxies.has(client); hop = hops.pop()) {
    const address = plainAddress(hop.trim());
    if (address === undefined) break; // The nearest known hop is better than a guess.
    client = address;
  }
  return client;
}

/**
 * Headers in which proxies put the client's address. They are not standardised, but nginx, CDNs and similar software
 * write them by configuration or by default.
 */
const ADDRESS_HEADERS = [
  'x-forwarded-for',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'true-client-ip',
  'cf-connecting-ip',
  'fastly-client-ip',
] as const;
/** Headers in which proxies put the requested host name. */
const HOST_HEADERS = ['x-forwarded-host', 'x-original-host'] as const;
/** Headers of proxies that do not show whether the client is on this machine. */
const PROXY_HEADERS = ['forwarded', 'via', 'x-forwarded-server'] as const;

/**
 * Whether the connection comes from a loopback address and has none of the headers by which proxies identify
 * themselves: a proxy on this machine would also forward callers from elsewhere.
 */
export function isDirectAndLocal({ headers, socket }: Connection): boolean {
  return (
    isLoopbackAddress(socket.remoteAddress) &&
    [...ADDRESS_HEADERS, ...HOST_HEADERS, ...PROXY_HEADERS].every((name) => headers[name] === undefined)
  );
}

/**
 * Whether a proxy may forward a client from elsewhere. It may if it names a client or a host that is not this machine,
 * or if it identifies itself by a header without such names. A proxy on this machine for local clients, such as a
 * bundler's, does neither. These headers need no trust, because a forged one only takes rights away. The Host alone is
 * not enough, because many proxies name this machine there.
 */
export function isForwardedFromElsewhere({ headers }: Pick<Connection, 'headers'>): boolean {
  const said = (names: readonly string[]): string[] =>
    names
      .flatMap((name) => (headers[name] === undefined ? [] : String(headers[name]).split(',')))
      .map((text) => text.trim());
  return (
    PROXY_HEADERS.some((name) => headers[name] !== undefined) ||
    said(ADDRESS_HEADERS).some((address) => !isLoopbackAddress(plainAddress(address))) ||
    said(HOST_HEADERS).some((host) => !isLoopbackName(hostNameOf(host) ?? ''))
  );
}

/**
 * The network that counts as one client: an IPv4 address, or the first 64 bits of an IPv6 address, because one customer
 * has all addresses with those bits.
 */
export function clientNetworkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail = ''] = address.split('::');
  const front = head.split(':').filter(Boolean);
  const back = address.includes('::') ? tail.split(':').filter(Boolean) : [];
  const groups = [...front, ...Array<string>(Math.max(0, 8 - front.length - back.length)).fill('0'), ...back];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}

/** Some proxies append a port to the address: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
function plainAddress(text: string): string | undefined {
  const bare = /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
  const address = bare.replace(/%.*$/, '').toLowerCase();
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1];
  if (mapped !== undefined) return isIP(mapped) === 4 ? mapped : undefined;
  return isIP(address) === 0 ? undefined : address;
}
