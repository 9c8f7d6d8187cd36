import { Board } from './board.ts';
import type { Problem } from './problem.ts';

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Puts every match on the board, one after the other, always the one that can begin first. If several can, the
 * match whose latest possible start is the earliest goes first.
 * @param noise in milliseconds: matches that can begin within so long of each other go in a random order
 */
export function construct(problem: Problem, noise: number, random: () => number): Board {
  const board = new Board(problem);
  const latest = latestStarts(problem);
  const waitsFor = problem.after.map((before) => before.filter((match) => !board.isPlaced(match)).length);
  const openInRound = problem.rounds.map(({ length }) => length);
  const offers: Offer[] = [];
  const offered = new Set<number>();
  const offer = (match: number) => {
    if (offered.has(match) || board.isPlaced(match) || waitsFor[match]! > 0) return;
    const round = problem.roundOf[match]!;
    for (let other = problem.sequenceOf[round]![0]; other < round; other++) if (openInRound[other]! > 0) return;
    offered.add(match);
    offers.push({ match, latest: latest[match]!, at: board.limits(match)[0], jitter: random() * noise });
  };
  for (const match of problem.order) offer(match);
  for (let next = takeFirst(offers); next; next = takeFirst(offers)) {
    const { match, at } = next;
    const spot = board.earliest(match, at);
    if (spot && spot.start > at) {
      offers.push({ ...next, at: spot.start });
      continue;
    }
    if (spot) board.place(match, spot);
    const round = problem.roundOf[match]!;
    openInRound[round]!--;
    for (const dependent of spot ? problem.dependents[match]! : []) waitsFor[dependent]!--;
    for (const dependent of spot ? problem.dependents[match]! : []) offer(dependent);
    if (openInRound[round] === 0)
      for (let other = round + 1; other <= problem.sequenceOf[round]![1]; other++) {
        for (const later of problem.rounds[other]!) offer(later);
        if (openInRound[other]! > 0) break;
      }
  }
  return board;
}

/** Per match: how late it may begin so that those behind it have time. */
function latestStarts(problem: Problem): Float64Array {
  const { order, dependents, length, rest, input, open } = problem;
  const latest = new Float64Array(order.length);
  for (const match of order.toReversed()) {
    const { notAfter, fixed } = input.matches[match]!;
    let end = Math.min(notAfter ?? Infinity, open.at(-1)?.to ?? Infinity);
    for (const later of dependents[match]!) end = Math.min(end, latest[later]! - rest);
    latest[match] = fixed ? fixed.start : end - length[match]!;
  }
  return latest;
}

interface Offer {
  readonly match: number;
  readonly latest: number;
  /** No spot is before. It only rises, because nothing leaves the board. */
  readonly at: number;
  readonly jitter: number;
}

const compare = (a: Offer, b: Offer): number =>
  a.at + a.jitter - (b.at + b.jitter) || a.latest - b.latest || a.match - b.match;

/** Takes the first out of those on offer. */
function takeFirst(offers: Offer[]): Offer | undefined {
  let first = 0;
  for (let index = 1; index < offers.length; index++) if (compare(offers[index]!, offers[first]!) < 0) first = index;
  const taken = offers[first];
  const last = offers.pop();
  if (last && last !== taken) offers[first] = last;
  return taken;
}
