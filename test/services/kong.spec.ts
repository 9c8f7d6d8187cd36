import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { publicRoutes } from '../../platform/edge/routes.ts';

interface Plugin {
  name: string;
  config?: Record<string, unknown> & { remove?: { headers?: string[] } };
}
interface Route {
  name: string;
  paths: string[];
  methods: string[];
  plugins?: Plugin[];
}
interface Kong {
  _format_version: string;
  plugins: Plugin[];
  services: { name: string; url: string; retries: number; read_timeout: number; routes: Route[]; plugins?: Plugin[] }[];
  consumers?: unknown[];
}

// what the router says to subgraphs about a caller, and what Kong's own plugins set: a client may send none of it
const identityHeaders = `X-Userinfo X-Authenticated-Userid X-Audience X-Client-Address Signature Signature-Input Content-Digest
  X-Consumer-Id X-Consumer-Custom-Id X-Consumer-Username X-Credential-Identifier X-Anonymous-Consumer`.split(/\s+/);

const kong = parse(readFileSync(new URL('../../kong.yml', import.meta.url), 'utf8')) as Kong;
const routes = kong.services.flatMap((service) => service.routes.map((route) => ({ service, route })));

/** The plugin that runs on a route: the route's own replaces the service's, and that the global one, whole. */
function effective(name: string, { service, route }: (typeof routes)[number]): Plugin | undefined {
  return [route.plugins, service.plugins, kong.plugins].map((plugins) => plugins?.find((plugin) => plugin.name === name)).find((found) => found);
}

describe('kong.yml', () => {
  it('is of the format that Kong 3.9 reads', () => {
    assert.equal(kong._format_version, '3.0');
    assert.ok(routes.length >= 2);
  });

  for (const each of routes) {
    describe(`route ${each.route.name}`, () => {
      it('removes every identity header', () => {
        const removed = (effective('request-transformer', each)?.config?.remove?.headers ?? []).map((header) => header.toLowerCase());
        assert.deepEqual(identityHeaders.filter((header) => !removed.includes(header.toLowerCase())), []);
      });

      for (const plugin of ['cors', 'correlation-id', 'request-size-limiting', 'rate-limiting']) {
        it(`has ${plugin}`, () => assert.ok(effective(plugin, each)));
      }

      it('gives each request an id under the name that every process reads', () => {
        assert.equal(effective('correlation-id', each)?.config?.header_name, 'X-Request-Id');
      });

      it('counts addresses: all users of a token issuer would be one consumer', () => {
        assert.equal(effective('rate-limiting', each)?.config?.limit_by, 'ip');
      });

      it('matches one path exactly, and sends nothing twice', () => {
        assert.ok(each.route.paths.every((path) => /^~\/.+\$$/.test(path)), String(each.route.paths));
        assert.equal(each.service.retries, 0);
      });
    });
  }

  it('has exactly the routes that the edge of one process has, at the same services', () => {
    const rendered = routes.filter(({ service }) => service.name !== 'router').flatMap(({ service, route }) =>
      route.methods.filter((method) => method !== 'OPTIONS').flatMap((method) => route.paths.map((path) => `${method} ${path} ${service.name}`)));
    assert.deepEqual(rendered.sort(), publicRoutes.map(({ method, path, service }) => `${method} ~${path}$ ${service}`).sort());
  });

  it('lets a WebSocket be silent for longer than a ping interval', () => {
    const graphql = routes.find(({ route }) => route.name === 'graphql');
    assert.ok(graphql && graphql.service.read_timeout >= 600_000);
  });

  it('takes no token from a URL, and none that has expired', () => {
    // no jwt plugin today; should one come, its defaults take ?jwt= and tokens of any age
    const plugins = [...kong.plugins, ...routes.flatMap(({ service, route }) => [...(service.plugins ?? []), ...(route.plugins ?? [])])];
    for (const { config } of plugins.filter(({ name }) => name === 'jwt')) {
      assert.deepEqual(config?.uri_param_names, []);
      assert.ok((config?.claims_to_verify as string[] | undefined)?.includes('exp'));
    }
  });

  it('uses no plugin of Kong Enterprise', () => {
    const free = ['correlation-id', 'cors', 'request-size-limiting', 'rate-limiting', 'request-transformer', 'prometheus', 'jwt', 'ip-restriction'];
    assert.deepEqual(kong.plugins.map(({ name }) => name).filter((name) => !free.includes(name)), []);
  });
});
