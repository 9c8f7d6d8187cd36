/** A matching. If a and b are paired, `mate[a]` is b and `mate[b]` is a. For an index that is not paired, it is -1. */
export type Mates = Int32Array;

/** `mayPair[a][b]` is 1 if a and b may be paired, otherwise 0. The matrix is symmetric. */
export type MayPair = readonly Uint8Array[];

export const mayPairWhere = (size: number, may: (a: number, b: number) => boolean): MayPair =>
  Array.from({ length: size }, (_, a) => Uint8Array.from({ length: size }, (__, b) => (a !== b && may(a, b) ? 1 : 0)));

/**
 * Extends a matching to a maximum matching, by Edmonds' blossom algorithm ("Paths, trees, and flowers", 1965). It grows
 * one tree at a time and contracts blossoms by their bases. If nearly all may pair, each unpaired index costs O(n²).
 *
 * @param mate the matching to change. Indexes that are not `present` stay unpaired.
 * @returns how many present indexes stay unpaired.
 */
export function extendMatching(mate: Mates, present: Uint8Array, mayPair: MayPair): number {
  const size = mate.length;
  const parent = new Int32Array(size);
  const base = new Int32Array(size);
  const inTree = new Uint8Array(size);
  const marked = new Uint8Array(size);
  let alone = 0;
  for (let root = 0; root < size; root++)
    if (present[root] && mate[root] === -1) {
      const end = findPath(root);
      if (end === -1) alone++;
      else augment(end);
    }
  return alone;

  /** The end of an augmenting path that starts at `root`; -1 if there is none. */
  function findPath(root: number): number {
    // A shortcut: most roots have an unpaired neighbour.
    const row = mayPair[root]!;
    for (let other = 0; other < size; other++)
      if (row[other] && mate[other] === -1 && present[other]) {
        parent[other] = root;
        return other;
      }
    parent.fill(-1);
    inTree.fill(0);
    for (let index = 0; index < size; index++) base[index] = index;
    inTree[root] = 1;
    const queue = [root];
    for (const from of queue) {
      const near = mayPair[from]!;
      for (let to = 0; to < size; to++) {
        if (!near[to] || !present[to] || base[from] === base[to] || mate[from] === to) continue;
        if (to === root || (mate[to] !== -1 && parent[mate[to]!] !== -1)) contract(from, to, queue);
        else if (parent[to] === -1) {
          parent[to] = from;
          const next = mate[to]!;
          if (next === -1) return to;
          inTree[next] = 1;
          queue.push(next);
        }
      }
    }
    return -1;
  }

  /** Contracts the odd cycle through both vertices: all its vertices get the same base. */
  function contract(from: number, to: number, queue: number[]): void {
    const common = commonBase(from, to);
    marked.fill(0);
    markPath(from, common, to);
    markPath(to, common, from);
    for (let index = 0; index < size; index++)
      if (marked[base[index]!]) {
        base[index] = common;
        if (!inTree[index]) {
          inTree[index] = 1;
          queue.push(index);
        }
      }
  }

  function commonBase(a: number, b: number): number {
    const seen = new Uint8Array(size);
    for (let at = base[a]!; ; at = base[parent[mate[at]!]!]!) {
      seen[at] = 1;
      if (mate[at] === -1) break;
    }
    let at = base[b]!;
    while (!seen[at]) at = base[parent[mate[at]!]!]!;
    return at;
  }

  function markPath(start: number, common: number, child: number): void {
    for (let at = start, from = child; base[at] !== common; at = parent[mate[at]!]!) {
      marked[base[at]!] = 1;
      marked[base[mate[at]!]!] = 1;
      parent[at] = from;
      from = mate[at]!;
    }
  }

  function augment(end: number): void {
    for (let at = end; at !== -1;) {
      const before = parent[at]!;
      const next = mate[before]!;
      mate[at] = before;
      mate[before] = at;
      at = next;
    }
  }
}
