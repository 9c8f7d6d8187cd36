import type { Tie } from '../content.ts';

/** A tie in its place on a page: columns and rows count from 0. */
export interface PlacedTie {
  readonly tie: Tie;
  readonly column: number;
  /** The vertical middle of the tie, in rows. A tie is halfway between the ties that lead to it, so 0.5 is possible. */
  readonly row: number;
  /** The ties of this page whose winners go to this tie. */
  readonly from: readonly PlacedTie[];
}

export interface BracketPage {
  readonly part: string;
  /** The number of the round in the first column. */
  readonly firstRound: number;
  readonly columns: number;
  readonly rows: number;
  readonly ties: readonly PlacedTie[];
}

/** A page has at most this many columns, and so at most 16 ties in the first one. */
export const MOST_COLUMNS = 5;
export const MOST_ROWS = 2 ** (MOST_COLUMNS - 1);

const PARTS = ['WINNERS', 'LOSERS', 'FINAL', 'THIRD_PLACE'];

/**
 * Spreads the brackets of a stage over pages. A page has up to five rounds. The next page begins with the last round of
 * the page before, so that a reader can follow a team. Every tie is on at least one page.
 */
export function bracketPages(ties: readonly Tie[]): readonly BracketPage[] {
  const parts = [...PARTS, ...new Set(ties.map(({ part }) => part).filter((part) => !PARTS.includes(part)))];
  return parts.flatMap((part) => pagesOf(part, ties.filter((tie) => tie.part === part).toSorted(inOrder)));
}

const inOrder = (a: Tie, b: Tie): number => a.round - b.round || a.position - b.position;

function pagesOf(part: string, ties: readonly Tie[]): BracketPage[] {
  const byKey = new Map(ties.map((tie) => [tie.key, tie]));
  // A link to an earlier round or another part is ignored, so that a wrong link cannot make a cycle.
  const parentOf = (tie: Tie): Tie | undefined => {
    const parent = tie.winnerTo === null ? undefined : byKey.get(tie.winnerTo);
    return parent && parent.round > tie.round ? parent : undefined;
  };
  const children = new Map<string, Tie[]>();
  for (const tie of ties) {
    const parent = parentOf(tie);
    if (parent) children.set(parent.key, [...(children.get(parent.key) ?? []), tie]);
  }
  const last = ties.at(-1)?.round ?? 0;
  const pages: BracketPage[] = [];
  let first = ties[0]?.round ?? 1;
  for (;;) {
    const end = Math.min(last, first + MOST_COLUMNS - 1);
    // The roots of a page: ties of its last round, and earlier ones that lead to no tie of these rounds.
    const roots = ties.filter((tie) => {
      if (tie.round < first || tie.round > end) return false;
      const parent = parentOf(tie);
      return !parent || parent.round > end;
    });
    pages.push(...packed(part, roots, first, end, (tie) => children.get(tie.key) ?? []));
    if (end >= last) return pages;
    first = end;
  }
}

/** Puts the trees of these roots on pages, as many on each page as its rows allow. */
function packed(
  part: string,
  roots: readonly Tie[],
  first: number,
  end: number,
  childrenOf: (tie: Tie) => readonly Tie[],
): BracketPage[] {
  const pages: { rows: number; ties: PlacedTie[] }[] = [];
  for (const root of roots) {
    const height = leavesOf(root, first, childrenOf);
    let page = pages.at(-1);
    if (!page || page.rows + height > MOST_ROWS) pages.push((page = { rows: 0, ties: [] }));
    const placed: PlacedTie[] = [];
    place(root, first, page.rows, childrenOf, placed);
    page.ties.push(...placed);
    page.rows += height;
  }
  return pages.map(({ rows, ties }) => ({ part, firstRound: first, columns: end - first + 1, rows, ties }));
}

function leavesOf(tie: Tie, first: number, childrenOf: (tie: Tie) => readonly Tie[]): number {
  const below = childrenOf(tie).filter(({ round }) => round >= first);
  return below.reduce((sum, child) => sum + leavesOf(child, first, childrenOf), 0) || 1;
}

function place(
  tie: Tie,
  first: number,
  top: number,
  childrenOf: (tie: Tie) => readonly Tie[],
  into: PlacedTie[],
): PlacedTie {
  const below = childrenOf(tie).filter(({ round }) => round >= first);
  let next = top;
  const from = below.map((child) => {
    const placed = place(child, first, next, childrenOf, into);
    next += leavesOf(child, first, childrenOf);
    return placed;
  });
  const [above, under] = [from[0], from.at(-1)];
  const row = above && under ? (above.row + under.row) / 2 : top;
  const placed = { tie, column: tie.round - first, row, from };
  into.push(placed);
  return placed;
}
