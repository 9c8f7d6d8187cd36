import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import fc from 'fast-check';
import { Lru } from './lru.ts';

test('keeps the most recently used entries after any sequence of sets, gets and deletes', () => {
  const step = fc.record({ what: fc.constantFrom('get', 'set', 'delete'), key: fc.nat(6), value: fc.nat() });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 60 }), (limit, steps) => {
      const lru = new Lru<number, number>(limit);
      let kept: { readonly key: number; readonly value: number }[] = [];
      for (const { what, key, value } of steps) {
        const known = kept.find((entry) => entry.key === key);
        const others = kept.filter((entry) => entry !== known);
        if (what === 'get') assert.equal(lru.get(key), known?.value);
        else if (what === 'set') lru.set(key, value);
        else lru.delete(key);
        const used = what === 'set' ? { key, value } : what === 'get' ? known : undefined;
        kept = (used ? [...others, used] : others).slice(-limit);
        assert.equal(lru.size, kept.length);
      }
      for (const { key, value } of kept) assert.equal(lru.get(key), value);
    }),
    { numRuns: 500 },
  );
});
