import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import type { Questions } from '../../platform/questions/questions.ts';
import { person, refused } from '../../platform/testing/service.testing.ts';
import { type MatchEventDetail, UNRECORDED } from '../../schema/messages/matches.ts';
import { afterTest } from '../../test/after-test.ts';
import { AwardsService } from './awards.service.ts';
import { keepDeeds } from './deeds.ts';
import type { ResultsService } from './results.service.ts';
import { openTournaments, tournamentIdOf } from './tournaments.fixture.ts';

const olga = person();

/** A tournament with a match of two teams, whose events can be delivered. */
async function open() {
  const opened = await openTournaments();
  afterTest(() => opened.close());
  const { prisma, outbox, results } = opened;
  /** The team of each player that exists, by the global id of the player. */
  const known = new Map<string, string>();
  const questions = {
    ask: async (_: unknown, id: string) => {
      const teamId = known.get(id);
      return teamId === undefined ? null : { name: 'Ada', team: { id: toGlobalId('Team', teamId) } };
    },
  } as unknown as Questions;
  const tournament = await opened.put(await opened.made(olga), 'RUNNING');
  const stage = await prisma.stage.create({
    data: { tournamentId: tournament.id, number: 1, name: 'League', format: 'ROUND_ROBIN', config: {} },
  });
  const [homeTeamId, awayTeamId] = [randomUUID(), randomUUID()];
  for (const [index, teamId] of [homeTeamId, awayTeamId].entries())
    await prisma.entry.create({
      data: {
        tournamentId: tournament.id,
        teamId,
        state: 'CHECKED_IN',
        number: index + 1,
        seed: index + 1,
        enteredBy: randomUUID(),
        enteredAt: new Date(),
      },
    });
  async function match() {
    const matchId = randomUUID();
    await prisma.slot.create({
      data: {
        stageId: stage.id,
        key: matchId,
        bracket: 'TABLE',
        round: 1,
        position: 1,
        home: {},
        away: {},
        results: { create: { matchId, homeEntryId: randomUUID(), awayEntryId: randomUUID(), state: 'LIVE' } },
      },
    });
    let seq = 0;
    const deliver = (detail: MatchEventDetail | Parameters<ResultsService['keep']>[1]['detail'], at = ++seq) =>
      outbox.transaction(prisma, (tx) =>
        results.keep(
          tx,
          {
            matchId,
            match: {
              sport: 'FOOTBALL',
              homeTeamId,
              awayTeamId,
              tournamentId: tournament.id,
              kickoffAt: new Date().toISOString(),
              state: 'LIVE',
              counts: false,
              how: 'PLAYED',
              winner: null,
            },
            score: { home: 0, away: 0, periods: [], shootout: null },
            detail,
          },
          at,
        ),
      );
    return { matchId, deliver };
  }
  const awards = new AwardsService(prisma, outbox, questions);
  const scorers = async (first = 20) => (await awards.scorers([tournament.id], first)).get(tournament.id) ?? [];
  return { ...opened, tournament, homeTeamId, awayTeamId, match, awards, scorers, known };
}

const goal = (player: string | null, more: object = {}) =>
  ({
    kind: 'GOAL',
    side: 'HOME',
    goal: 'GOAL',
    points: 1,
    period: 1,
    player,
    assist: null,
    clock: null,
    ...more,
  }) as const;

describe('awards', () => {
  it('count goals without own goals and kicks of a shoot-out, and what is taken back does not count', async () => {
    const { match, scorers, homeTeamId } = await open();
    const { deliver } = await match();
    const [ann, bea, cora, dora] = Array.from({ length: 4 }, () => randomUUID());
    await deliver(goal(ann!));
    await deliver(goal(ann!, { goal: 'PENALTY' }));
    await deliver(goal(bea!, { goal: 'OWN_GOAL' }));
    await deliver(goal(cora!, { period: null }));
    await deliver(goal(dora!));
    expect((await scorers()).map(({ rank, goals, teamId }) => [rank, goals, teamId])).toEqual([
      [1, 2, homeTeamId],
      [2, 1, homeTeamId],
    ]);
    await deliver({ kind: 'VOID', voids: 1, reason: null, of: goal(ann!) });
    expect((await scorers()).map(({ rank, goals }) => [rank, goals])).toEqual([
      [1, 1],
      [1, 1],
    ]);
    expect(await scorers(1)).toHaveLength(1);
  });

  it('an event that is delivered again counts once, and a snapshot has the last word', async () => {
    const { match, scorers } = await open();
    const { deliver } = await match();
    const player = randomUUID();
    await deliver(goal(player), 1);
    await deliver(goal(player), 1);
    expect((await scorers())[0]?.goals).toBe(1);
    const none = { points: 3, penalties: 0, ownGoals: 0, assists: 1, yellow: 0, secondYellow: 0, red: 0 };
    await deliver([{ player, side: 'AWAY', goals: 3, ...none }], 5);
    expect((await scorers()).map(({ goals, assists }) => [goals, assists])).toEqual([[3, 1]]);
  });

  it('a match that is annulled or played anew counts for nobody', async () => {
    const { match, scorers, prisma } = await open();
    const [first, second] = [await match(), await match()];
    await first.deliver(goal(randomUUID()));
    await second.deliver(goal(randomUUID()));
    await second.deliver({ kind: 'REPLAY', reason: null });
    expect(await scorers()).toHaveLength(1);
    await prisma.result.update({ where: { matchId: first.matchId }, data: { annulled: true } });
    expect(await scorers()).toEqual([]);
  });

  it('assists and cards have lists of their own; a team without a card is the fairest', async () => {
    const { match, awards, tournament, homeTeamId, awayTeamId } = await open();
    const { deliver } = await match();
    const [scorer, maker] = [randomUUID(), randomUUID()];
    await deliver(goal(scorer, { assist: maker }));
    for (const card of ['YELLOW', 'SECOND_YELLOW', 'RED'] as const)
      await deliver({ kind: 'CARD', side: 'AWAY', card, player: randomUUID(), clock: null });
    const assists = (await awards.assists([tournament.id], 20)).get(tournament.id);
    expect(assists?.map(({ playerId, assists: made }) => [playerId, made])).toEqual([[maker, 1]]);
    const fair = (await awards.fairPlay([tournament.id], 20)).get(tournament.id);
    expect(fair?.map(({ rank, teamId, points }) => [rank, teamId, points])).toEqual([
      [1, homeTeamId, 0],
      [2, awayTeamId, -8],
    ]);
  });

  it('count cards whose player was not recorded for the team, from events and from a snapshot', async () => {
    const { prisma, match, awards, tournament, homeTeamId, awayTeamId } = await open();
    const { matchId, deliver } = await match();
    const yellow = { kind: 'CARD', side: 'HOME', card: 'YELLOW', player: null, clock: null } as const;
    await deliver(yellow);
    await deliver(yellow);
    await deliver({ ...yellow, side: 'AWAY', card: 'RED' });
    await deliver({ kind: 'VOID', voids: 1, reason: null, of: yellow });
    const points = async () =>
      (await awards.fairPlay([tournament.id], 20)).get(tournament.id)?.map((row) => [row.teamId, row.points]);
    const expected = [
      [homeTeamId, -1],
      [awayTeamId, -4],
    ];
    expect(await points()).toEqual(expected);
    await prisma.deed.deleteMany({ where: { matchId } });
    const none = { goals: 0, points: 0, ownGoals: 0, assists: 0, yellow: 0, secondYellow: 0, red: 0 };
    const of = { matchId, tournamentId: tournament.id, match: { homeTeamId, awayTeamId } };
    const detail = [
      { ...none, player: UNRECORDED, side: 'HOME', yellow: 1 },
      { ...none, player: UNRECORDED, side: 'AWAY', red: 1 },
    ] as const;
    await keepDeeds(prisma, [{ of, detail }]);
    expect(await points()).toEqual(expected);
  });

  it('organizers choose the best player, who must exist and play for a team that was drawn', async () => {
    const { awards, tournament, known, homeTeamId, awayTeamId, prisma } = await open();
    const playerId = toGlobalId('Player', randomUUID());
    const input = { tournamentId: tournamentIdOf(tournament), playerId };
    await expect(awards.chooseBestPlayer(olga, input)).rejects.toThrow('no such player');
    known.set(playerId, homeTeamId);
    await expect(awards.chooseBestPlayer(person(), input)).rejects.toThrow('of this match or tournament');
    expect((await awards.chooseBestPlayer(olga, input)).bestPlayerId).not.toBeNull();
    // A team of another tournament, and one that entered but was not drawn.
    known.set(playerId, randomUUID());
    await refused(awards.chooseBestPlayer(olga, input), 'INVALID', 'playerId');
    await prisma.entry.updateMany({ where: { teamId: awayTeamId }, data: { seed: null, state: 'MISSED_CHECK_IN' } });
    known.set(playerId, awayTeamId);
    await refused(awards.chooseBestPlayer(olga, input), 'INVALID', 'playerId');
    // A team that left after the draw has played.
    await prisma.entry.updateMany({ where: { teamId: homeTeamId }, data: { state: 'WITHDRAWN' } });
    known.set(playerId, homeTeamId);
    expect((await awards.chooseBestPlayer(olga, input)).bestPlayerId).not.toBeNull();
    expect((await awards.chooseBestPlayer(olga, { ...input, playerId: null })).bestPlayerId).toBeNull();
  });
});
