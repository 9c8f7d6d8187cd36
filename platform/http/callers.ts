import type { IncomingHttpHeaders } from 'node:http';

/**
 * In a list of hosts or origins: `localhost`, the names below it, and the addresses 127.0.0.0/8 and [::1]. A page in a
 * browser of this machine has such an origin only if a server of this machine served it.
 */
export const LOOPBACK = 'loopback';
/**
 * In a list of origins: pages of the host that the request names. Safe only if the hosts are checked too, or if
 * security does not depend on the network.
 */
export const SELF = 'self';
/** In a list of hosts or origins, this entry allows all of them. */
export const ANY = '*';

/**
 * A host name with an optional port, as in a Host header. Stricter than RFC 9110: no user, no path, no percent signs.
 */
const HOST = /^(?:\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::\d{1,5})?$/i;

/**
 * Whether a URL's host name is always this machine, so that no name server can redirect it: `localhost`, names below
 * it, 127.0.0.0/8, [::1].
 */
export const isLoopbackName = (hostname: string): boolean =>
  /^(?:(?:[a-z0-9-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname);

/** Whether an IP address is a loopback address: 127.0.0.0/8, also mapped to IPv6 (`::ffff:127.0.0.1`), or `::1`. */
export const isLoopbackAddress = (address: string | undefined): boolean =>
  address !== undefined && /^(?:(?:::ffff:)?127(?:\.\d{1,3}){3}|::1)$/.test(address);

/** Whether the host name of a URL is always this machine, see {@link isLoopbackName}. False for an invalid URL. */
export const isLoopbackUrl = (url: string): boolean => isLoopbackName(URL.parse(url)?.hostname ?? '');

/** The host name of a Host header in the form that URLs have; undefined when it is missing or malformed. */
export function hostNameOf(host: string | undefined): string | undefined {
  return host !== undefined && HOST.test(host) ? URL.parse(`http://${host}`)?.hostname : undefined;
}

/**
 * The rule for accepted Host headers. The owner of a name can point it at this machine (DNS rebinding). Then a page of
 * that name has the same origin as this server, so no browser protects us. Only the name shows the attack.
 * @param allowed host names without a port, {@link LOOPBACK} or {@link ANY}
 * @throws RangeError for any other entry
 */
export function hostRule(allowed: readonly string[]): (headers: IncomingHttpHeaders) => boolean {
  const names = new Set<string>();
  for (const entry of allowed) {
    const name = entry === LOOPBACK || entry === ANY ? entry : /:\d+$/.test(entry) ? undefined : hostNameOf(entry);
    if (name === undefined) throw new RangeError(`"${entry}" is not a host name without a port, ${LOOPBACK} or ${ANY}`);
    names.add(name);
  }
  if (names.has(ANY)) return () => true;
  let last: string | undefined;
  return ({ host }) => {
    if (host !== undefined && host === last) return true; // Nearly all requests have the same Host.
    const name = hostNameOf(host);
    if (name === undefined || !(names.has(name) || (names.has(LOOPBACK) && isLoopbackName(name)))) return false;
    last = host;
    return true;
  };
}

/**
 * The rule for pages that may call. A request without an Origin passes: browsers send an Origin with each request whose
 * response a page of another origin could read, and with each WebSocket. The origin `null` (a sandboxed page, a file)
 * passes only with {@link ANY}.
 * @param allowed origins (`https://app.example.org`), {@link LOOPBACK}, {@link SELF} or {@link ANY}
 * @throws RangeError for any other entry
 */
export function originRule(allowed: readonly string[]): (headers: IncomingHttpHeaders) => boolean {
  const keywords = new Set(allowed.filter((entry) => [LOOPBACK, SELF, ANY].includes(entry)));
  const origins = new Set<string>();
  for (const entry of allowed) {
    if (keywords.has(entry)) continue;
    if (!isOrigin(entry))
      throw new RangeError(
        `"${entry}" is not an origin such as https://app.example.org, ${LOOPBACK}, ${SELF} or ${ANY}`,
      );
    origins.add(new URL(entry).origin);
  }
  return ({ origin, host }) => {
    if (origin === undefined || keywords.has(ANY)) return true;
    const url = URL.parse(origin);
    if (!url || !/^https?:$/.test(url.protocol)) return false;
    if (origins.has(url.origin) || (keywords.has(LOOPBACK) && isLoopbackName(url.hostname))) return true;
    return (
      keywords.has(SELF) &&
      host !== undefined &&
      HOST.test(host) &&
      URL.parse(`${url.protocol}//${host}`)?.origin === url.origin
    );
  };
}

/** Whether the text is exactly the origin of http or https pages. */
export function isOrigin(text: string): boolean {
  const url = URL.parse(text);
  return (
    url !== null &&
    /^https?:$/.test(url.protocol) &&
    url.username === '' &&
    url.password === '' &&
    (text === url.origin || text.toLowerCase() === url.origin)
  );
}

/** The answers to refused callers, over HTTP with status 421 and 403. */
export const HOST_REFUSED = {
  status: 421,
  code: 'HOST_NOT_ALLOWED',
  message: 'the Host of the request is not a name of this server',
} as const;
export const ORIGIN_REFUSED = {
  status: 403,
  code: 'ORIGIN_NOT_ALLOWED',
  message: 'pages of this origin are not allowed',
} as const;
