import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { Matches, UNRECORDED } from '../../schema/messages/matches.ts';
import type { Match } from './generated/prisma/client.ts';
import { matchId, openMatches } from './matches.fixture.ts';
import { playedIn } from './played.ts';
import { statistics as projection } from './rebuild.ts';
import { StatisticsService } from './statistics.service.ts';

let m: Awaited<ReturnType<typeof openMatches>>;
let service: StatisticsService;
beforeAll(async () => {
  m = await openMatches();
  service = new StatisticsService(m.prisma);
});
afterAll(() => m.close());

const of = (match: Match, more: object = {}) => ({ matchId: matchId(match), ...more });
const at = (day: number) => new Date(Date.UTC(2026, 0, 1 + day));
let handled = 0;
async function settle(): Promise<void> {
  const told = await m.told();
  for (const event of told.slice(handled)) if (event.topic === Matches.name) await m.deliver(event);
  handled = told.length;
}
const FOOTBALL = { sport: 'FOOTBALL' };
const teamSums = async (id: string, season: object = {}) =>
  (await service.teams([id], { ...FOOTBALL, ...season })).get(id);
const uuid = async (name: string): Promise<string> => (await m.prisma.player.findFirstOrThrow({ where: { name } })).id;
const playerSums = async (name: string, season: object = {}) => {
  const id = await uuid(name);
  return (await service.players([id], { ...FOOTBALL, ...season })).get(id);
};
const live = async () => [
  await m.prisma.teamResult.findMany({ orderBy: [{ teamId: 'asc' }, { matchId: 'asc' }] }),
  await m.prisma.playerResult.findMany({ orderBy: [{ playerId: 'asc' }, { matchId: 'asc' }] }),
];
async function rebuilt() {
  const run = await projection.open(m.url, new AbortController().signal);
  try {
    for (const event of await m.told()) if (event.topic === Matches.name) await run.handle(event);
    return await run.finish(async () => undefined);
  } finally {
    await run.close();
  }
}

describe('statistics', () => {
  it('count what players did in matches whose result counts, without what was taken back and without kicks', async () => {
    const match = await m.schedule({ kickoffAt: at(0) });
    await m.lineups.set(m.organizer, of(match, { side: 'HOME', starters: [{ name: 'Ada' }, { name: 'Bea' }] }));
    await m.moves.start(m.referee, of(match));
    let number = 0;
    const record = async (event: object) =>
      (await m.events.record(m.referee, of(match, { clientEventId: String(number++), event }))).event.seq;
    await record({ goal: { side: 'HOME', player: { name: 'Ada' }, assist: { name: 'Bea' } } });
    await record({ goal: { side: 'HOME', kind: 'PENALTY', player: { name: 'Ada' } } });
    const offside = await record({ goal: { side: 'HOME', player: { name: 'Ada' } } });
    await m.events.takeBack(m.referee, of(match, { clientEventId: 'void', seq: offside }));
    await record({ goal: { side: 'AWAY', kind: 'OWN_GOAL', player: { name: 'Bea' } } });
    await record({ card: { side: 'AWAY', card: 'YELLOW' } });
    await record({ period: {} });
    await record({ goal: { side: 'AWAY', player: { name: 'Cem' } } });
    await record({ card: { side: 'AWAY', card: 'YELLOW', player: { name: 'Cem' } } });
    await record({ period: { shootout: true } });
    await record({ goal: { side: 'HOME', kind: 'PENALTY', player: { name: 'Ada' } } });
    await m.moves.finish(m.referee, of(match));
    await settle();
    assert.equal(await playerSums('Ada'), undefined, 'provisional');
    await m.results.confirm(m.organizer, of(match));
    await settle();
    const zeros = { goals: 0, penalties: 0, points: 0, ownGoals: 0, assists: 0, yellow: 0, secondYellow: 0, red: 0 };
    assert.deepEqual(await playerSums('Ada'), { ...zeros, played: 1, goals: 2, penalties: 1, points: 2 });
    assert.deepEqual(await playerSums('Bea'), { ...zeros, played: 1, ownGoals: 1, assists: 1 });
    assert.deepEqual(await playerSums('Cem'), { ...zeros, played: 1, goals: 1, points: 1, yellow: 1 });
    assert.deepEqual(await teamSums(match.homeTeamId), {
      played: 1,
      won: 1,
      drawn: 0,
      lost: 0,
      scored: 2,
      conceded: 2,
    });
    // A card without a player is in the snapshot for its team, and in the statistics of nobody.
    assert.equal(await m.prisma.playerResult.count({ where: { matchId: match.id } }), 3);
    const sheet = (await playedIn(m.prisma, [match])).get(match.id);
    assert.deepEqual(
      sheet?.players.filter(({ player }) => player === UNRECORDED).map(({ side, yellow }) => [side, yellow]),
      [['AWAY', 1]],
    );
    assert.equal(await playerSums('Ada', { from: at(1) }), undefined);
    assert.equal((await playerSums('Ada', { from: at(0), to: at(1) }))?.goals, 2);
    assert.equal(await playerSums('Ada', { to: at(0) }), undefined);
    const before = await live();
    const figures = await rebuilt();
    assert.deepEqual(figures['late'], 0);
    assert.deepEqual(await live(), before);
  });

  it('follow a correction, and forget a result that counts no more; a rebuild gives the same', async () => {
    const [home, away] = [m.team(), m.team()];
    const played = async (day: number, score: { home: number; away: number }, swap = false) => {
      const teams = swap ? { homeTeamId: away, awayTeamId: home } : { homeTeamId: home, awayTeamId: away };
      const match = await m.schedule({ ...teams, kickoffAt: at(day) });
      await m.results.recordFinalScore(m.referee, of(match, { score }));
      return m.results.confirm(m.organizer, of(match));
    };
    const first = await played(1, { home: 2, away: 0 });
    await played(2, { home: 1, away: 1 });
    const last = await played(3, { home: 0, away: 4 }, true);
    const walkover = await m.results.awardWalkover(
      m.organizer,
      of(await m.schedule({ homeTeamId: home, awayTeamId: away, kickoffAt: at(4) })),
    );
    await settle();
    const id = first.homeTeamId;
    const sums = { played: 4, won: 2, drawn: 1, lost: 1, scored: 7, conceded: 1 };
    assert.deepEqual(await teamSums(id), sums);
    await m.results.correct(m.organizer, of(first, { score: { home: 0, away: 0 }, reason: 'a slip' }));
    await m.prisma.match.update({ where: { id: walkover.id }, data: { state: 'CANCELLED' } });
    await m.deliver((await m.told()).findLast(({ key }) => key === walkover.id) ?? assert.fail());
    handled = 0;
    await m.prisma.inboxPosition.deleteMany({ where: { key: walkover.id } });
    await settle();
    assert.deepEqual(await teamSums(id), { ...sums, played: 3, won: 1, drawn: 2, lost: 0, scored: 5 });

    const meetings = await service.meetings(home, away, 'FOOTBALL');
    assert.ok(meetings);
    assert.deepEqual(meetings.sums, await teamSums(id));
    assert.deepEqual(
      (await service.matchesOf(meetings, 2)).map((match) => match.kickoffAt.getUTCDate()),
      [4, 3],
    );
    assert.equal((await service.matchesOf(meetings, 1))[0]?.id, last.id);
    const other = await service.meetings(away, home, 'FOOTBALL');
    assert.deepEqual([other?.sums.scored, other?.sums.conceded], [meetings.sums.conceded, meetings.sums.scored]);
    assert.equal(await service.meetings('x', home, 'FOOTBALL'), null);
    assert.equal((await service.meetings(m.team(), home, 'FOOTBALL'))?.sums.played, 0);
  });

  it('count the deeds of players again when a walkover is corrected to its own score', async () => {
    const match = await m.schedule({ kickoffAt: at(6) });
    for (const side of ['HOME', 'AWAY'] as const)
      await m.lineups.set(m.organizer, of(match, { side, starters: [{ name: `Wim ${side}` }] }));
    await m.moves.start(m.referee, of(match));
    const event = { goal: { side: 'HOME', player: { name: 'Wim HOME' } } };
    await m.events.record(m.referee, of(match, { clientEventId: 'goal', event }));
    await m.moves.abandon(m.referee, of(match));
    const { score } = await m.results.awardWalkover(m.organizer, of(match, { winner: 'HOME' }));
    await settle();
    const rated = () => m.prisma.ratingChange.count({ where: { matchId: match.id } });
    assert.deepEqual([await playerSums('Wim HOME'), await rated()], [undefined, 0]);
    const teams = await teamSums(match.homeTeamId);
    await m.results.correct(m.organizer, of(match, { score, reason: 'They played until the end.' }));
    await settle();
    assert.deepEqual(await teamSums(match.homeTeamId), teams);
    assert.equal((await playerSums('Wim HOME'))?.goals, 1);
    assert.equal((await playerSums('Wim AWAY'))?.played, 1);
    assert.equal(await rated(), 4, 'two teams and two players');
    const ofMatch = async () => (await live()).map((rows) => rows.filter(({ matchId: id }) => id === match.id));
    const before = await ofMatch();
    await rebuilt();
    assert.deepEqual(await ofMatch(), before);
  });

  it('are read in one statement for many, and refuse the id of something else', async () => {
    const before = m.statements.length;
    await service.teams([m.organizer.userId, m.referee.userId], FOOTBALL);
    assert.equal(m.statements.length - before, 1);
    await assert.rejects(service.teams([], { ...FOOTBALL, tournamentId: toGlobalId('Team', m.organizer.userId) }));
  });
});
