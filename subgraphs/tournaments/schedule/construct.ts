import { Board } from './board.ts';
import type { Problem } from './problem.ts';

/** A random generator (mulberry32): numbers from 0 to below 1, the same ones for the same seed. */
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
 * Puts matches on a board, one after the other, each time the match that can begin first. If several can, it is the one
 * whose latest possible start is the earliest. A match for which there is no spot is left out.
 * @param noise in milliseconds: up to this much is added to the time of each match at random, so that the order varies
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

/**
 * For each match: the latest time at which it may begin, so that there is time for the matches that wait for its
 * result.
 */
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
  /** A lower bound of the time at which the match can begin. It only rises, because no match leaves the board. */
  readonly at: number;
  readonly jitter: number;
}

const compare = (a: Offer, b: Offer): number =>
  a.at + a.jitter - (b.at + b.jitter) || a.latest - b.latest || a.match - b.match;

/** Removes the first offer from the list and returns it. */
function takeFirst(offers: Offer[]): Offer | undefined {
  let first = 0;
  for (let index = 1; index < offers.length; index++) if (compare(offers[index]!, offers[first]!) < 0) first = index;
  const taken = offers[first];
  const last = offers.pop();
  if (last && last !== taken) offers[first] = last;
  return taken;
}
