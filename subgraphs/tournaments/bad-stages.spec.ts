import { describe, expect, it } from '@jest/globals';
import { person } from '../../platform/testing/service.testing.ts';
import { afterTest } from '../../test/after-test.ts';
import { StagesService } from './stages.service.ts';
import { openTournaments, tournamentIdOf } from './tournaments.fixture.ts';

const olga = person();

describe('stages that cannot be', () => {
  it('are refused with a code and the field, and nothing is stored', async () => {
    const opened = await openTournaments();
    afterTest(() => opened.close());
    const { prisma, outbox, made } = opened;
    const stages = new StagesService(prisma, outbox);
    const tournaments = new Map<number, string>();
    for (const maxTeams of [2, 8, 1000]) tournaments.set(maxTeams, tournamentIdOf(await made(olga, { maxTeams })));
    const refusal = async (maxTeams: number, ...given: object[]) => {
      const set = stages.set(olga, { tournamentId: tournaments.get(maxTeams), stages: given });
      const error = (await set.then(
        () => ({ errors: [] }),
        (reason: unknown) => reason,
      )) as { errors: { reason: string; field: string[]; message: string }[] };
      const [first] = error.errors;
      return [first?.reason, first?.field?.join('.')];
    };
    const league = { name: 'League', format: { roundRobin: {} } };
    const from = (stage: number) => ({
      name: `After ${stage}`,
      format: { singleElimination: {} },
      entrants: [{ top: { stage, places: 2 } }],
    });
    // The rules of progression must not form a cycle. The refused cycles are between two stages, of one stage with
    // itself, and between the ties of a bracket.
    expect(await refusal(8, from(2), from(1))).toEqual(['PROGRESSION_CYCLE', 'stages.0.entrants.0']);
    expect(await refusal(8, league, from(2))).toEqual(['PROGRESSION_CYCLE', 'stages.1.entrants.0']);
    const ties = [
      { key: '1', home: { entrant: 1 }, away: { winnerOf: '2' } },
      { key: '2', home: { entrant: 2 }, away: { winnerOf: '1' } },
    ];
    const given = { rounds: [{ name: 'Round', ties }] };
    expect(await refusal(2, { name: 'Cup', format: { singleElimination: { given } } })).toEqual([
      'PROGRESSION_CYCLE',
      'stages.0.format.singleElimination.given',
    ]);
    // A league of 1,000 entrants would have 499,500 matches. A knock-out of 1,000 is possible.
    expect(await refusal(1000, league)).toEqual(['TOO_MANY_ENTRANTS', 'stages.0.entrants']);
    expect((await refusal(1000, { name: 'Cup', format: { singleElimination: {} } }))[0]).toBeUndefined();
    // A stage with one entrant, a stage with none, and no stage are refused.
    const entries = (to: number) => ({ ...league, entrants: [{ entries: { from: 1, to } }] });
    expect(await refusal(8, entries(1))).toEqual(['TOO_FEW_ENTRANTS', 'stages.0.entrants']);
    expect(await refusal(8, { ...league, entrants: [] })).toEqual(['TOO_FEW', 'stages.0.entrants']);
    expect((await refusal(8))[1]).toBe('stages');
    expect(await prisma.stage.count()).toBe(1);
  });
});
