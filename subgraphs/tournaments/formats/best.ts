// Which third is which: those on one place of several groups who advance, and the slots that wait for them.
import { extendMatching, mayPairWhere } from './matching.ts';
import type { Source } from './plan.ts';

type Best = Extract<Source, { kind: 'BEST' }>;

/**
 * An official table of who meets whom, such as Annex C of the World Cup 2026. A key is the groups whose entrants advance,
 * as sorted letters ("ABCDEFGH"). Its value is the groups of the sources by rank ("HGBCAFDE": rank 1 is from group H).
 */
export type StoredTable = Readonly<Record<string, string>>;

/**
 * The group that each source gets its entrant from. Sources are all BEST of one stage and place.
 *
 * - With a stored table it decides. Null if it has no row for these groups.
 * - Else without limits (`groups` null) rank 1 is the best, and so on.
 * - Else the first source gets the best entrant that it may have and that leaves a way to fill the others; null if there
 *   is none. Several ways can fit, so regulations with limits have a stored table.
 *
 * @param qualified numbers of the groups whose entrants advance, the best first; as many as there are sources.
 * @returns group numbers by rank.
 */
export function assignBest(
  sources: readonly Best[],
  qualified: readonly number[],
  table: StoredTable | null,
): Map<number, number> | null {
  const ordered = sources.toSorted((a, b) => a.rank - b.rank);
  if (ordered.length !== qualified.length) return null;
  if (table) {
    const row =
      table[
        qualified
          .toSorted((a, b) => a - b)
          .map(letter)
          .join('')
      ];
    if (row?.length !== ordered.length) return null;
    return new Map(ordered.map(({ rank }, index) => [rank, row.charCodeAt(index) - 64]));
  }
  // Sources, then groups, as the two halves of one graph.
  const size = ordered.length;
  const mayTake = (source: number, group: number): boolean => {
    const groups = ordered[source]!.groups;
    return groups === null || groups.includes(qualified[group]!);
  };
  const present = new Uint8Array(2 * size).fill(1);
  const edges = mayPairWhere(
    2 * size,
    (a, b) => a < size !== b < size && mayTake(Math.min(a, b), Math.max(a, b) - size),
  );
  const fills = (): boolean => extendMatching(new Int32Array(2 * size).fill(-1), present, edges) === 0;
  if (!fills()) return null;
  const assigned = new Map<number, number>();
  for (let source = 0; source < size; source++) {
    present[source] = 0;
    for (let group = 0; group < size; group++) {
      if (!present[size + group] || !mayTake(source, group)) continue;
      present[size + group] = 0;
      if (fills()) {
        assigned.set(ordered[source]!.rank, qualified[group]!);
        break;
      }
      present[size + group] = 1;
    }
  }
  return assigned;
}

const letter = (group: number): string => String.fromCharCode(64 + group);
