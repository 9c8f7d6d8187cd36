import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from '@jest/globals';
import { parse } from 'yaml';
import { kongOrigins, renderKong } from '../../scripts/kong.ts';
import { LOOPBACK, originRule } from '../../platform/http/callers.ts';
import { CORS } from '../../platform/http/cors.ts';
import { routePattern } from '../../platform/edge/routes.ts';
import { routesOf } from '../../platform/manifest/manifest.ts';
import { subgraphs } from '../../subgraphs/registry.ts';

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
  services: {
    name: string;
    url: string;
    retries: number;
    read_timeout: number;
    write_timeout: number;
    routes: Route[];
    plugins?: Plugin[];
  }[];
  consumers?: unknown[];
}

// Headers that the router sends to subgraphs about a caller, and headers of Kong's own plugins. None of them may reach
// the product from a client.
const identityHeaders =
  `X-Userinfo X-Authenticated-Userid X-Audience X-Client-Address Signature Signature-Input Content-Digest
  X-Consumer-Id X-Consumer-Custom-Id X-Consumer-Username X-Credential-Identifier X-Anonymous-Consumer`.split(/\s+/);

const text = readFileSync(new URL('../../kong.yml', import.meta.url), 'utf8');
const kong = parse(text) as Kong;
const routes = kong.services.flatMap((service) => service.routes.map((route) => ({ service, route })));

/**
 * The plugin that applies to a route. A route's plugin replaces the service's completely, and a service's replaces the
 * global one.
 */
function effective(name: string, { service, route }: (typeof routes)[number]): Plugin | undefined {
  return [route.plugins, service.plugins, kong.plugins]
    .map((plugins) => plugins?.find((plugin) => plugin.name === name))
    .find((found) => found);
}

describe('kong.yml', () => {
  it('is in the format that Kong 3.9 reads', () => {
    assert.equal(kong._format_version, '3.0');
    assert.ok(routes.length >= 2);
  });

  for (const each of routes) {
    describe(`route ${each.route.name}`, () => {
      it('removes every identity header', () => {
        const removed = (effective('request-transformer', each)?.config?.remove?.headers ?? []).map((header) =>
          header.toLowerCase(),
        );
        assert.deepEqual(
          identityHeaders.filter((header) => !removed.includes(header.toLowerCase())),
          [],
        );
      });

      for (const plugin of ['cors', 'correlation-id', 'request-size-limiting', 'rate-limiting']) {
        it(`has ${plugin}`, () => assert.ok(effective(plugin, each)));
      }

      it('gives each request an id in the header that every process reads', () => {
        assert.equal(effective('correlation-id', each)?.config?.header_name, 'X-Request-Id');
      });

      it('counts by address: by consumer, all users of a token issuer would count as one', () => {
        assert.equal(effective('rate-limiting', each)?.config?.limit_by, 'ip');
      });

      it('matches one path exactly, and sends no request twice', () => {
        assert.ok(
          each.route.paths.every((path) => /^~\/.+\$$/.test(path)),
          String(each.route.paths),
        );
        assert.equal(each.service.retries, 0);
      });
    });
  }

  it('is what kong:render writes for the development addresses', () => {
    const env = Object.fromEntries(
      [
        ...readFileSync(new URL('../../.env.development', import.meta.url), 'utf8').matchAll(/^([A-Z0-9_]+)=(.*)$/gm),
      ].map(([, name = '', value = '']) => [name, value]),
    );
    assert.equal(
      renderKong(text, kongOrigins({ PUBLIC_URL: env.PUBLIC_URL, CORS_ORIGINS: env.PRODVOR_WEB_URL })),
      text,
    );
  });

  it('gets the origins of CORS_ORIGINS and PUBLIC_URL, from which the router accepts WebSockets', () => {
    const origins = kongOrigins({
      PUBLIC_URL: 'https://api.example.org',
      CORS_ORIGINS: 'https://app.example.org,https://admin.example.org:8443',
    });
    const rendered = renderKong(text, origins);
    const list = (parse(rendered) as Kong).plugins.find(({ name }) => name === 'cors')?.config?.origins;
    assert.deepEqual(list, ['https://api.example.org', 'https://app.example.org', 'https://admin.example.org:8443']);
    assert.equal(
      renderKong(rendered, kongOrigins({ PUBLIC_URL: 'http://127.0.0.1:8000', CORS_ORIGINS: 'http://localhost:3000' })),
      text,
      'nothing else has changed',
    );
    for (const origin of ['*', 'app.example.org', "https://a'b.example", 'https://*.example.org'])
      assert.throws(() => renderKong(text, [origin]), RangeError, origin);
    assert.throws(() => renderKong(text, []), RangeError, 'Kong would let all pages');
  });

  it('means by loopback the same as the product', () => {
    const [pattern = ''] = kong.plugins.find(({ name }) => name === 'cors')?.config?.origins as string[];
    const isAllowed = originRule([LOOPBACK]);
    for (const origin of [
      'http://localhost:5173',
      'https://127.0.0.1',
      'http://app.localhost',
      'http://[::1]:80',
      'http://localhost.evil.example',
      'https://evil.example',
      'http://127.0.0.1.evil.example:1',
      'null',
      'http://xlocalhost',
      'file://localhost',
    ]) {
      assert.equal(new RegExp(pattern).test(origin), isAllowed({ origin }), origin);
    }
  });

  it('sets the CORS headers that the router does not set behind it (docker-compose.yml: CORS_HEADERS)', () => {
    const { origins: _, ...config } = kong.plugins.find(({ name }) => name === 'cors')?.config ?? {};
    assert.deepEqual(config, {
      methods: CORS.methods,
      exposed_headers: CORS.exposedHeaders,
      credentials: true,
      max_age: CORS.maxAgeSeconds,
    });
    const { services } = parse(readFileSync(new URL('../../docker-compose.yml', import.meta.url), 'utf8'), {
      merge: true,
    }) as { services: Record<string, { environment?: Record<string, unknown> }> };
    assert.equal(services.router?.environment?.CORS_HEADERS, 'proxy');
  });

  it('has exactly the routes that the edge of one process has, to the same services', () => {
    const rendered = routes
      .filter(({ service }) => service.name !== 'router')
      .flatMap(({ service, route }) =>
        route.methods
          .filter((method) => method !== 'OPTIONS')
          .flatMap((method) => route.paths.map((path) => `${method} ${path} ${service.url}`)),
      );
    assert.deepEqual(
      rendered.sort(),
      routesOf(subgraphs)
        .map(
          ({ method, path, service }) =>
            `${method} ~${routePattern(path)}$ http://${service}:${subgraphs[service]?.port}`,
        )
        .sort(),
    );
  });

  it('limits each of these routes as the edge does', () => {
    for (const { method, path, maxBodyBytes, timeoutMs, rateLimit } of routesOf(subgraphs)) {
      const each =
        routes.find(({ route }) => route.paths[0] === `~${routePattern(path)}$` && route.methods.includes(method)) ??
        assert.fail(path);
      assert.deepEqual([each.service.read_timeout, each.service.write_timeout], [timeoutMs, timeoutMs]);
      const { allowed_payload_size: size, size_unit: unit } = effective('request-size-limiting', each)?.config ?? {};
      assert.deepEqual([size, unit], [maxBodyBytes, 'bytes']);
      const { minute, hour } = effective('rate-limiting', each)?.config ?? {};
      assert.deepEqual({ minute, ...(hour === undefined ? {} : { hour }) }, rateLimit);
    }
  });

  it('keeps a WebSocket open for longer than a ping interval', () => {
    const graphql = routes.find(({ route }) => route.name === 'graphql');
    assert.ok(graphql && graphql.service.read_timeout >= 600_000);
  });

  it('accepts no token from a URL, and no expired token', () => {
    // There is no jwt plugin today. With its defaults it would accept ?jwt= and tokens of any age.
    const plugins = [
      ...kong.plugins,
      ...routes.flatMap(({ service, route }) => [...(service.plugins ?? []), ...(route.plugins ?? [])]),
    ];
    for (const { config } of plugins.filter(({ name }) => name === 'jwt')) {
      assert.deepEqual(config?.uri_param_names, []);
      assert.ok((config?.claims_to_verify as string[] | undefined)?.includes('exp'));
    }
  });

  it('uses no plugin of Kong Enterprise', () => {
    const free = [
      'correlation-id',
      'cors',
      'request-size-limiting',
      'rate-limiting',
      'request-transformer',
      'prometheus',
      'jwt',
      'ip-restriction',
    ];
    assert.deepEqual(
      kong.plugins.map(({ name }) => name).filter((name) => !free.includes(name)),
      [],
    );
  });
});
