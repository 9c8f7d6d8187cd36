import { z } from 'zod';

const name = z.string().min(1).max(80);
const names = z.array(name).min(2).max(1_024);
const adjustments = z.strictObject({
  deductions: z
    .array(
      z.strictObject({
        team: name,
        points: z
          .int()
          .min(-1_000)
          .max(1_000)
          .refine((points) => points !== 0, 'must not be 0'),
        date: z.iso.date(),
        reason: z.string().min(1).max(500),
      }),
    )
    .max(1_000)
    .default([]),
  fairPlay: z
    .array(z.strictObject({ team: name, points: z.int().min(-1_000).max(1_000) }))
    .max(1_024)
    .default([]),
  ranking: names.optional(),
  lots: names.optional(),
});

/** The decisions of people about the tables, which no match shows. Points are negative when they are taken away. */
export type Adjustments = z.output<typeof adjustments>;
export const NO_ADJUSTMENTS: Adjustments = { deductions: [], fairPlay: [] };

/** The error when an adjustment cannot be used. The message is one line with the place in the file. */
export class AdjustmentError extends Error {}

/**
 * Reads the decisions about the tables from the text of a file.
 * @param teams the names of the competition's teams
 * @throws AdjustmentError when the text does not have the format, has an unknown key or an unknown team, or has a team
 * twice in a list other than `deductions`
 */
export function readAdjustments(text: string, teams: readonly string[]): Adjustments {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw new AdjustmentError('the adjustments are no JSON');
  }
  const parsed = adjustments.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = ['$', ...(issue?.path ?? [])].join('.');
    throw new AdjustmentError(`the adjustments cannot be taken, at ${place}: ${issue?.message}`);
  }
  const { deductions, fairPlay, ranking = [], lots = [] } = parsed.data;
  for (const [place, named] of [
    ['deductions', deductions.map(({ team }) => team)],
    ['fairPlay', fairPlay.map(({ team }) => team)],
    ['ranking', ranking],
    ['lots', lots],
  ] as const)
    for (const [index, team] of named.entries()) {
      if (!teams.includes(team))
        throw new AdjustmentError(`the competition has no team "${team}" ($.${place}.${index})`);
      if (place !== 'deductions' && named.indexOf(team) !== index)
        throw new AdjustmentError(`"${team}" is there twice ($.${place}.${index})`);
    }
  return parsed.data;
}
