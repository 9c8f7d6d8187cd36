import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import fc from 'fast-check';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { delivered } from '../../platform/testing/service.testing.ts';
import { matchState } from '../../schema/messages/matches.ts';
import {
  MatchForfeited,
  MatchPlanned,
  MatchReplanned,
  MatchUnplanned,
  OrganizersChanged,
  TournamentCreated,
  Tournaments,
  TournamentSnapshot,
} from '../../schema/messages/tournaments.ts';
import type { Match } from './generated/prisma/client.ts';
import { matchId, openMatches, person, refused } from './matches.fixture.ts';

let m: Awaited<ReturnType<typeof openMatches>>;
beforeAll(async () => void (m = await openMatches()));
afterAll(() => m.close());

const KICKOFF = '2026-06-01T18:00:00.000Z';

/** A tournament of the subgraph tournaments: `tell` delivers its events to matches. */
function tournament(protestHours = 24) {
  const [tournamentId, creator, second] = [randomUUID(), person(), person()];
  let seq = 0;
  const tell = async ({ type }: { type: string }, payload: object, more: object = {}) => {
    const event = delivered({ topic: Tournaments.name, key: tournamentId, seq: ++seq, type, payload });
    await m.deliver({ ...event, ...more });
    return event;
  };
  const facts = {
    tournamentId,
    name: 'City Cup',
    sport: 'FOOTBALL',
    state: 'RUNNING',
    startsAt: KICKOFF,
    organizerIds: [creator.userId, second.userId],
    protestHours,
  };
  const plan = (more: object = {}) => ({
    matchId: randomUUID(),
    tournamentId,
    sport: 'FOOTBALL',
    homeTeamId: randomUUID(),
    awayTeamId: randomUUID(),
    kickoffAt: KICKOFF,
    kickoffIsEstimate: true,
    venue: null,
    refereeId: null,
    competition: 'City Cup',
    round: 'Final',
    group: null,
    needsWinner: true,
    protestHours,
    walkoverScore: 5,
    ...more,
  });
  return {
    tournamentId,
    creator,
    second,
    facts,
    plan,
    tell,
    create: () => tell(TournamentCreated, facts),
    async planned(more: object = {}): Promise<Match> {
      const one = plan(more);
      await tell(MatchPlanned, one);
      return m.prisma.match.findUniqueOrThrow({ where: { id: one.matchId } });
    },
  };
}
async function running(protestHours?: number) {
  const t = tournament(protestHours);
  await t.create();
  return t;
}

describe('a match that a tournament plans', () => {
  it('is there with the id of the plan, once, however often the event comes', async () => {
    const t = await running();
    const plan = t.plan();
    const event = await t.tell(MatchPlanned, plan);
    await m.deliver(event);
    await t.tell(MatchPlanned, plan);
    const match = await m.prisma.match.findUniqueOrThrow({ where: { id: plan.matchId } });
    const { kickoffAt, organizerId, lastSeq, state, ...kept } = match;
    assert.deepEqual(
      [kickoffAt.toISOString(), organizerId, lastSeq, state],
      [KICKOFF, t.creator.userId, 1, 'SCHEDULED'],
    );
    for (const name of [
      'tournamentId',
      'homeTeamId',
      'competition',
      'round',
      'kickoffIsEstimate',
      'needsWinner',
    ] as const)
      assert.equal(kept[name], plan[name], name);
    const told = (await m.told()).filter(({ key }) => key === plan.matchId);
    assert.deepEqual(
      told.map(({ payload }) => (payload as { match: { tournamentId: string } }).match.tournamentId),
      [t.tournamentId],
    );
  });

  it('is organized by all organizers of the tournament, as long as they are', async () => {
    const t = await running();
    const match = await t.planned();
    await m.moves.start(t.second, { matchId: matchId(match) });
    await refused(m.moves.suspend(person('organizer'), { matchId: matchId(match) }), 'FORBIDDEN', 'matchId');
    await t.tell(OrganizersChanged, {
      ...t.facts,
      organizerIds: [t.creator.userId],
      appointed: null,
      removed: t.second.userId,
    });
    await refused(m.moves.suspend(t.second, { matchId: matchId(match) }), 'FORBIDDEN', 'matchId');
    assert.equal((await m.moves.suspend(t.creator, { matchId: matchId(match) })).state, 'SUSPENDED');
    await refused(m.moves.cancel(t.creator, { matchId: matchId(match) }), 'CONFLICT', 'matchId');
  });

  it('has the time for protests and the walkover that the tournament says', async () => {
    const t = await running(2);
    const match = await t.planned({ needsWinner: false });
    await m.results.recordFinalScore(t.creator, { matchId: matchId(match), score: { home: 1, away: 1 } });
    await m.pass(1);
    assert.equal((await m.now(match)).state, 'FINISHED');
    await m.pass(2);
    assert.equal((await m.now(match)).state, 'CONFIRMED');
    const other = await t.planned();
    await t.tell(MatchForfeited, { matchId: other.id, tournamentId: t.tournamentId, winner: 'AWAY' });
    const { state, score } = await m.now(other);
    assert.deepEqual([state, score], ['WALKOVER', { home: 0, away: 5, periods: [], shootout: null }]);
  });

  it('that is the second leg has a shoot-out where the sum of both legs is level', async () => {
    const t = await running();
    const both = { needsWinner: false, round: 'Semi-finals' };
    const legs = async () => {
      const key = `2 ${randomUUID()}`;
      const first = await t.planned({ ...both, tie: { key, leg: 1 } });
      const { homeTeamId, awayTeamId } = first;
      const second = await t.planned({ ...both, homeTeamId: awayTeamId, awayTeamId: homeTeamId, tie: { key, leg: 2 } });
      return { first, second };
    };
    const end = (match: Match, home: number, away: number, shootout?: { home: number; away: number }) =>
      m.results.recordFinalScore(t.creator, { matchId: matchId(match), score: { home, away, shootout } });
    const kicks = { home: 4, away: 1 };
    // The second leg ends with a final score that is entered as a whole.
    const scored = await legs();
    await refused(end(scored.second, 0, 1, kicks), 'CONFLICT', 'score.shootout');
    await end(scored.first, 0, 1);
    await refused(end(scored.second, 0, 0, kicks), 'CONFLICT', 'score.shootout');
    await refused(end(scored.second, 1, 0, kicks), 'CONFLICT', 'score.shootout');
    assert.deepEqual((await end(scored.second, 0, 1, kicks)).score, { home: 0, away: 1, periods: [], shootout: kicks });
    // The second leg is recorded event by event.
    const played = await legs();
    await end(played.first, 2, 1);
    await m.moves.start(t.creator, { matchId: matchId(played.second) });
    let count = 0;
    const record = (event: object) =>
      m.events.record(t.creator, { matchId: matchId(played.second), clientEventId: `${++count}`, event });
    await record({ period: {} });
    await refused(record({ period: { shootout: true } }), 'CONFLICT', 'event.period.shootout');
    await record({ goal: { side: 'HOME' } });
    assert.equal((await record({ period: { shootout: true } })).match.shootout, true);
    // A leg of another tie, or of other teams, is not counted.
    const [one, other] = [await legs(), await legs()];
    await end(one.first, 0, 1);
    await refused(end(other.second, 0, 1, kicks), 'CONFLICT', 'score.shootout');
  });

  it('is planned anew until it begins', async () => {
    const t = await running();
    const match = await t.planned();
    const at = { matchId: match.id, tournamentId: t.tournamentId, kickoffIsEstimate: false, refereeId: null };
    const replan = (hour: number) =>
      t.tell(MatchReplanned, { ...at, venue: 'The yard', kickoffAt: `2026-06-02T${hour}:00:00.000Z` });
    await replan(10);
    await replan(10);
    const moved = await m.now(match);
    assert.deepEqual(
      [moved.kickoffAt.toISOString(), moved.kickoffIsEstimate, moved.venue, moved.lastSeq],
      ['2026-06-02T10:00:00.000Z', false, 'The yard', 2],
    );
    await m.moves.postpone(t.creator, { matchId: matchId(match) });
    await t.tell(MatchReplanned, { ...at, venue: 'The hall', kickoffAt: '2026-06-02T10:00:00.000Z' });
    assert.equal((await m.now(match)).state, 'POSTPONED', 'another place is no new time');
    await replan(11);
    assert.equal((await m.now(match)).state, 'SCHEDULED');
    await m.moves.start(t.creator, { matchId: matchId(match) });
    const { lastSeq } = await m.now(match);
    await replan(12);
    assert.equal((await m.now(match)).lastSeq, lastSeq, 'too late');
  });

  it('counts nowhere when the plan does not have it any more, whatever was played and contested', async () => {
    const t = await running();
    for (const contested of [false, true]) {
      const match = await t.planned();
      await m.results.recordFinalScore(t.creator, { matchId: matchId(match), score: { home: 2, away: 1 } });
      if (contested) await m.results.protest(m.member(match, 'AWAY'), { matchId: matchId(match), reason: 'offside' });
      else await m.results.confirm(t.creator, { matchId: matchId(match) });
      const unplanned = { matchId: match.id, tournamentId: t.tournamentId, reason: 'another team qualified' };
      for (let time = 0; time < 2; time++) await t.tell(MatchUnplanned, unplanned);
      await t.tell(MatchForfeited, { ...unplanned, winner: 'HOME' });
      const now = await m.now(match);
      assert.deepEqual([now.state, now.confirmsAt], ['CANCELLED', null]);
      const last = (await m.told()).filter(({ key }) => key === match.id).at(-1)?.payload;
      const { match: facts, detail } = last as { match: { counts: boolean }; detail: { reason: string } };
      assert.deepEqual([facts.counts, detail.reason], [false, 'another team qualified']);
      assert.equal(await m.prisma.protest.count({ where: { matchId: match.id, decision: null } }), 0);
      assert.equal(await m.prisma.timer.count({ where: { key: match.id } }), 0);
    }
  });

  it('is not touched by another tournament', async () => {
    const [t, other] = [await running(), await running()];
    const match = await t.planned();
    const foreign = { matchId: match.id, tournamentId: other.tournamentId };
    await other.tell(MatchUnplanned, { ...foreign, reason: 'x' });
    await other.tell(MatchForfeited, { ...foreign, winner: 'HOME' });
    await other.tell(MatchPlanned, { ...other.plan(), matchId: match.id });
    assert.deepEqual(await m.now(match), match);
  });

  it('may have been a friendly of the same organizer and teams', async () => {
    const t = await running();
    const friendly = await m.prisma.match.update({
      where: { id: (await m.finished()).id },
      data: { organizerId: t.creator.userId },
    });
    const strange = await m.finished();
    for (const { id, homeTeamId, awayTeamId } of [friendly, strange])
      await t.tell(MatchPlanned, t.plan({ matchId: id, homeTeamId, awayTeamId, needsWinner: false }));
    assert.equal((await m.now(strange)).tournamentId, null);
    const adopted = await m.now(friendly);
    assert.deepEqual([adopted.tournamentId, adopted.state, adopted.lastSeq], [t.tournamentId, 'FINISHED', 5]);
    const last = (await m.told()).filter(({ key }) => key === friendly.id).at(-1)?.payload;
    assert.equal((last as { match: { tournamentId: string } }).match.tournamentId, t.tournamentId);
  });
});

describe('a snapshot of a tournament', () => {
  it('makes the matches what they would be by all events', async () => {
    const t = await running();
    const [kept, gone] = [await t.planned(), await t.planned()];
    const [moved, fresh] = [t.plan({ matchId: kept.id, kickoffAt: '2026-07-01T10:00:00.000Z' }), t.plan()];
    // The events between the last one and the snapshot are missing.
    const snapshot = { ...t.facts, protestHours: 7, matches: [moved, fresh] };
    for (let time = 0; time < 2; time++) {
      await t.tell(TournamentSnapshot, snapshot, { seq: 20 + time, snapshot: true });
      const states = async (id: string) => (await m.prisma.match.findUnique({ where: { id } }))?.state;
      assert.deepEqual(await Promise.all([kept.id, gone.id, fresh.matchId].map(states)), [
        'SCHEDULED',
        'CANCELLED',
        'SCHEDULED',
      ]);
      assert.equal((await m.now(kept)).kickoffAt.toISOString(), '2026-07-01T10:00:00.000Z');
      assert.equal((await m.now(kept)).lastSeq, 2);
    }
    const known = await m.prisma.knownTournament.findUniqueOrThrow({ where: { id: t.tournamentId } });
    assert.deepEqual([known.protestHours, known.organizerIds], [7, t.facts.organizerIds]);
  });
});

describe('events of a tournament in any state of the match', () => {
  it('lead to a state of the table, or to nothing', async () => {
    const t = await running();
    const act = ['start', 'finish', 'suspend', 'abandon', 'postpone'] as const;
    const events = [MatchForfeited, MatchUnplanned, MatchReplanned] as const;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...act, ...events), { minLength: 1, maxLength: 8 }), async (steps) => {
        const match = await t.planned({ needsWinner: false });
        const ref = { matchId: match.id, tournamentId: t.tournamentId };
        for (const step of steps) {
          const before = await m.now(match);
          if (typeof step === 'string') {
            await m.moves[step](t.creator, { matchId: toGlobalId('Match', match.id) }).catch(() => undefined);
            continue;
          }
          const plan = { kickoffAt: new Date().toISOString(), kickoffIsEstimate: false, venue: null, refereeId: null };
          await t.tell(step, { ...ref, ...plan, winner: 'HOME', reason: 'x' });
          const { state, lastSeq } = await m.now(match);
          assert.ok(matchState.options.includes(state));
          if (before.state === 'CANCELLED') assert.equal(lastSeq, before.lastSeq);
          if (step === MatchUnplanned) assert.equal(state, 'CANCELLED');
          const parked = await m.prisma.inboxParked.count({ where: { key: t.tournamentId } });
          assert.equal(parked, 0);
        }
      }),
      { numRuns: 15 },
    );
  });
});
