import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from '@jest/globals';
import { buildSchema, isInterfaceType, Kind } from 'graphql';
import { documentOf } from '../platform/subgraph/sdl.ts';
import { subgraphs } from '../subgraphs/registry.ts';

const api = buildSchema(readFileSync(path.join(import.meta.dirname, 'api.graphql'), 'utf8'));

describe('the nodes in the manifests', () => {
  it('are the types that have a global id, each once', () => {
    const node = api.getType('Node');
    assert.ok(isInterfaceType(node));
    assert.deepEqual(
      Object.values(subgraphs)
        .flatMap(({ nodes }) => Object.values(nodes).flat())
        .sort(),
      api
        .getPossibleTypes(node)
        .map(({ name }) => name)
        .sort(),
    );
  });

  for (const { name, nodes } of Object.values(subgraphs)) {
    it(`of ${name} are in its schema`, () => {
      const types = documentOf(name).definitions.flatMap((definition) =>
        definition.kind === Kind.OBJECT_TYPE_DEFINITION ? [definition.name.value] : [],
      );
      for (const type of Object.values(nodes).flat()) assert.ok(types.includes(type), type);
    });
  }
});
