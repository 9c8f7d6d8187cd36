import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { parseInput } from '../../platform/graphql/input.ts';
import { UserErrors } from '../../platform/graphql/user-errors.ts';
import { type Principal, requireUser } from '../../platform/identity/principal.ts';
import { OUTBOX } from '../../platform/injection/tokens.ts';
import type { Outbox } from '../../platform/messaging/outbox/outbox.ts';
import type { Sport } from '../../schema/sports.ts';
import { type Names, namesIn } from './formats/names.ts';
import { PlanRefused, type StagePlan } from './formats/plan.ts';
import { drawStages, type StageSpec } from './formats/stages.ts';
import { type Prisma, PrismaClient, type Stage, type Tournament } from './generated/prisma/client.ts';
import { slotRow } from './progress.ts';
import { userError } from './reasons.ts';
import { lockAsOrganizer, WHOLE_STAGE } from './record.ts';
import { PRESETS, RULES_OF_SPORT } from './standings/presets.ts';
import { type TableRules, tableRules } from './standings/rules.ts';
import { storedConfig } from './stage-config.ts';
import { setStagesInput, type StageInput } from './stage-inputs.ts';

type Tx = Prisma.TransactionClient;

/** Sets and draws the stages of a tournament. PlanService reads them. */
@Injectable()
export class StagesService {
  constructor(
    private readonly prisma: PrismaClient,
    @Inject(OUTBOX) private readonly outbox: Outbox,
  ) {}

  /**
   * Replaces all stages of the tournament by the given ones. Organizers and administrators may do this, until the draw;
   * only organizers may change a draft. The new stages must be possible with the largest number of entries
   * (`maxTeams`).
   * @throws UserErrors
   */
  async set(viewer: Principal, input: unknown): Promise<Tournament> {
    requireUser(viewer);
    const { tournamentId, stages } = parseInput(setStagesInput, input);
    return this.outbox.transaction(
      this.prisma,
      async (tx) => {
        const tournament = await lockAsOrganizer(tx, viewer, tournamentId);
        const { id, state, sport, rules, maxTeams } = tournament;
        if (!['DRAFT', 'REGISTRATION', 'CHECK_IN'].includes(state))
          throw userError('TOURNAMENT_STATE', { state, needed: 'DRAFT, REGISTRATION or CHECK_IN' }, 'tournamentId');
        const configs = stages.map((stage, index) => ({
          config: stage.format,
          entrants: stage.entrants,
          rules: rulesOf(stage, index, rules, sport as Sport),
          crowns: stage.crowns,
        }));
        drawn(
          configs,
          Array.from({ length: maxTeams }, () => randomUUID()),
        );
        await tx.stage.deleteMany({ where: { tournamentId: id } });
        await tx.stage.createMany({
          data: stages.map(({ name, format }, index) => ({
            tournamentId: id,
            number: index + 1,
            name,
            format: format.format,
            config: configs[index] as unknown as Prisma.InputJsonObject,
          })),
        });
        return tournament;
      },
      WHOLE_STAGE,
    );
  }
}

/**
 * Draws the plans of all stages: groups, rounds and slots. Call it once, when entries have their seeds. Then call
 * `progress`, which plans the matches.
 * @param entryIds in the order of seeds
 * @throws UserErrors when a stage is impossible with these entries, and NO_STAGES or ALREADY_DRAWN
 */
export async function drawPlans(tx: Tx, { id }: Pick<Tournament, 'id'>, entryIds: readonly string[]): Promise<void> {
  const stages = await tx.stage.findMany({ where: { tournamentId: id }, orderBy: { number: 'asc' } });
  if (stages.length === 0) throw userError('NO_STAGES', 'tournamentId');
  if (stages.some(({ plan }) => plan !== null)) throw userError('ALREADY_DRAWN', 'tournamentId');
  const plans = drawn(
    stages.map(({ config }) => storedConfig.parse(config)),
    entryIds,
  );
  const named = new Map(stages.map(({ number, name }, index) => [number, { name, plan: plans[index]! }]));
  for (const [index, stage] of stages.entries()) await store(tx, stage, plans[index]!, namesIn(plans[index]!, named));
}

async function store(tx: Tx, { id: stageId }: Stage, plan: StagePlan, names: Names): Promise<void> {
  await tx.stage.update({ where: { id: stageId }, data: { plan: plan as unknown as Prisma.InputJsonObject } });
  await tx.group.createMany({ data: plan.groups.map(({ number, name }) => ({ stageId, number, name })) });
  await tx.round.createMany({
    data: plan.rounds.map(({ group, bracket, number, name }) => ({ stageId, group, bracket, number, name })),
  });
  await tx.slot.createMany({ data: plan.slots.map((slot) => slotRow(stageId, slot, names)) });
}

/** @throws UserErrors */
function drawn(specs: readonly StageSpec[], entryIds: readonly string[]): StagePlan[] {
  try {
    return drawStages(specs, entryIds);
  } catch (error) {
    if (!(error instanceof PlanRefused)) throw error;
    const field = error.field.split('.').map((part) => (part === 'config' ? 'format' : part));
    throw new UserErrors(
      userError(error.code as 'UNKNOWN_STAGE', error.params as never).errors.map((each) => ({ ...each, field })),
    );
  }
}

/** The preset of the stage, the tournament or the sport, with the organizer's changes. @throws UserErrors */
function rulesOf({ rules, format }: StageInput, index: number, ofTournament: string | null, sport: Sport): TableRules {
  const usual = format.format === 'SWISS' ? 'swiss' : RULES_OF_SPORT[sport];
  const name = rules?.preset ?? ofTournament ?? usual;
  const preset = PRESETS.get(name);
  if (!preset) throw userError('RULES_NOT_FOUND', 'stages', String(index), 'rules', 'preset');
  if (!rules) return preset;
  const { criteria, points, again, withdrawn } = rules;
  const parsed = tableRules.safeParse({
    ...preset,
    ...(criteria ? { criteria } : {}),
    points: { ...preset.points, ...points },
    again: again ?? preset.again,
    withdrawn: { ...preset.withdrawn, ...(withdrawn ? { results: withdrawn } : {}) },
  });
  if (!parsed.success) throw userError('MALFORMED', 'stages', String(index), 'rules');
  return parsed.data;
}
