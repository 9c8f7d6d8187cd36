// Helpers of the specs of this folder.
import { type FormatConfig, formatConfig } from './config.ts';
import { drawPlan } from './draw.ts';
import type { Source, StagePlan } from './plan.ts';
import { isOver, type Out, type Outside, type Resolved, resolve, type Result } from './resolve.ts';

export const entrant = (name: string): Source => ({ kind: 'ENTRANT', entrant: name });
export const named = (...names: string[]): Source[] => names.map(entrant);
/** Entrants whose names are their seeds: "1", "2" … */
export const seeds = (count: number): Source[] =>
  Array.from({ length: count }, (_, index) => entrant(String(index + 1)));

export const config = (format: FormatConfig['format'], rest: object = {}): FormatConfig =>
  formatConfig.parse({ format, ...rest });
export const planOf = (
  format: FormatConfig['format'],
  entrants: number | readonly Source[],
  rest: object = {},
): StagePlan => drawPlan(config(format, rest), typeof entrants === 'number' ? seeds(entrants) : entrants);

export const outside = (out: Iterable<readonly [string, Out]> = []): Outside => ({
  out: new Map(out),
  placeOf: () => null,
});

/** A result of a slot, from a text such as "A-D 1:0", or "A-D 1:1 4:2" with a shoot-out. By default it counts. */
export function result(slot: string, text: string, rest: Partial<Result> = {}): Result {
  const [pair, score, kicks] = text.split(' ');
  const [home, away] = pair!.split('-');
  const goals = (of: string): { home: number; away: number } => {
    const [a, b] = of.split(':').map(Number);
    return { home: a!, away: b! };
  };
  const main = goals(score!);
  const shootout = kicks ? goals(kicks) : null;
  const difference = main.home - main.away || (shootout ? shootout.home - shootout.away : 0);
  return {
    slot,
    home: home!,
    away: away!,
    replay: 0,
    score: main,
    shootout,
    winner: difference === 0 ? null : difference > 0 ? 'HOME' : 'AWAY',
    how: 'PLAYED',
    counts: true,
    ...rest,
  };
}

/** The sides of a slot as a text, such as "A-D". "?" is a side that is not known yet. */
export function pairing(resolved: Resolved, key: string): string {
  const { home, away } = resolved.get(key)!;
  return [home, away]
    .map((side) => (side.kind === 'ENTRANT' ? side.entrant : side.kind === 'TO_BE_DECIDED' ? '?' : side.kind))
    .join('-');
}

/** Plays all matches of a plan. `homeWins` decides each match; level legs end with a shoot-out. @returns the results */
export function playOut(
  plan: StagePlan,
  homeWins: (home: string, away: string, slot: string) => boolean,
  around: Outside = outside(),
): Result[] {
  const results: Result[] = [];
  for (let round = 0; round <= plan.slots.length; round++) {
    const ready = [...resolve(plan, results, around)].filter(([, { state }]) => state === 'READY');
    if (!ready.length) return results;
    for (const [slot, { home, away }] of ready)
      if (home.kind === 'ENTRANT' && away.kind === 'ENTRANT')
        results.push(
          result(
            slot,
            `${home.entrant}-${away.entrant} ${homeWins(home.entrant, away.entrant, slot) ? '1:0 1:0' : '0:1 0:1'}`,
          ),
        );
  }
  throw new Error('The stage does not end');
}

export const open = (resolved: Resolved): string[] =>
  [...resolved].filter(([, slot]) => !isOver(slot)).map(([key]) => key);
