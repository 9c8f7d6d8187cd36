import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { subgraphs } from '../../subgraphs/registry.ts';
import { queues, topics } from './index.ts';

const owners = Object.values(subgraphs);
const named = (list: Iterable<{ readonly name: string }>): string[] => [...list].map(({ name }) => name).sort();

describe('every topic and queue', () => {
  it('has an owner', () => {
    assert.deepEqual(named(owners.flatMap((subgraph) => subgraph.topics)), named(topics));
    assert.deepEqual(named(owners.flatMap((subgraph) => subgraph.queues)), named(queues));
  });

  for (const { name, topics: own, queues: worked } of owners) {
    it(`of ${name} is defined in its own file`, async () => {
      const defined = (await import(`./${name}.ts`).then(
        (module: object) => Object.values(module),
        () => [],
      )) as unknown[];
      for (const one of [...own, ...worked]) assert.ok(defined.includes(one), one.name);
    });
  }
});
