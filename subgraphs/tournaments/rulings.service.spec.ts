import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { person, refused } from '../../platform/testing/service.testing.ts';
import { afterTest } from '../../test/after-test.ts';
import { progress } from './progress.ts';
import { lock } from './record.ts';
import { MAX_RULINGS, RulingsService } from './rulings.service.ts';
import { drawPlans, StagesService } from './stages.service.ts';
import { openTournaments, tournamentIdOf } from './tournaments.fixture.ts';

const olga = person();

/** Opens a league of three teams. They are level, because no match was played. */
async function open(preset: string) {
  const opened = await openTournaments();
  afterTest(() => opened.close());
  const { prisma, outbox } = opened;
  const tournament = await opened.made(olga, { maxTeams: 3 });
  const tournamentId = tournamentIdOf(tournament);
  const stage = { name: 'League', format: { roundRobin: {} }, rules: { preset } };
  await new StagesService(prisma, outbox).set(olga, { tournamentId, stages: [stage] });
  await opened.put(tournament, 'RUNNING');
  const ids = Array.from({ length: 3 }, () => randomUUID());
  await outbox.transaction(prisma, async (tx, emit) => {
    const locked = (await lock(tx, tournament.id))!;
    await tx.entry.createMany({
      data: ids.map((id, index) => ({
        ...{ id, tournamentId: tournament.id, teamId: randomUUID(), state: 'CHECKED_IN' as const },
        ...{ number: index + 1, seed: index + 1, enteredBy: randomUUID(), enteredAt: new Date() },
      })),
    });
    await drawPlans(tx, locked, ids);
    await progress(tx, emit, locked);
  });
  const { id: stageId } = await prisma.stage.findFirstOrThrow({ where: { tournamentId: tournament.id } });
  return {
    prisma,
    rulings: new RulingsService(prisma, outbox),
    tournamentId,
    stageId: toGlobalId('Stage', stageId),
    entryIds: ids.map((id) => toGlobalId('Entry', id)),
    count: () => prisma.ruling.count({ where: { tournamentId: tournament.id } }),
    lastSeq: async () => (await prisma.tournament.findUniqueOrThrow({ where: { id: tournament.id } })).lastSeq,
    async table(): Promise<string> {
      const rows = await prisma.standing.findMany({ orderBy: { place: 'asc' } });
      return rows.map(({ entryId, rank }) => `${rank}${'ABC'[(ids as string[]).indexOf(entryId)]}`).join(' ');
    },
  };
}

describe('a ruling', () => {
  it('that is on record already changes nothing; another one replaces it', async () => {
    const { rulings, tournamentId, entryIds, count, lastSeq, table, prisma } = await open('uefa-euro-2024');
    const [a, b, c] = entryIds as [string, string, string];
    const rank = (...order: string[]) => rulings.recordOrder(olga, 'RANKING', { tournamentId, entryIds: order });
    await rank(b, a, c);
    expect(await table()).toBe('1B 2A 3C');
    const before = await lastSeq();
    await rank(b, a, c);
    expect([await count(), await lastSeq()]).toEqual([1, before]);
    await rank(c, a, b);
    expect([await count(), await table()]).toEqual([2, '1C 2A 3B']);
    const fair = (points: number) => rulings.recordFairPlay(olga, { tournamentId, entryId: a, points });
    for (const points of [-1, -1, 2, 2]) await fair(points);
    expect([await count(), await table()]).toEqual([4, '1A 2C 3B']);
    // Deductions add up.
    const deduct = (clientId: string, reason = 'Late') =>
      rulings.deductPoints(olga, { clientId, tournamentId, entryId: a, points: -1, reason });
    await deduct('one');
    await deduct('two');
    expect([await count(), await table()]).toEqual([6, '1C 2B 3A']);
    // One that is sent again does not, not even when the tournament has ended meanwhile.
    await deduct('two');
    await refused(deduct('two', 'Absent'), 'CONFLICT', 'clientId');
    await prisma.tournament.updateMany({ data: { state: 'ARCHIVED' } });
    await deduct('one');
    await refused(deduct('three'), 'CONFLICT', 'tournamentId');
    expect(await count()).toBe(6);
  });

  it('takes points once, if the request arrives several times at once', async () => {
    const { rulings, tournamentId, entryIds, count } = await open('football');
    const asked = { clientId: 'one', tournamentId, entryId: entryIds[0], points: -1, reason: 'Late' };
    await Promise.all(Array.from({ length: 5 }, () => rulings.deductPoints(olga, asked)));
    expect(await count()).toBe(1);
  });

  it('of one stage, and of all, are not the same', async () => {
    const { rulings, tournamentId, stageId, entryIds, count, table } = await open('football');
    const [a, b, c] = entryIds as [string, string, string];
    const lots = (more: object, ...order: string[]) =>
      rulings.recordOrder(olga, 'LOTS', { tournamentId, entryIds: order, ...more });
    await lots({}, a, b, c);
    await lots({ stageId }, c, b, a);
    expect([await count(), await table()]).toEqual([2, '1C 2B 3A']);
    await lots({}, a, b, c);
    expect([await count(), await table()]).toEqual([3, '1A 2B 3C']);
  });

  it('is one of 2,000 at most, because each update of the tables reads all of them', async () => {
    const { rulings, tournamentId, entryIds, prisma, count } = await open('football');
    const [entryId] = entryIds as [string];
    const deduct = () =>
      rulings.deductPoints(olga, { clientId: randomUUID(), tournamentId, entryId, points: -1, reason: 'Late' });
    await deduct();
    const { id: _, clientId: __, ...ruling } = await prisma.ruling.findFirstOrThrow();
    await prisma.ruling.createMany({ data: Array.from({ length: MAX_RULINGS - 2 }, () => ruling) });
    await deduct();
    await refused(deduct(), 'INVALID', 'tournamentId');
    expect(await count()).toBe(MAX_RULINGS);
  });

  it('by lot needs drawn entries', async () => {
    const { rulings, tournamentId, prisma, count } = await open('football');
    await prisma.entry.updateMany({ data: { seed: null } });
    await refused(rulings.drawLots(olga, { tournamentId }), 'CONFLICT', 'tournamentId');
    expect(await count()).toBe(0);
  });

  it('by lot is drawn once: for one stage, for all, and for both at once', async () => {
    for (const stages of [
      ['one', 'all'],
      ['all', 'one'],
      ['one', 'one'],
      ['all', 'all'],
    ]) {
      const { rulings, tournamentId, stageId, entryIds, count } = await open('football');
      const draw = (stage: string | undefined) =>
        rulings.drawLots(olga, { tournamentId, ...(stage === 'one' ? { stageId } : {}) });
      const atOnce = await Promise.allSettled(stages.map(draw));
      expect(atOnce.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await count()).toBe(1);
      for (const stage of stages) await refused(draw(stage), 'CONFLICT', 'stageId');
      // Lots that an organizer draws elsewhere are recorded knowingly.
      await rulings.recordOrder(olga, 'LOTS', { tournamentId, stageId, entryIds: entryIds.toReversed() });
      await rulings.recordOrder(olga, 'LOTS', { tournamentId, stageId, entryIds });
      for (const stage of stages) await refused(draw(stage), 'CONFLICT', 'stageId');
    }
  });
});
