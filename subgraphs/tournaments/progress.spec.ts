import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { person } from '../../platform/testing/service.testing.ts';
import { afterTest } from '../../test/after-test.ts';
import type { Tournament } from './generated/prisma/client.ts';
import { progress } from './progress.ts';
import { lock } from './record.ts';
import { RulingsService } from './rulings.service.ts';
import { drawPlans, StagesService } from './stages.service.ts';
import { openTournaments, tournamentIdOf } from './tournaments.fixture.ts';

const olga = person();
const letters = [...'ABCDEFGHIJKLMNOP'];

async function open() {
  const opened = await openTournaments();
  afterTest(() => opened.close());
  const { prisma, outbox, results } = opened;
  const stages = new StagesService(prisma, outbox);
  let seq = 0;
  /** A running tournament of `size` entries, drawn with these stages. Entry A has seed 1, B has seed 2, and so on. */
  async function drawn(size: number, given: readonly object[]): Promise<Tournament> {
    const tournament = await opened.made(olga, { maxTeams: size });
    await stages.set(olga, { tournamentId: tournamentIdOf(tournament), stages: given });
    await opened.put(tournament, 'RUNNING');
    return outbox.transaction(prisma, async (tx, emit) => {
      const locked = (await lock(tx, tournament.id))!;
      const ids = Array.from({ length: size }, () => randomUUID());
      await tx.entry.createMany({
        data: ids.map((id, index) => ({
          id,
          tournamentId: tournament.id,
          teamId: randomUUID(),
          state: 'CHECKED_IN' as const,
          number: index + 1,
          seed: index + 1,
          enteredBy: randomUUID(),
          enteredAt: new Date(),
        })),
      });
      await drawPlans(tx, locked, ids);
      return progress(tx, emit, locked);
    });
  }
  const lettersOf = async ({ id }: Tournament): Promise<ReadonlyMap<string, string>> => {
    const entries = await prisma.entry.findMany({ where: { tournamentId: id } });
    return new Map(entries.map((entry) => [entry.id, letters[entry.seed! - 1]!]));
  };
  const slotsOf = (tournament: Tournament, stage = 1) =>
    prisma.slot.findMany({
      where: { stage: { tournamentId: tournament.id, number: stage } },
      include: { results: { orderBy: { number: 'asc' } } },
    });
  /** The pair of each slot as `A-B`, by the slot's key. `?` is a side that is not known. */
  async function pairsOf(tournament: Tournament, stage = 1): Promise<Record<string, string>> {
    const names = await lettersOf(tournament);
    const name = (id: string | null): string => (id === null ? '?' : names.get(id)!);
    return Object.fromEntries(
      (await slotsOf(tournament, stage)).map((slot) => [
        slot.key,
        `${name(slot.homeEntryId)}-${name(slot.awayEntryId)}`,
      ]),
    );
  }
  /** Reports a result of the match of A and B: `A-B 2:1` as CONFIRMED, `A-B 2:1 FINISHED` in that state. */
  async function play(tournament: Tournament, text: string, stage = 1): Promise<void> {
    const [, home, away, h, a, state = 'CONFIRMED'] = /^(\w)-(\w) (\d+):(\d+)(?: (\w+))?$/.exec(text)!;
    const names = await lettersOf(tournament);
    const slot = (await slotsOf(tournament, stage)).find(
      ({ homeEntryId, awayEntryId, matchId }) =>
        matchId !== null &&
        [names.get(homeEntryId!), names.get(awayEntryId!)].toSorted().join('') === [home, away].toSorted().join(''),
    )!;
    const turned = names.get(slot.homeEntryId!) !== home;
    const score = turned ? { home: Number(a), away: Number(h) } : { home: Number(h), away: Number(a) };
    await report(slot.matchId!, tournament, score, state);
  }
  async function report(...of: Parameters<typeof keep>): Promise<void> {
    await keep(...of);
    await opened.follow();
  }
  async function keep(
    matchId: string,
    tournament: Tournament,
    score: { home: number; away: number },
    state = 'CONFIRMED',
  ): Promise<void> {
    const winner = score.home === score.away ? null : score.home > score.away ? ('HOME' as const) : ('AWAY' as const);
    seq++;
    await outbox.transaction(prisma, (tx) =>
      results.keep(
        tx,
        {
          matchId,
          match: {
            sport: 'FOOTBALL',
            homeTeamId: randomUUID(),
            awayTeamId: randomUUID(),
            tournamentId: tournament.id,
            kickoffAt: new Date().toISOString(),
            state: state as 'CONFIRMED',
            counts: state === 'CONFIRMED' || state === 'WALKOVER',
            how: state === 'WALKOVER' ? 'WALKOVER' : 'PLAYED',
            winner,
          },
          score: { ...score, periods: [], shootout: null },
          detail: [],
        },
        seq,
      ),
    );
  }
  async function leave(tournament: Tournament, letter: string, state: 'WITHDRAWN' | 'DISQUALIFIED'): Promise<void> {
    const [id] = [...(await lettersOf(tournament))].find(([, of]) => of === letter)!;
    await outbox.transaction(prisma, async (tx, emit) => {
      const locked = (await lock(tx, tournament.id))!;
      await tx.entry.update({ where: { id }, data: { state } });
      await progress(tx, emit, locked);
    });
  }
  async function tableOf(tournament: Tournament, group = 1, stage = 1): Promise<string[]> {
    const names = await lettersOf(tournament);
    const rows = await prisma.standing.findMany({
      where: { group: { number: group, stage: { number: stage, tournamentId: tournament.id } } },
      orderBy: { place: 'asc' },
    });
    return rows.map(
      (row) =>
        `${row.rank} ${names.get(row.entryId)} ${row.played} ${row.scoreFor}:${row.scoreAgainst} ${row.points}` +
        `${row.decidedBy ? ` ${row.decidedBy}` : ''}${row.tied ? ' tied' : ''}${row.provisional ? ' provisional' : ''}`,
    );
  }
  const typesOf = async (tournament: Tournament): Promise<string[]> =>
    (await opened.toldOf(tournament)).map(({ type }) => type);
  const now = ({ id }: Tournament): Promise<Tournament> => prisma.tournament.findUniqueOrThrow({ where: { id } });
  const rulings = new RulingsService(prisma, outbox);
  return {
    ...opened,
    stages,
    rulings,
    drawn,
    pairsOf,
    slotsOf,
    play,
    report,
    keep,
    leave,
    tableOf,
    typesOf,
    now,
    lettersOf,
  };
}

const league = { name: 'League', format: { roundRobin: {} } };
const cup = { name: 'Cup', format: { singleElimination: {} } };

describe('progress of a tournament', () => {
  it('plans every match of a league once, and its table follows the results', async () => {
    const { drawn, play, tableOf, typesOf, now } = await open();
    const tournament = await drawn(4, [league]);
    const count = async (type: string) => (await typesOf(tournament)).filter((each) => each === type).length;
    expect(await count('MatchPlanned')).toBe(6);
    await play(tournament, 'A-B 1:0');
    await play(tournament, 'C-D 2:0');
    expect(await tableOf(tournament)).toEqual([
      '1 C 1 2:0 3',
      '2 A 1 1:0 3 DIFFERENCE',
      '3 B 1 0:1 0',
      '4 D 1 0:2 0 DIFFERENCE',
    ]);
    await play(tournament, 'A-C 0:3 FINISHED');
    expect((await tableOf(tournament)).filter((row) => row.endsWith('provisional'))).toHaveLength(2);
    for (const result of ['A-C 0:3', 'A-D 1:0', 'B-C 0:1', 'B-D 1:0']) await play(tournament, result);
    expect(await tableOf(tournament)).toEqual(['1 C 3 6:0 9', '2 A 3 2:3 6', '3 B 3 1:2 3', '4 D 3 0:4 0']);
    expect([await count('MatchPlanned'), await count('TournamentCompleted'), (await now(tournament)).state]).toEqual([
      6,
      1,
      'COMPLETED',
    ]);
  });

  it('a correction moves the other team on, and takes the match of the wrong one away', async () => {
    const { drawn, play, pairsOf, slotsOf, typesOf, now } = await open();
    const tournament = await drawn(4, [cup]);
    await play(tournament, 'A-D 1:0');
    await play(tournament, 'B-C 1:0');
    expect(Object.values(await pairsOf(tournament))).toContain('A-B');
    await play(tournament, 'A-B 2:0');
    expect((await now(tournament)).state).toBe('COMPLETED');
    // A corrected score with the same winner changes no slot and causes no event.
    const before = await typesOf(tournament);
    await play(tournament, 'A-D 3:0');
    expect(await typesOf(tournament)).toEqual(before);
    await play(tournament, 'A-D 0:1');
    expect(Object.values(await pairsOf(tournament))).toContain('D-B');
    const final = (await slotsOf(tournament)).find(({ results }) => results.length === 2)!;
    expect(final.results.map(({ annulled }) => annulled)).toEqual([true, false]);
    expect((await typesOf(tournament)).slice(before.length)).toEqual(
      expect.arrayContaining(['MatchUnplanned', 'MatchPlanned', 'BracketCorrected', 'TournamentChanged']),
    );
    expect((await now(tournament)).state).toBe('RUNNING');
    await play(tournament, 'D-B 1:2');
    const { state, championId } = await now(tournament);
    expect([state, championId]).toEqual([
      'COMPLETED',
      (await slotsOf(tournament)).find(({ id }) => id === final.id)!.awayEntryId,
    ]);
  });

  it('groups lead to a knock-out; a tie that somebody waits for is the organizer’s to decide', async () => {
    const { drawn, play, pairsOf, tableOf, rulings } = await open();
    const tournament = await drawn(8, [
      { name: 'Groups', format: { roundRobin: { groups: 2 } } },
      {
        name: 'Finals',
        format: { singleElimination: { thirdPlace: true } },
        entrants: [{ top: { stage: 1, places: 2 } }],
      },
    ]);
    // Groups: A D E H and B C F G.
    for (const pair of ['A-D', 'A-E', 'A-H', 'D-E', 'D-H', 'E-H']) await play(tournament, `${pair} 0:0`);
    for (const result of ['B-C 1:0', 'B-F 1:0', 'B-G 1:0', 'C-F 1:0', 'C-G 1:0', 'F-G 1:0'])
      await play(tournament, result);
    expect((await tableOf(tournament)).map((row) => row.slice(0, 1))).toEqual(['1', '1', '1', '1']);
    expect(Object.values(await pairsOf(tournament, 2)).toSorted()).toEqual(['?-?', '?-?', '?-C', 'B-?']);
    await rulings.drawLots(olga, { tournamentId: tournamentIdOf(tournament) });
    expect((await tableOf(tournament)).map((row) => [row.slice(0, 1), row.includes('LOTS')])).toEqual([
      ['1', false],
      ['2', true],
      ['3', true],
      ['4', true],
    ]);
    expect(Object.values(await pairsOf(tournament, 2)).filter((pair) => !pair.includes('?'))).toHaveLength(2);
    await expect(rulings.drawLots(olga, { tournamentId: tournamentIdOf(tournament) })).rejects.toThrow(
      'the draw has already taken place',
    );
  });

  it('whoever is disqualified loses by walkover what is not over, once', async () => {
    const { drawn, play, leave, typesOf, pairsOf } = await open();
    const tournament = await drawn(4, [cup]);
    await leave(tournament, 'A', 'DISQUALIFIED');
    await play(tournament, 'B-C 1:0');
    expect((await typesOf(tournament)).filter((type) => type === 'MatchForfeited')).toHaveLength(1);
    expect(Object.values(await pairsOf(tournament))).toContain('D-B');
  });

  it('a Swiss round is paired once the round before is over', async () => {
    const { drawn, play, slotsOf, lettersOf } = await open();
    const tournament = await drawn(4, [{ name: 'Swiss', format: { swiss: { rounds: 3 } } }]);
    const names = await lettersOf(tournament);
    for (let round = 1; round <= 3; round++) {
      const slots = (await slotsOf(tournament)).filter((slot) => slot.round === round);
      expect(slots).toHaveLength(2);
      for (const { homeEntryId, awayEntryId } of slots)
        await play(tournament, `${names.get(homeEntryId!)}-${names.get(awayEntryId!)} 1:0`);
    }
    const meetings = (await slotsOf(tournament)).map(({ homeEntryId, awayEntryId }) =>
      [homeEntryId, awayEntryId].toSorted().join(),
    );
    expect(new Set(meetings).size).toBe(6);
  });

  it('a Swiss stage is over when all but one entry are out, before its rounds are paired', async () => {
    const { drawn, leave, now, lettersOf } = await open();
    const tournament = await drawn(3, [{ name: 'Swiss', format: { swiss: { rounds: 3 } } }]);
    await leave(tournament, 'A', 'DISQUALIFIED');
    await leave(tournament, 'B', 'DISQUALIFIED');
    const { state, championId } = await now(tournament);
    expect([state, (await lettersOf(tournament)).get(championId ?? '')]).toEqual(['COMPLETED', 'C']);
  });

  it('a snapshot has the matches that the plan has now', async () => {
    const { drawn, play, prisma, service, slotsOf } = await open();
    const tournament = await drawn(4, [cup]);
    await play(tournament, 'A-D 1:0');
    await play(tournament, 'B-C 1:0');
    await play(tournament, 'A-D 0:1');
    const [state] = await prisma.$transaction((tx) => service.states(tx, { after: null, limit: 10 }));
    const planned = (await slotsOf(tournament)).map(({ matchId }) => matchId).toSorted();
    expect(state?.payload.matches.map(({ matchId }) => matchId).toSorted()).toEqual(planned);
    expect(state?.payload.matches.find(({ round }) => round === 'Final')).toMatchObject({
      tournamentId: tournament.id,
      needsWinner: true,
      walkoverScore: 3,
      kickoffIsEstimate: true,
    });
  });

  it('tables follow results that arrive together at once, also those that another process left', async () => {
    const { drawn, keep, slotsOf, tableOf, typesOf, follow, prisma } = await open();
    const tournament = await drawn(4, [league]);
    const before = await typesOf(tournament);
    const slots = await slotsOf(tournament);
    await Promise.all(slots.map(({ matchId }) => keep(matchId!, tournament, { home: 1, away: 0 })));
    expect(await tableOf(tournament)).toEqual((await tableOf(tournament)).map((row) => row.replace(/ 3 .*$/, '')));
    expect((await tableOf(tournament)).some((row) => row.includes('1:0'))).toBe(false);
    expect(await typesOf(tournament)).toEqual(before);
    // The process that stored the results may end now: the row of the timer is enough for another process to continue.
    expect(await prisma.timer.count({ where: { name: 'course-is-due', key: tournament.id } })).toBe(1);
    await follow();
    expect((await typesOf(tournament)).slice(before.length)).toEqual(['StageChanged', 'TournamentCompleted']);
    expect((await tableOf(tournament)).every((row) => row.includes(' 3 '))).toBe(true);
    await follow();
    expect(await typesOf(tournament)).toHaveLength(before.length + 2);
  });

  it('a correction that waits reopens a tournament before somebody archives it', async () => {
    const { drawn, play, keep, slotsOf, life, follow, now, typesOf } = await open();
    const tournament = await drawn(2, [cup]);
    const input = { tournamentId: tournamentIdOf(tournament) };
    await play(tournament, 'A-B 1:0');
    const matchId = (await slotsOf(tournament))[0]?.matchId ?? '';
    await keep(matchId, tournament, { home: 0, away: 0 }, 'FINISHED');
    await expect(life.archive(olga, input)).rejects.toMatchObject({ errors: [{ reason: 'TOURNAMENT_STATE' }] });
    await follow();
    expect((await now(tournament)).state).toBe('RUNNING');
    await keep(matchId, tournament, { home: 0, away: 3 });
    const before = await typesOf(tournament);
    // The stored results already decide the champion, although the tournament's row does not say COMPLETED yet.
    await expect(life.cancel(olga, input)).rejects.toMatchObject({ errors: [{ reason: 'TOURNAMENT_STATE' }] });
    await follow();
    await life.archive(olga, input);
    expect((await typesOf(tournament)).slice(before.length)).toEqual([
      'StageChanged',
      'TournamentCompleted',
      'TournamentChanged',
    ]);
  });

  it('nothing changes after the tournament is archived', async () => {
    const { drawn, play, put, tableOf, typesOf } = await open();
    const tournament = await drawn(2, [league]);
    await play(tournament, 'A-B 1:0');
    await put(tournament, 'ARCHIVED');
    const before = [await tableOf(tournament), await typesOf(tournament)];
    await play(tournament, 'A-B 0:9');
    expect([await tableOf(tournament), await typesOf(tournament)]).toEqual(before);
  });

  it('a deduction changes the total, with its reason, and is refused for an entry of another tournament', async () => {
    const { drawn, play, tableOf, rulings, prisma } = await open();
    const tournament = await drawn(3, [league]);
    const other = await drawn(2, [league]);
    for (const result of ['A-B 1:0', 'A-C 1:1', 'B-C 2:0']) await play(tournament, result);
    const entryOf = async ({ id }: Tournament, seed: number) =>
      `Entry:${(await prisma.entry.findFirstOrThrow({ where: { tournamentId: id, seed } })).id}`;
    const { toGlobalId } = await import('../../platform/graphql/global-id.ts');
    const globalId = async (of: Tournament, seed: number) => toGlobalId('Entry', (await entryOf(of, seed)).slice(6));
    const input = {
      ...{ clientId: 'one', tournamentId: tournamentIdOf(tournament) },
      ...{ points: -4, reason: 'An ineligible player.' },
    };
    await expect(rulings.deductPoints(olga, { ...input, entryId: await globalId(other, 1) })).rejects.toThrow(
      'no such entry',
    );
    await expect(
      rulings.deductPoints(person(), { ...input, entryId: await globalId(tournament, 3) }),
    ).rejects.toThrow();
    await rulings.deductPoints(olga, { ...input, entryId: await globalId(tournament, 3) });
    expect(await tableOf(tournament)).toEqual(['1 A 2 2:1 4', '2 B 2 2:1 3', '3 C 2 1:3 -3']);
  });

  it('refuses stages that cannot be drawn, with the place of the fault', async () => {
    const { stages, made } = await open();
    const tournament = await made(olga, { maxTeams: 8 });
    const set = (...given: object[]) => stages.set(olga, { tournamentId: tournamentIdOf(tournament), stages: given });
    const refusal = (reason: string, ...field: string[]) => ({ errors: [expect.objectContaining({ reason, field })] });
    await expect(set({ ...cup, entrants: [{ place: { stage: 2, place: 1 } }, { bye: true }] })).rejects.toMatchObject(
      refusal('UNKNOWN_STAGE', 'stages', '0', 'entrants', '0'),
    );
    await expect(set(league, { ...cup, entrants: [{ top: { stage: 1, places: 9 } }] })).rejects.toMatchObject(
      refusal('UNKNOWN_PLACE', 'stages', '1', 'entrants', '0'),
    );
    const wide = await made(olga, { maxTeams: 1000 });
    await expect(stages.set(olga, { tournamentId: tournamentIdOf(wide), stages: [league] })).rejects.toMatchObject({
      errors: [{ reason: 'TOO_MANY_ENTRANTS' }],
    });
    await expect(set({ ...league, rules: { preset: 'fifa-1066' } })).rejects.toMatchObject(
      refusal('RULES_NOT_FOUND', 'stages', '0', 'rules', 'preset'),
    );
  });
});
