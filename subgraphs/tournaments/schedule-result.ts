import { z } from 'zod';
import type { Prisma } from './generated/prisma/client.ts';
import type { Conflict } from './schedule/conflicts.ts';
import type { Schedule } from './schedule/schedule.ts';

const places = z.array(
  z.object({ slotId: z.uuid(), start: z.number(), pitch: z.uuid().nullable(), referee: z.uuid().nullable() }),
);
const quality = z.object({
  cost: z.number(),
  span: z.number(),
  waiting: z.number(),
  edges: z.number(),
  moves: z.number(),
});
const conflicts = z.array(
  z.object({
    code: z.string(),
    message: z.string(),
    matches: z.array(z.uuid()),
    params: z.record(z.string(), z.union([z.string(), z.number()])),
    proven: z.boolean(),
  }),
);

export type PlaceOfSlot = z.output<typeof places>[number];
export type StoredConflict = z.output<typeof conflicts>[number];
export type StoredQuality = z.output<typeof quality>;

/** A schedule as columns of its run. */
export const columnsOf = (schedule: Schedule) => ({
  places: [...schedule.assignment].map(([slotId, place]): PlaceOfSlot => ({ slotId, ...place })),
  quality: { ...schedule.quality },
  conflicts: schedule.conflicts.map(({ code, message, matches, params, proven }: Conflict): StoredConflict => ({
    code,
    message,
    matches: [...matches],
    params: { ...params },
    proven,
  })),
});

/** The places that a run found. Empty before the run is done. */
export const placesIn = (column: Prisma.JsonValue): PlaceOfSlot[] => (column === null ? [] : places.parse(column));

/** The quality of a run's schedule. Null before the run is done. */
export const qualityIn = (column: Prisma.JsonValue): StoredQuality | null =>
  column === null ? null : quality.parse(column);

/** The conflicts of a run's schedule. Empty before the run is done. */
export const conflictsIn = (column: Prisma.JsonValue): StoredConflict[] =>
  column === null ? [] : conflicts.parse(column);
