// Plays an outline with the pure functions of the subgraph tournaments. They do what the API does, but need no server.
import assert from 'node:assert/strict';
import { type Course, courseOf, type CourseStage, type StageResult } from '../../subgraphs/tournaments/course.ts';
import { drawStages } from '../../subgraphs/tournaments/formats/stages.ts';
import type { Slot } from '../../subgraphs/tournaments/formats/plan.ts';
import { setStagesInput } from '../../subgraphs/tournaments/stage-inputs.ts';
import { PRESETS } from '../../subgraphs/tournaments/standings/presets.ts';
import type { Rulings } from '../../subgraphs/tournaments/standings/table.ts';
import type { FileMatch } from './match.ts';
import type { Outline } from './outline.ts';
import { isReplay } from './places.ts';

export interface PlayedOut {
  readonly course: Course;
  /** `A 2:1 B`: results of the file that no match of the tournament took. */
  readonly left: readonly string[];
}

/** Enters every result of the outline into its slot. The id of an entrant is the name of its team. */
export function playOut({ teams, stages, playOffs }: Outline, rulings: Omit<Rulings, 'out'> = {}): PlayedOut {
  const parsed = setStagesInput.parse({
    tournamentId: 'any',
    // The input in the form in which GraphQL passes it to resolvers.
    stages: JSON.parse(JSON.stringify(stages.map(({ input }) => input)), (key, value: unknown) =>
      key === 'kickoffAt' && typeof value === 'string' ? new Date(value) : value,
    ) as object[],
  });
  const plans = drawStages(
    parsed.stages.map(({ format, entrants }) => ({ config: format, entrants })),
    teams,
  );
  const results: StageResult[][] = stages.map(() => []);
  const courseStages = (): CourseStage[] =>
    plans.map((plan, index) => {
      const { crowns, rules: given } = parsed.stages[index]!;
      const { preset, points } = given!;
      const rules = PRESETS.get(preset!)!;
      return {
        plan,
        crowns,
        rules: { ...rules, points: { ...rules.points, ...points } },
        results: results[index]!,
        rulings: { ...rulings, playOffs: [...(rulings.playOffs ?? []), ...playOffs] },
      };
    });
  const waiting = stages.map(
    ({ tables, ties }) =>
      new Set(
        [...tables.flatMap(({ rounds }) => rounds.flat()), ...ties.flatMap(({ matches }) => matches)].filter(
          ({ result }) => result,
        ),
      ),
  );
  for (;;) {
    const course = courseOf(courseStages(), new Map());
    let entered = 0;
    for (const [index, { plan, resolved }] of course.stages.entries())
      for (const slot of plan.slots) {
        const { home, away, state } = resolved.get(slot.key)!;
        if (state !== 'READY' || home.kind !== 'ENTRANT' || away.kind !== 'ENTRANT') continue;
        const own = results[index]!.filter((result) => result.slot === slot.key);
        const file = fileOf(stages[index]!, slot, home.entrant, away.entrant, own.length, waiting[index]!);
        if (!file) continue;
        waiting[index]!.delete(file);
        results[index]!.push(resultOf(slot, file, own.length));
        entered++;
      }
    if (entered === 0)
      return {
        course,
        left: waiting.flatMap((files) =>
          [...files].map(({ home, away, result }) => `${home} ${result!.score.join(':')} ${away}`),
        ),
      };
  }
}

function fileOf(
  { tables, ties }: Outline['stages'][number],
  slot: Slot,
  home: string,
  away: string,
  played: number,
  waiting: ReadonlySet<FileMatch>,
): FileMatch | undefined {
  if (slot.bracket === 'TABLE')
    return tables[slot.group! - 1]!.rounds[slot.round - 1]!.find(
      (file) => waiting.has(file) && file.home === home && file.away === away,
    );
  const tie = ties.find(
    ({ part, round, matches }) =>
      part === slot.bracket &&
      round === slot.round &&
      matches.some((file) => [file.home, file.away].includes(home) && [file.home, file.away].includes(away)),
  );
  if (!tie) return undefined;
  if (slot.leg !== null) return tie.matches.find((file) => waiting.has(file) && file.home === home);
  const file = tie.matches[played];
  return file && (played === 0 || isReplay(file) || tie.matches.length > 1) && waiting.has(file) ? file : undefined;
}

function resultOf(slot: Slot, { home, away, result, awarded }: FileMatch, replay: number): StageResult {
  assert.ok(result);
  const [one, other] = result.score;
  const [kicks, others] = result.shootout ?? [0, 0];
  const winner =
    one !== other ? (one > other ? 'HOME' : 'AWAY') : kicks !== others ? (kicks > others ? 'HOME' : 'AWAY') : null;
  return {
    ...{ slot: slot.key, home, away, replay, winner, counts: true, score: { home: one, away: other } },
    how: awarded ? 'AWARDED' : 'PLAYED',
    shootout: result.shootout && { home: kicks, away: others },
  };
}
