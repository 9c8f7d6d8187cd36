import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import fc from 'fast-check';
import { Matches } from '../../schema/messages/matches.ts';
import type { Match } from './generated/prisma/client.ts';
import { matchId, openMatches } from './matches.fixture.ts';
import { inOrder, NEW, type RatedMatch, type Rating, ratingsAfter } from './rating.ts';
import { ratings as projection } from './rebuild.ts';

let m: Awaited<ReturnType<typeof openMatches>>;
beforeAll(async () => void (m = await openMatches()));
afterAll(() => m.close());

const of = (match: Match, more: object = {}) => ({ matchId: matchId(match), ...more });
const at = (day: number) => new Date(Date.UTC(2026, 0, 1 + day));
let handled = 0;
/** Delivers all events since the last call, as the event log would: one by one, or the waiting ones together. */
async function settle(together = false): Promise<void> {
  const told = await m.told();
  const events = told.slice(handled).filter(({ topic }) => topic === Matches.name);
  if (together) await m.deliverAll(events);
  else for (const event of events) await m.deliver(event);
  handled = told.length;
}
const confirmed = async (
  score: { home: number; away: number },
  input: Record<string, unknown> = {},
): Promise<Match> => {
  const match = await m.results.recordFinalScore(m.referee, of(await m.schedule(input), { score }));
  return m.results.confirm(m.organizer, of(match));
};
const ratingOf = async (kind: 'TEAM' | 'PLAYER', id: string): Promise<Rating | undefined> =>
  (await m.ratings.newest(kind, [id], 'FOOTBALL', 1)).get(id)?.[0];
const live = async () =>
  (await m.prisma.ratingChange.findMany({ orderBy: [{ kind: 'asc' }, { subjectId: 'asc' }, { matchId: 'asc' }] })).map(
    ({ mu, sigma, ...row }) => ({ ...row, mu: mu.toFixed(12), sigma: sigma.toFixed(12) }),
  );
const round = (value: number | undefined) => value?.toFixed(4);

/** The ratings that `ratingsAfter` computes from all rated matches, in order. */
async function expected(): Promise<Map<string, Rating>> {
  const rows = await m.prisma.ratedMatch.findMany();
  const all = rows
    .map((row): RatedMatch => ({ ...row, winner: row.winner as 'HOME', kickoffAt: row.kickoffAt.toISOString() }))
    .sort(inOrder);
  const now = new Map<string, Rating>();
  for (const match of all) for (const [subject, rating] of ratingsAfter(match, now)) now.set(subject, rating);
  return now;
}

/** Reads all events from the beginning, as the command does. */
async function rebuild(): Promise<Readonly<Record<string, number>>> {
  const run = await projection.open(m.url, new AbortController().signal);
  try {
    for (const event of await m.told()) if (event.topic === Matches.name) await run.handle(event);
    return await run.finish(async () => undefined);
  } finally {
    await run.close();
  }
}

describe('a rating', () => {
  it('of two new sides after a draw is surer, and no better', async () => {
    const match: RatedMatch = {
      matchId: 'x',
      sport: 'FOOTBALL',
      kickoffAt: '',
      homeTeamId: 'a',
      awayTeamId: 'b',
      winner: null,
      homePlayers: [],
      awayPlayers: [],
    };
    for (const { mu, sigma } of ratingsAfter(match, new Map()).values())
      assert.deepEqual([round(mu), round(sigma)], ['25.0000', '8.0659']);
    const [home, away] = ratingsAfter({ ...match, winner: 'HOME' }, new Map()).values();
    const [second, first] = ratingsAfter({ ...match, winner: 'AWAY' }, new Map()).values();
    assert.ok(home && away && home.mu > NEW.mu && away.mu < NEW.mu);
    assert.deepEqual([first, second], [home, away], 'whoever is at home');
  });

  it('moves once, when the result is confirmed', async () => {
    const match = await m.results.recordFinalScore(m.referee, of(await m.schedule(), { score: { home: 2, away: 0 } }));
    await settle();
    assert.equal(await ratingOf('TEAM', match.homeTeamId), undefined);
    await m.results.confirm(m.organizer, of(match));
    await settle();
    const rating = await ratingOf('TEAM', match.homeTeamId);
    assert.ok(rating && rating.mu > 25);
    handled = 0;
    await settle();
    assert.equal(await m.prisma.ratingChange.count({ where: { matchId: match.id } }), 2);
    assert.deepEqual(await ratingOf('TEAM', match.homeTeamId), rating);
  });

  it('of players moves by the lineups of both sides, with those who came on', async () => {
    const match = await m.schedule();
    const side = (name: 'HOME' | 'AWAY') => ({
      side: name,
      starters: [{ name: `${name} starts` }],
      bench: [{ name: `${name} stays` }, { name: `${name} comes on` }],
    });
    await m.lineups.set(m.organizer, of(match, side('HOME')));
    await m.lineups.set(m.organizer, of(match, side('AWAY')));
    await m.moves.start(m.referee, of(match));
    const event = {
      substitution: { side: 'HOME', player: { name: 'HOME comes on' }, replaced: { name: 'HOME starts' } },
    };
    await m.events.record(m.referee, of(match, { clientEventId: 'on', event }));
    await m.events.record(m.referee, of(match, { clientEventId: 'goal', event: { goal: { side: 'HOME' } } }));
    await m.moves.finish(m.referee, of(match));
    await m.results.confirm(m.organizer, of(match));
    await settle();
    const players = await m.prisma.player.findMany({ where: { teamId: { in: [match.homeTeamId, match.awayTeamId] } } });
    const rated = await Promise.all(
      players.map(async ({ id, name }) => `${name} ${Math.sign(((await ratingOf('PLAYER', id))?.mu ?? 25) - 25)}`),
    );
    assert.deepEqual(rated.sort(), [
      'AWAY comes on 0',
      'AWAY starts -1',
      'AWAY stays 0',
      'HOME comes on 1',
      'HOME starts 1',
      'HOME stays 0',
    ]);
  });

  it('is not moved by a walkover', async () => {
    const match = await m.results.awardWalkover(m.organizer, of(await m.schedule(), { winner: 'HOME' }));
    await settle();
    assert.equal(await ratingOf('TEAM', match.homeTeamId), undefined);
  });
});

describe('ordinals of teams', () => {
  it('are those of the newest rating of the sport, and null for what has none', async () => {
    const [home, other] = [randomUUID(), randomUUID()];
    const before = await m.ratings.ordinals([{ teamId: home, sport: 'FOOTBALL' }]);
    assert.deepEqual(before, [null]);
    await m.prisma.ratingChange.createMany({
      data: [
        { mu: 20, sigma: 5, kickoffAt: new Date('2026-05-01T10:00:00Z') },
        { mu: 30, sigma: 4, kickoffAt: new Date('2026-05-03T10:00:00Z') },
        { mu: 50, sigma: 1, kickoffAt: new Date('2026-05-02T10:00:00Z') },
      ].map((row) => ({ ...row, kind: 'TEAM', subjectId: home, sport: 'FOOTBALL', matchId: randomUUID() })),
    });
    assert.deepEqual(
      await m.ratings.ordinals([
        { teamId: other, sport: 'FOOTBALL' },
        { teamId: home, sport: 'FOOTBALL' },
        { teamId: home, sport: 'BASKETBALL' },
        { teamId: null, sport: 'FOOTBALL' },
        { teamId: home, sport: 'FOOTBALL' },
      ]),
      [null, 18, null, null, 18],
    );
    await m.prisma.ratingChange.deleteMany({ where: { subjectId: home } });
  });
});

describe('ratings', () => {
  it('follow the order of kick-off, whenever results are confirmed, corrected or annulled; a rebuild gives the same', async () => {
    const teams = [1, 2, 3, 4].map(() => m.team());
    const step = fc.record({
      home: fc.nat(3),
      away: fc.nat(2),
      day: fc.nat(9),
      score: fc.record({ home: fc.nat(2), away: fc.nat(2) }),
      next: fc.constantFrom('nothing', 'nothing', 'correct', 'annul'),
      delivery: fc.constantFrom('one by one', 'together', 'wait', 'wait'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 7 }), async (steps) => {
        for (const { home, away, day, score, next, delivery } of steps) {
          const others = teams.filter((_, index) => index !== home);
          const match = await confirmed(score, {
            homeTeamId: teams[home],
            awayTeamId: others[away],
            kickoffAt: at(day),
          });
          if (delivery !== 'wait') await settle();
          if (next === 'correct')
            await m.results.correct(m.organizer, of(match, { score: { home: 9, away: 0 }, reason: 'a slip' }));
          // A cancelled match no longer counts, like one that a tournament takes from its plan.
          if (next === 'annul') {
            await m.prisma.match.update({ where: { id: match.id }, data: { state: 'FINISHED' } });
            await m.results.protest(m.member(match, 'HOME'), of(match, { reason: 'x' }));
            await m.results.decide(m.organizer, of(match, { decision: { replay: true } }));
            await m.moves.cancel(m.organizer, of(match));
          }
          if (delivery !== 'wait') await settle(delivery === 'together');
        }
        await settle(true);
        const want = await expected();
        for (const [subject, { mu, sigma }] of want) {
          const [kind = '', id = ''] = subject.split(':');
          const is = await ratingOf(kind as 'TEAM', id);
          assert.deepEqual([round(is?.mu), round(is?.sigma)], [round(mu), round(sigma)], subject);
        }
        const before = await live();
        const { late } = await rebuild();
        assert.equal(late, 0);
        assert.deepEqual(await live(), before);
      }),
      { numRuns: 6 },
    );
  }, 120_000);

  it('of matches whose events are handled together are the same as one by one, in several sports', async () => {
    await settle();
    const results: Match[] = [];
    for (const sport of ['FOOTBALL', 'BASKETBALL', 'FOOTBALL']) {
      const [homeTeamId, awayTeamId] = [m.team(sport), m.team(sport)];
      for (const day of [2, 1]) {
        const input = { sport, homeTeamId, awayTeamId, kickoffAt: at(day) };
        results.push(await confirmed({ home: 3, away: day }, input));
      }
    }
    const ids = { matchId: { in: results.map(({ id }) => id) } };
    const rows = async () => (await live()).filter(({ matchId: id }) => ids.matchId.in.includes(id));
    await settle(true);
    const together = await rows();
    assert.equal(together.length, 2 * results.length);
    assert.equal(await m.prisma.teamResult.count({ where: ids }), 2 * results.length);
    await rebuild();
    assert.deepEqual(await rows(), together);
  });

  it('are filled by a rebuild, and what was confirmed while it ran is in them', async () => {
    const before = await confirmed({ home: 1, away: 0 });
    await settle();
    const run = await projection.open(m.url, new AbortController().signal);
    try {
      for (const event of await m.told()) if (event.topic === Matches.name) await run.handle(event);
      const during = await confirmed({ home: 0, away: 1 }, { kickoffAt: at(0) });
      await settle();
      const wanted = await live();
      await m.prisma.ratingChange.deleteMany({ where: { matchId: before.id } });
      const figures = await run.finish(async () => undefined);
      assert.equal(figures['late'], 1);
      assert.deepEqual(await live(), wanted);
      assert.ok(await ratingOf('TEAM', during.homeTeamId));
    } finally {
      await run.close();
    }
    const left = await m.prisma.$queryRaw<
      unknown[]
    >`SELECT 1 FROM pg_tables WHERE schemaname = 'matches' AND tablename LIKE '%_new'`;
    assert.deepEqual(left, []);
  });

  it('have a bounded history, in one statement for all teams', async () => {
    const [home, away] = [m.team(), m.team()];
    for (const day of [3, 1, 2])
      await confirmed({ home: 1, away: 0 }, { homeTeamId: home, awayTeamId: away, kickoffAt: at(day) });
    await settle();
    const { homeTeamId = '' } = (await m.prisma.match.findFirst({ orderBy: { createdAt: 'desc' } })) ?? {};
    const statements = m.statements.length;
    const history = (await m.ratings.newest('TEAM', [homeTeamId, m.organizer.userId], 'FOOTBALL', 2)).get(homeTeamId);
    assert.equal(m.statements.length - statements, 1);
    assert.deepEqual(
      history?.map(({ kickoffAt }) => kickoffAt.toISOString()),
      [at(3), at(2)].map((day) => day.toISOString()),
    );
    for (const first of [0, 101]) await assert.rejects(m.ratings.newest('TEAM', [homeTeamId], 'FOOTBALL', first));
  });
});
