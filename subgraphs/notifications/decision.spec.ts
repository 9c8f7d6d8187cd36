import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { collapse, type Considered, decide } from './decision.ts';

const now = new Date('2026-05-01T20:30:00.000Z');
const HOUR = 3_600_000;
const before = (ms: number): Date => new Date(now.getTime() - ms);
const usual: Considered = {
  now,
  occurredAt: before(1000),
  startedAt: before(100 * HOUR),
  isWanted: true,
  timeZone: 'UTC',
  quietHours: null,
  digest: false,
  lastAt: null,
};
const due = (more: Partial<Considered>): string | null => decide({ ...usual, ...more })?.toISOString() ?? null;

describe('a delivery', () => {
  it('is due at once', () => assert.equal(due({}), now.toISOString()));
  it('is none of a kind that is off', () => assert.equal(due({ isWanted: false }), null));
  it('is none of an event before the first start of the service', () => {
    assert.equal(due({ startedAt: now }), null);
    assert.equal(due({ startedAt: before(1000) }), now.toISOString());
  });
  it('is none of an event of yesterday, as after a long failure', () => {
    assert.equal(due({ occurredAt: before(24 * HOUR + 1) }), null);
    assert.equal(due({ occurredAt: before(24 * HOUR) }), now.toISOString());
  });
  it('waits for the end of quiet hours in the person’s zone', () => {
    const quietHours = { from: '22:00', to: '07:00' };
    assert.equal(due({ quietHours }), now.toISOString());
    assert.equal(due({ quietHours, timeZone: 'Europe/Moscow' }), '2026-05-02T04:00:00.000Z');
  });
  it('of a digest waits for nine in the morning, and then for the end of quiet hours', () => {
    assert.equal(due({ digest: true }), '2026-05-02T09:00:00.000Z');
    assert.equal(due({ digest: true, timeZone: 'Europe/Moscow' }), '2026-05-02T06:00:00.000Z');
    assert.equal(due({ digest: true, quietHours: { from: '08:00', to: '10:00' } }), '2026-05-02T10:00:00.000Z');
  });
  it('joins one of the same kind and subject that waits, and waits after one that was sent', () => {
    assert.equal(due({ lastAt: new Date('2026-05-01T21:00:00.000Z') }), '2026-05-01T21:00:00.000Z');
    assert.equal(due({ lastAt: new Date('2026-05-01T20:29:00.000Z') }), '2026-05-01T20:44:00.000Z');
    assert.equal(due({ lastAt: new Date('2026-05-01T20:10:00.000Z') }), now.toISOString());
  });
});

describe('collapsing', () => {
  it('makes one line of each kind and subject, in the order of the newest', () => {
    const one = (id: number, kind: string, subjectId: string) => ({ id, kind, subjectId });
    const lines = collapse([
      one(1, 'RESULT', 'a'),
      one(2, 'RESULT', 'b'),
      one(3, 'PROTEST', 'a'),
      one(4, 'RESULT', 'a'),
    ]);
    assert.deepEqual(
      lines.map(({ newest, count }) => [newest.id, count]),
      [
        [2, 1],
        [3, 1],
        [4, 2],
      ],
    );
    assert.deepEqual(collapse([]), []);
  });
});
