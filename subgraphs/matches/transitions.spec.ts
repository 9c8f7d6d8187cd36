// Tries all transitions of the state of a match: every action in every state, and long random sequences.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import fc from 'fast-check';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { UserErrors } from '../../platform/graphql/user-errors.ts';
import { type MatchEventDetail, matchState, type MatchState } from '../../schema/messages/matches.ts';
import { SPORTS } from '../../schema/sports.ts';
import type { Match } from './generated/prisma/client.ts';
import { matchId, openMatches } from './matches.fixture.ts';
import { hasEnded, resultCounts, scoreOf, winnerOf } from './score.ts';
import { progressOf } from './record.ts';
import { type Action, mayFrom, TRANSITIONS } from './transitions.ts';

let m: Awaited<ReturnType<typeof openMatches>>;
beforeAll(async () => void (m = await openMatches()));
afterAll(() => m.close());

const STATES = matchState.options;
/** The actions that clients ask for. The specs of tournaments and timers try the others. */
const ASKED = (Object.keys(TRANSITIONS) as Action[]).filter(
  (action) => !['TOURNAMENT', 'TIMER'].includes(TRANSITIONS[action].by),
);
const SCORE = { home: 2, away: 1 };

interface Played {
  readonly match: Match;
  readonly home: { userId: string; roles: readonly string[] };
  readonly away: { userId: string; roles: readonly string[] };
}

async function scheduled(): Promise<Played> {
  const match = await m.schedule();
  return { match, home: m.member(match, 'HOME'), away: m.member(match, 'AWAY', 'OWNER') };
}

let tick = 0;
/** Does the action, with a valid input. */
function act(action: Action, { match, home, away }: Played, turn = 0): Promise<unknown> {
  const at = { matchId: matchId(match) };
  const side = turn % 2 === 0 ? home : away;
  const event = { ...at, clientEventId: randomUUID() };
  const { moves, results, lineups, events, organizer, referee } = m;
  switch (action) {
    case 'setLineup':
      return lineups.set(side, {
        ...at,
        side: side === home ? 'HOME' : 'AWAY',
        starters: [{ name: `Starter ${tick++}` }],
      });
    case 'start':
      return moves.start(referee, at);
    case 'record':
      return events.record(referee, { ...event, event: { goal: { side: turn % 2 === 0 ? 'HOME' : 'AWAY' } } });
    case 'nextPeriod':
      return events.record(referee, { ...event, event: { period: {} } });
    case 'pause':
      return moves.pause(referee, at);
    case 'suspend':
      return moves.suspend(referee, at);
    case 'resume':
      return moves.resume(referee, at);
    case 'finish':
      return moves.finish(referee, at);
    case 'abandon':
      return moves.abandon(referee, at);
    case 'recordFinalScore':
      return results.recordFinalScore(referee, { ...at, score: { ...SCORE, home: (tick++ % 900) + 3 } });
    case 'reschedule':
      return moves.reschedule(organizer, { ...at, kickoffAt: new Date(Date.UTC(2027, 0, 1) + tick++ * 60_000) });
    case 'postpone':
      return moves.postpone(organizer, at);
    case 'cancel':
      return moves.cancel(organizer, at);
    case 'awardWalkover':
      return results.awardWalkover(organizer, { ...at, winner: turn % 2 === 0 ? 'HOME' : 'AWAY' });
    case 'confirm':
      return results.confirm(side, at);
    case 'overrule':
      return results.confirm(organizer, at);
    case 'protest':
      return results.protest(side, { ...at, reason: `No goal ${tick++}` });
    case 'decide':
      return results.decide(organizer, { ...at, decision: DECISIONS[turn % DECISIONS.length] });
    case 'correct':
      return results.correct(organizer, { ...at, reason: 'a slip', score: { ...SCORE, home: (tick++ % 900) + 3 } });
    default:
      throw new Error(`${action} is not asked for`);
  }
}
const DECISIONS = [{ confirmed: true }, { newScore: SCORE }, { walkover: { winner: 'AWAY' } }, { replay: true }];

/** A short sequence of client actions that leads to each state. */
const WAYS: Readonly<Record<MatchState, readonly Action[]>> = {
  SCHEDULED: [],
  LINEUPS: ['setLineup'],
  LIVE: ['start'],
  BREAK: ['start', 'pause'],
  SUSPENDED: ['start', 'suspend'],
  ABANDONED: ['start', 'abandon'],
  FINISHED: ['start', 'finish'],
  CONFIRMED: ['recordFinalScore', 'overrule'],
  WALKOVER: ['awardWalkover'],
  POSTPONED: ['postpone'],
  CANCELLED: ['cancel'],
};
/** An action does nothing if the match is already in the state that it leads to. */
const STAYS: Partial<Record<Action, MatchState>> = {
  start: 'LIVE',
  resume: 'LIVE',
  pause: 'BREAK',
  suspend: 'SUSPENDED',
  finish: 'FINISHED',
  abandon: 'ABANDONED',
  postpone: 'POSTPONED',
  cancel: 'CANCELLED',
  awardWalkover: 'WALKOVER',
  overrule: 'CONFIRMED',
};

describe('the table of transitions', () => {
  it('names each state, and only CANCELLED is left by nobody', () => {
    const left = new Set(Object.values(TRANSITIONS).flatMap(({ from }) => from as readonly MatchState[]));
    const reached = new Set(Object.values(TRANSITIONS).flatMap(({ to }) => to as readonly MatchState[]));
    assert.deepEqual(
      STATES.filter((state) => !left.has(state)),
      ['CANCELLED'],
    );
    assert.deepEqual(
      STATES.filter((state) => !reached.has(state)),
      [],
    );
  });

  for (const state of STATES)
    it(`is all that can be done to a match that is ${state}`, async () => {
      for (const action of ASKED) {
        const played = await scheduled();
        for (const step of WAYS[state]) await act(step, played);
        const before = await m.now(played.match);
        assert.equal(before.state, state);
        if (mayFrom(action, state)) {
          if (action === 'decide') await act('protest', played);
          await act(action, played);
          const { state: after } = await m.now(played.match);
          assert.ok((TRANSITIONS[action].to as readonly MatchState[]).includes(after), `${action} led to ${after}`);
          continue;
        }
        const reasons = await act(action, played).then(
          () => [],
          (error: unknown) => {
            assert.ok(error instanceof UserErrors, `${action}: ${String(error)}`);
            return error.errors.map(({ reason, code }) => `${reason} ${code}`);
          },
        );
        assert.deepEqual(reasons, STAYS[action] === state ? [] : ['MATCH_STATE CONFLICT'], `${action} of ${state}`);
        assert.deepEqual(await m.now(played.match), before, `${action} of ${state} changed something`);
      }
    }, 60_000);
});

describe('any sequence of actions', () => {
  it('leaves a match whose events say the same, and one protest open at most', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom(...ASKED, 'timeOut' as const), fc.nat(7)), { minLength: 5, maxLength: 24 }),
        async (actions) => {
          const played = await scheduled();
          let before = await m.now(played.match);
          for (const [action, turn] of actions) {
            if (action === 'timeOut') await m.pass(49);
            else {
              try {
                await act(action, played, turn);
                // A repeated request changes nothing, such as that of a side that has confirmed.
                const stayed = (await m.now(played.match)).lastSeq === before.lastSeq;
                assert.ok(mayFrom(action, before.state) || stayed, `${action} of ${before.state} was allowed`);
              } catch (error) {
                assert.ok(error instanceof UserErrors, String(error));
              }
            }
            before = await m.now(played.match);
            await invariants(before);
          }
        },
      ),
      { numRuns: 15 },
    );
  }, 120_000);
});

async function invariants(match: Match): Promise<void> {
  const events = (await m.events.after([match.id], 0, 100)).get(match.id) ?? [];
  assert.deepEqual(
    events.map(({ seq }) => seq),
    Array.from({ length: match.lastSeq }, (_, index) => index + 1),
  );
  const progress = progressOf(match);
  assert.deepEqual(scoreOf(SPORTS.FOOTBALL, events), match.score, 'the score is what the events make');
  const states = events.flatMap(({ detail }): MatchState[] =>
    detail.kind === 'STATE' ? [detail.state] : detail.kind === 'REPLAY' ? ['POSTPONED'] : [],
  );
  assert.equal(states.at(-1), match.state);
  assert.equal(winnerOf(progress) === null || hasEnded(match.state), true);
  const open = await m.prisma.protest.count({ where: { matchId: match.id, decision: null } });
  assert.ok(open === 0 || (open === 1 && match.state === 'FINISHED'));
  const timers = await m.prisma.timer.count({ where: { key: match.id } });
  assert.equal(timers, match.state === 'FINISHED' && open === 0 ? 1 : 0, `a timer runs while ${match.state}`);
  assert.equal(match.confirmsAt !== null, timers === 1);
  if (!hasEnded(match.state)) assert.deepEqual([match.homeConfirmedBy, match.awayConfirmedBy], [null, null]);
  const told = (await m.told()).filter(({ key }) => key === match.id);
  const last = told.at(-1)?.payload as { match: { state: string; counts: boolean }; detail: MatchEventDetail };
  assert.deepEqual([last.match.state, last.match.counts], [match.state, resultCounts(match.state)]);
  assert.equal(told.length, match.lastSeq);
  assert.equal(toGlobalId('Match', match.id), matchId(match));
}
