import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import fc from 'fast-check';
import { LinkedList, ListNode } from './linked-list.ts';

class Numbered extends ListNode {
  readonly number: number;

  constructor(number: number) {
    super();
    this.number = number;
  }
}

test('keeps insertion order, whichever nodes are removed', () => {
  const step = fc.oneof(
    fc.constant({ come: true as const }),
    fc.record({ come: fc.constant(false as const), who: fc.nat(30) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const list = new LinkedList<Numbered>();
      const all: Numbered[] = [];
      let model: number[] = [];
      for (const { come, ...left } of steps) {
        if (come) {
          const node = new Numbered(all.length);
          all.push(node);
          list.append(node);
          model.push(node.number);
        } else if ('who' in left) {
          const node = all[left.who];
          assert.equal(node?.remove() ?? false, model.includes(left.who));
          model = model.filter((number) => number !== left.who);
        }
        assert.deepEqual([list.size, list.first?.number], [model.length, model[0]]);
      }
      for (const expected of model) {
        assert.equal(list.first?.number, expected);
        assert.equal(list.first?.remove(), true);
      }
      assert.deepEqual([list.size, list.first], [0, undefined]);
    }),
  );
});

test('a removed node can be added again', () => {
  const list = new LinkedList<Numbered>();
  const [a, b] = [new Numbered(1), new Numbered(2)];
  list.append(a);
  list.append(b);
  a.remove();
  list.append(a);
  assert.equal(list.first, b);
  b.remove();
  assert.equal(list.first, a);
});
