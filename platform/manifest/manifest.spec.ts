import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import {
  asksOf,
  defineSubgraph,
  type LimitsOf,
  nodeOwnersOf,
  registryOf,
  routesOf,
  type SubgraphManifest,
} from './manifest.ts';

const route = {
  method: 'POST',
  path: '/files/:id',
  body: 'raw',
  maxBodyBytes: 10,
  timeoutMs: 10,
  rateLimit: { minute: 1 },
} as const;
const manifest = (name: string, port: number, more: Partial<SubgraphManifest> = {}) => ({
  default: defineSubgraph({ name, port, module: async () => class {}, personalData: {}, ...more }),
});

describe('a subgraph’s manifest', () => {
  it('has all its fields, and types the names of its rate limits', () => {
    const limited = defineSubgraph({
      name: 'polls',
      port: 4009,
      module: async () => class {},
      personalData: {},
      rateLimits: { vote: { count: 1, seconds: 1, by: 'user' } },
    });
    const name: LimitsOf<typeof limited> = 'vote';
    // @ts-expect-error no such limit
    const other: LimitsOf<typeof limited> = 'veto';
    assert.notEqual(name as string, other);
    const { uses, health, routes, topics, queues, notPersonal } = limited;
    assert.deepEqual([uses, health, routes, topics, queues, notPersonal], [[], [], [], [], [], {}]);
  });

  it('is refused with an invalid name, port or path', () => {
    for (const name of ['', 'a', 'Polls', 'po-lls', 'po_lls', 'polls1', 'x'.repeat(25)])
      assert.throws(() => manifest(name, 4009), /is no name of a subgraph/, name);
    for (const port of [0, 80, 65_536, 4009.5, NaN])
      assert.throws(() => manifest('polls', port), /is no port/, String(port));
    for (const path of ['polls', '/polls/*', '/Polls'])
      assert.throws(() => manifest('polls', 4009, { routes: [{ ...route, path }] }), /is no path/, path);
  });
});

describe('the registry', () => {
  it('keeps the order, and knows the routes', () => {
    const registry = registryOf(manifest('bb', 4001), manifest('aa', 4002, { routes: [route] }));
    assert.deepEqual(Object.keys(registry), ['bb', 'aa']);
    assert.deepEqual(routesOf(registry), [{ ...route, service: 'aa' }]);
    assert.deepEqual(
      [...nodeOwnersOf(registryOf(manifest('aa', 4001, { nodes: { Event: ['Goal', 'Card'] } })))],
      [['Event', { subgraph: 'aa', types: ['Goal', 'Card'] }]],
    );
  });

  it('knows whom each subgraph asks, including for nodes, and refuses cycles', () => {
    const [aa, bb] = [
      manifest('aa', 4001, { nodes: { Poll: ['Poll'] } }),
      manifest('bb', 4002, { asks: ['aa'], nodes: { File: ['File'] } }),
    ];
    const registry = registryOf(
      aa,
      bb,
      manifest('cc', 4003, { asks: ['bb'], answersNode: true, nodes: { Room: ['Room'] } }),
      manifest('dd', 4004),
    );
    assert.deepEqual(
      [...asksOf(registry)],
      [
        ['aa', []],
        ['bb', ['aa']],
        ['cc', ['bb', 'aa']],
        ['dd', []],
      ],
    );
    assert.throws(() => registryOf(bb), /^Error: subgraph bb asks aa, which does not exist$/);
    assert.throws(() => registryOf(manifest('aa', 4001, { asks: ['aa'] })), /in a cycle: aa asks aa$/);
    assert.throws(
      () =>
        registryOf(
          manifest('xx', 4005, { asks: ['aa'] }),
          manifest('aa', 4001, { asks: ['cc'] }),
          manifest('cc', 4003, { asks: ['bb'] }),
          bb,
        ),
      /^Error: subgraphs ask each other in a cycle: aa asks cc asks bb asks aa$/,
    );
    assert.throws(
      () =>
        registryOf(
          manifest('aa', 4001, { asks: ['cc'], nodes: { Poll: ['Poll'] } }),
          manifest('cc', 4003, { answersNode: true }),
        ),
      /aa asks cc asks aa$/,
    );
  });

  it('refuses two subgraphs that claim the same', () => {
    const twice: [RegExp, Partial<SubgraphManifest>, Partial<SubgraphManifest>][] = [
      [/^Error: name aa is of subgraph aa and of aa$/, {}, { name: 'aa' }],
      [/^Error: port 4001 is of subgraph aa and of bb$/, {}, { port: 4001 }],
      [
        /^Error: route POST \/files\/: is of subgraph aa and of bb$/,
        { routes: [route] },
        { routes: [{ ...route, path: '/files/:name' }] },
      ],
      [
        /^Error: topic x.v1 is of subgraph aa and of bb$/,
        { topics: [{ name: 'x.v1' }] },
        { topics: [{ name: 'x.v1' }] },
      ],
      [/^Error: queue x is of subgraph aa and of bb$/, { queues: [{ name: 'x' }] }, { queues: [{ name: 'x' }] }],
      [
        /^Error: kind of global id Poll is of subgraph aa and of bb$/,
        { nodes: { Poll: ['Poll'] } },
        { nodes: { Poll: ['Other'] } },
      ],
      [
        /^Error: rate limit x is of subgraph aa and of bb$/,
        { rateLimits: { x: { count: 1, seconds: 1, by: 'user' } } },
        { rateLimits: { x: { count: 2, seconds: 1, by: 'user' } } },
      ],
    ];
    for (const [message, one, other] of twice)
      assert.throws(() => registryOf(manifest('aa', 4001, one), manifest('bb', 4002, other)), message);
    registryOf(
      manifest('aa', 4001, { routes: [route] }),
      manifest('bb', 4002, { routes: [{ ...route, method: 'GET' }] }),
    );
  });
});
