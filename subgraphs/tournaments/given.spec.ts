import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { person } from '../../platform/testing/service.testing.ts';
import { afterTest } from '../../test/after-test.ts';
import { PlanService } from './plan.service.ts';
import { progress } from './progress.ts';
import { lock } from './record.ts';
import { ResultsService } from './results.service.ts';
import { drawPlans, StagesService } from './stages.service.ts';
import { openTournaments, tournamentIdOf } from './tournaments.fixture.ts';

const olga = person();

describe('a stage that is given match by match', () => {
  it('keeps the times that were given, and takes a friendly once the subgraph matches has', async () => {
    const opened = await openTournaments();
    afterTest(() => opened.close());
    const { prisma, outbox } = opened;
    const tournament = await opened.made(olga, { maxTeams: 3 });
    const friendly = randomUUID();
    const matches = [
      { home: 1, away: 2, kickoffAt: new Date('2030-06-01T12:00:00Z'), matchId: toGlobalId('Match', friendly) },
      { home: 2, away: 3, kickoffAt: new Date('2030-06-02T12:00:00Z') },
      { home: 3, away: 1 },
    ];
    const given = { groups: [{ name: 'Table', size: 3, rounds: [{ name: 'All', matches }] }] };
    const stage = { name: 'League', format: { roundRobin: { given } } };
    const tournamentId = tournamentIdOf(tournament);
    await new StagesService(prisma, outbox).set(olga, { tournamentId, stages: [stage] });
    await opened.put(tournament, 'RUNNING');
    const ids: string[] = Array.from({ length: 3 }, () => randomUUID());
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
    const slots = await prisma.slot.findMany({ orderBy: { position: 'asc' } });
    expect(slots.map(({ kickoffIsFixed }) => kickoffIsFixed)).toEqual([true, true, false]);

    const plan = new PlanService(prisma);
    const planned = slots.map(({ matchId }) => matchId!);
    expect(planned[0]).toBe(friendly);
    const placed = async () => [...(await plan.places({ roles: [] }, planned)).keys()].toSorted();
    // Until an event of the friendly names the tournament, the friendly has no place in it: it may be somebody else's.
    expect(await placed()).toEqual(planned.slice(1).toSorted());
    const results = new ResultsService(opened.timers);
    const tell = (of: string | null) =>
      outbox.transaction(prisma, (tx) =>
        results.keep(
          tx,
          {
            matchId: friendly,
            match: {
              ...{ sport: 'FOOTBALL', homeTeamId: randomUUID(), awayTeamId: randomUUID(), tournamentId: of },
              ...{ kickoffAt: '2030-06-01T12:00:00Z', state: 'SCHEDULED', counts: false, how: 'PLAYED', winner: null },
            },
            score: { home: 0, away: 0, periods: [], shootout: null },
            detail: { kind: 'STATE', state: 'SCHEDULED', reason: null },
          },
          2,
        ),
      );
    await tell(null);
    expect(await placed()).toHaveLength(2);
    await tell(tournament.id);
    expect(await placed()).toEqual(planned.toSorted());
  });
});
