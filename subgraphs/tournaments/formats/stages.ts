// The stages of a tournament, and the rules that say which entrants a stage takes.
import { z } from 'zod';
import { formatConfig, LIMITS } from './config.ts';
import { crossed } from './crossing.ts';
import { drawPlan } from './draw.ts';
import { PlanRefused, type Source, type StagePlan } from './plan.ts';

const number = z.int().min(1).max(LIMITS.knockout);

/** A rule that says which entrants a stage takes, as JSON. Stages, groups, places, ranks and seeds count from 1. */
const progression = z.discriminatedUnion('kind', [
  /** The entries of the tournament with the seeds `from` to `to`. `to` null: to the last seed. */
  z.strictObject({ kind: z.literal('ENTRIES'), from: number.default(1), to: number.nullable().default(null) }),
  z.strictObject({ kind: z.literal('PLACE'), stage: number, group: number, place: number }),
  z.strictObject({
    kind: z.literal('BEST'),
    stage: number,
    place: number,
    rank: number,
    groups: z.array(number).min(1).max(LIMITS.groups).nullable().default(null),
  }),
  /**
   * The first `places` of each group, and the `best` entrants on the next place. The order of the sources lets entrants
   * of one group meet again as late as possible: see `crossed`.
   */
  z.strictObject({
    kind: z.literal('TOP'),
    stage: number,
    places: number,
    best: z.int().min(0).max(LIMITS.groups).default(0),
  }),
  z.strictObject({ kind: z.literal('BYE') }),
]);

export const stageSpec = z.strictObject({
  config: formatConfig,
  entrants: z.array(progression).min(1).max(LIMITS.knockout),
});

/** The stages of a tournament in order, at most 16. The first one has number 1. */
export const stageSpecs = z.array(stageSpec).min(1).max(16);

type Progression = z.infer<typeof progression>;
export type StageSpec = z.infer<typeof stageSpec>;

/**
 * Draws the plans of all stages. A later stage needs no results of the earlier ones, because its sources are places.
 *
 * @param entries ids in the order of seeds.
 * @throws PlanRefused for a rule that refers to an unknown stage, group or place, for stages that wait for each other,
 *   for a place that is taken twice, and for the limits of formats. Its field is a path such as "stages.1.entrants.0".
 */
export function drawStages(specs: readonly StageSpec[], entries: readonly string[]): StagePlan[] {
  refuseCycles(specs);
  const plans: StagePlan[] = [];
  for (const [index, { config, entrants }] of specs.entries()) {
    const field = `stages.${index}`;
    const sources = entrants.flatMap((rule, at) => sourcesOf(rule, `${field}.entrants.${at}`, plans, entries));
    refuseTwice(sources, field);
    try {
      plans.push(drawPlan(config, sources));
    } catch (error) {
      if (!(error instanceof PlanRefused)) throw error;
      throw new PlanRefused(error.code, `${field}.${error.field}`, error.message, error.params);
    }
  }
  return plans;
}

const refersTo = (rule: Progression): number | null => ('stage' in rule ? rule.stage : null);

/** Refuses a rule that does not refer to an earlier stage. The code tells an unknown stage from a cycle. */
function refuseCycles(specs: readonly StageSpec[]): void {
  const needs = specs.map(({ entrants }) => entrants.map(refersTo).filter((stage) => stage !== null));
  const waitsFor = (from: number, target: number, seen = new Set<number>()): boolean =>
    (needs[from - 1] ?? []).some((stage) => {
      if (stage === target) return true;
      if (seen.has(stage)) return false;
      seen.add(stage);
      return waitsFor(stage, target, seen);
    });
  for (const [index, { entrants }] of specs.entries())
    for (const [at, rule] of entrants.entries()) {
      const stage = refersTo(rule);
      const own = index + 1;
      const field = `stages.${index}.entrants.${at}`;
      if (stage === null || stage < own) continue;
      if (stage > specs.length) throw new PlanRefused('UNKNOWN_STAGE', field, `There is no stage ${stage}`, { stage });
      if (stage === own || waitsFor(stage, own))
        throw new PlanRefused('PROGRESSION_CYCLE', field, `Stages ${own} and ${stage} wait for each other`, {
          stage: own,
          other: stage,
        });
      throw new PlanRefused('STAGE_NOT_EARLIER', field, `Stage ${stage} is not before stage ${own}`, { stage });
    }
}

function sourcesOf(
  rule: Progression,
  field: string,
  plans: readonly StagePlan[],
  entries: readonly string[],
): readonly Source[] {
  if (rule.kind === 'BYE') return [rule];
  if (rule.kind === 'ENTRIES') {
    const to = rule.to ?? entries.length;
    if (to > entries.length || rule.from > to + 1)
      throw new PlanRefused(
        'UNKNOWN_PLACE',
        field,
        `There are ${entries.length} entries, not ${Math.max(to, rule.from)}`,
        { entries: entries.length },
      );
    return entries.slice(rule.from - 1, to).map((entrant) => ({ kind: 'ENTRANT', entrant }));
  }
  const sizes = placesOf(plans[rule.stage - 1]!);
  const unknownGroup = (group: number): PlanRefused =>
    new PlanRefused('UNKNOWN_GROUP', field, `Stage ${rule.stage} has no group ${group}`, { stage: rule.stage, group });
  const unknownPlace = (place: number): PlanRefused =>
    new PlanRefused('UNKNOWN_PLACE', field, `Stage ${rule.stage} has no place ${place} there`, {
      stage: rule.stage,
      place,
    });
  switch (rule.kind) {
    case 'PLACE': {
      const size = sizes[rule.group - 1];
      if (size === undefined) throw unknownGroup(rule.group);
      if (rule.place > size) throw unknownPlace(rule.place);
      return [rule];
    }
    case 'BEST': {
      const groups = rule.groups ?? sizes.map((_, index) => index + 1);
      const missing = groups.find((group) => sizes[group - 1] === undefined);
      if (missing !== undefined) throw unknownGroup(missing);
      const having = groups.filter((group) => sizes[group - 1]! >= rule.place).length;
      // With `groups`, ranks only number the sources of a place, so a rank can be as high as the number of groups.
      const most = rule.groups ? Math.min(1, having) && sizes.length : having;
      if (having === 0 || rule.rank > most) throw unknownPlace(rule.place);
      return [rule];
    }
    case 'TOP': {
      const smallest = Math.min(...sizes);
      if (rule.places > smallest) throw unknownPlace(rule.places);
      const best = rule.places + 1;
      if (rule.best > sizes.filter((size) => size >= best).length) throw unknownPlace(best);
      const { stage } = rule;
      return [
        ...crossed(stage, sizes.length, rule.places),
        ...Array.from({ length: rule.best }, (_, index): Source => ({
          kind: 'BEST',
          stage,
          place: best,
          rank: index + 1,
          groups: null,
        })),
      ];
    }
  }
}

/** How many places each group has. A knock-out has only the places that no two entrants share. */
function placesOf(plan: StagePlan): number[] {
  if (plan.groups.length > 0) return plan.groups.map(({ entrants }) => entrants.length);
  const brackets = Map.groupBy(plan.slots, ({ bracket }) => bracket);
  if (brackets.has('THIRD_PLACE')) return [4];
  if (!brackets.has('FINAL')) return [2];
  // The last two rounds of the losers' bracket have one match each.
  return [2 + Math.min(2, brackets.get('LOSERS')?.length ?? 0)];
}

/** Refuses a PLACE that a BEST source of the same place could take too. */
function refuseTwice(sources: readonly Source[], field: string): void {
  for (const [at, best] of sources.entries())
    if (best.kind === 'BEST') {
      const twice = sources.some(
        (source) =>
          source.kind === 'PLACE' &&
          source.stage === best.stage &&
          source.place === best.place &&
          (best.groups === null || best.groups.includes(source.group)),
      );
      const sameRank = sources.some(
        (source, other) =>
          other < at &&
          source.kind === 'BEST' &&
          source.stage === best.stage &&
          source.place === best.place &&
          source.rank === best.rank,
      );
      if (twice || sameRank)
        throw new PlanRefused('PLACE_TAKEN_TWICE', `${field}.entrants`, `Place ${best.place} is taken twice`, {
          stage: best.stage,
          place: best.place,
        });
    }
}
