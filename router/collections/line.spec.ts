import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import fc from 'fast-check';
import { Line, Place } from './line.ts';

class Numbered extends Place {
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
      const line = new Line<Numbered>();
      const all: Numbered[] = [];
      let model: number[] = [];
      for (const { come, ...left } of steps) {
        if (come) {
          const place = new Numbered(all.length);
          all.push(place);
          line.append(place);
          model.push(place.number);
        } else if ('who' in left) {
          const place = all[left.who];
          assert.equal(place?.leave() ?? false, model.includes(left.who));
          model = model.filter((number) => number !== left.who);
        }
        assert.deepEqual([line.size, line.first?.number], [model.length, model[0]]);
      }
      for (const expected of model) {
        assert.equal(line.first?.number, expected);
        assert.equal(line.first?.leave(), true);
      }
      assert.deepEqual([line.size, line.first], [0, undefined]);
    }),
  );
});

test('a removed node can be added again', () => {
  const line = new Line<Numbered>();
  const [a, b] = [new Numbered(1), new Numbered(2)];
  line.append(a);
  line.append(b);
  a.leave();
  line.append(a);
  assert.equal(line.first, b);
  b.leave();
  assert.equal(line.first, a);
});
