import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import fc from 'fast-check';
import { FairShare, SlotRequest } from './fair-share.ts';

const clock = { now: 0 };
class Request extends SlotRequest {
  state: 'new' | 'waits' | 'runs' | 'refused' | 'over' = 'new';
  readonly until: number;
  constructor(patience = 10_000) {
    super();
    this.until = clock.now + patience;
  }

  start(): void {
    this.state = 'runs';
  }

  refuse(): void {
    this.state = 'refused';
  }

  get msLeft(): number {
    return Math.max(0, this.until - clock.now);
  }
}

function shareOf(slots: number, waiting = 2_000) {
  const share = new FairShare({ slots, waiting }, () => clock.now);
  const enter = (fields: string, patience?: number): Request => {
    const request = new Request(patience);
    if (!share.enter(request, fields)) request.state = 'refused';
    else if (request.state === 'new') request.state = 'waits';
    return request;
  };
  const many = (fields: string, count: number): Request[] => Array.from({ length: count }, () => enter(fields));
  const end = (request: Request, answered = true): void => {
    request.state = 'over';
    share.exit(request, answered);
  };
  /** Runs a request of this duration, so that the lane's duration is known. */
  const know = (fields: string, ms: number): void => {
    const request = enter(fields);
    clock.now += ms;
    end(request);
  };
  return { share, enter, many, end, know };
}
const count = (requests: readonly Request[], state: Request['state']): number =>
  requests.filter((request) => request.state === state).length;

test('a slow lane gets half of the slots; new and fast lanes get the others immediately', () => {
  const { enter, many } = shareOf(8);
  const slow = many('slow', 20);
  assert.deepEqual([count(slow, 'runs'), count(slow, 'waits')], [4, 16]);
  assert.equal(enter('other').state, 'runs');
});

test('a quarter of the slots is reserved for fast lanes: slow requests with varied fields do not get them', () => {
  const { enter, many, end, know } = shareOf(8);
  know('fast', 10);
  const varied = Array.from({ length: 20 }, (_, i) => enter(`slow ${i}`));
  assert.deepEqual([count(varied, 'runs'), count(varied, 'waits')], [6, 14]);
  clock.now += 2_000;
  const fast = many('fast', 4);
  assert.deepEqual(
    fast.map(({ state }) => state),
    ['runs', 'runs', 'waits', 'waits'],
  );
  end(fast[0]!);
  end(fast[1]!);
  assert.deepEqual(
    fast.slice(2).map(({ state }) => state),
    ['runs', 'runs'],
  );
  clock.now += 1_000;
  assert.equal(enter('fast').state, 'waits', 'it is not fast any more');
});

test('lanes take turns, however many requests of one wait', () => {
  const { many, enter, end } = shareOf(4);
  const [first] = many('a', 2);
  const [second] = many('b', 1);
  const waiting = many('a', 5);
  const other = enter('c');
  clock.now += 1_000;
  end(first!);
  assert.deepEqual([count(waiting, 'runs'), other.state], [0, 'runs']);
  end(second!);
  assert.equal(count(waiting, 'runs'), 1);
});

test('refuses requests that cannot be answered in time: on arrival, or when their turn comes too late', () => {
  const { many, enter, end, know } = shareOf(4);
  know('slow', 4_100);
  const slow = many('slow', 10);
  assert.deepEqual(
    [count(slow, 'runs'), count(slow, 'waits'), count(slow, 'refused')],
    [2, 2, 6],
    'the fifth would be answered after 10 s',
  );
  clock.now += 7_000;
  end(slow[0]!);
  assert.equal(slow[2]!.state, 'refused');
  assert.equal(enter('slow').state, 'runs');
});

test('one lane fills at most a quarter of the queue; new and slow lanes together three quarters', () => {
  const { many, know } = shareOf(4, 40);
  know('fast', 1);
  assert.equal(count(many('a', 40), 'waits'), 10);
  for (const fields of ['b', 'c', 'd', 'e']) many(fields, 40);
  assert.equal(count(many('f', 1), 'refused'), 1);
  const fast = many('fast', 20);
  assert.ok(count(fast, 'waits') > 0 && count(fast, 'refused') > 0, JSON.stringify(fast.map(({ state }) => state)));
});

test('knows whether other lanes were answered meanwhile', () => {
  const { share, enter, end } = shareOf(4);
  clock.now++;
  const slow = enter('slow');
  assert.equal(share.othersAnswered(slow), false);
  clock.now++;
  end(enter('slow'));
  assert.equal(share.othersAnswered(slow), false);
  end(enter('other'));
  end(enter('slow'));
  assert.equal(share.othersAnswered(slow), true);
});

test('does not divide two or three slots', () => {
  const { many } = shareOf(3);
  assert.equal(count(many('a', 5), 'runs'), 3);
});

test('model: the limits hold, nothing waits that could run, and everything ends', () => {
  const step = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        enter: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
        patience: fc.constantFrom(50, 1_000, 10_000),
      }),
    },
    { weight: 2, arbitrary: fc.record({ end: fc.nat(), answered: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ pass: fc.constantFrom(1, 100, 300, 3_000) }) },
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.array(step, { maxLength: 120 }), (slots, steps) => {
      const { share, enter, end } = shareOf(slots, 30);
      const all: { readonly request: Request; readonly fields: string }[] = [];
      const alive = (): typeof all =>
        all.filter(({ request }) => request.state === 'runs' || request.state === 'waits');
      const check = (): void => {
        const running = all.filter(({ request }) => request.state === 'runs');
        const waiting = all.filter(({ request }) => request.state === 'waits');
        assert.deepEqual(share.state, { running: running.length, waiting: waiting.length });
        assert.ok(running.length <= slots);
        assert.ok(running.filter(({ request }) => request.unreserved).length <= Math.ceil(slots * 0.75));
        const of = (fields: string): number => running.filter((one) => one.fields === fields).length;
        const ofLane = slots < 4 ? slots : Math.ceil(slots / 2);
        for (const { fields } of running) assert.ok(of(fields) <= ofLane);
        const unreserved = running.filter(({ request }) => request.unreserved).length;
        if (running.length < slots && unreserved < Math.ceil(slots * 0.75))
          for (const { fields } of waiting) assert.equal(of(fields), ofLane, 'waits beside a free place');
      };
      for (const one of steps) {
        if ('enter' in one) all.push({ request: enter(one.enter, one.patience), fields: one.enter });
        else if ('pass' in one) clock.now += one.pass;
        else {
          const found = alive().at(one.end % Math.max(1, alive().length));
          if (found !== undefined) end(found.request, one.answered && found.request.state === 'runs');
        }
        check();
      }
      for (let running = alive(); running.length > 0; running = alive()) {
        for (const { request } of running.filter((one) => one.request.state === 'runs')) end(request);
        check();
        assert.ok(alive().length < running.length, 'something waits for nothing');
      }
    }),
    { numRuns: 400 },
  );
});
