import type { SideFragment, SlotFragment, StagePart } from './generated/graphql.ts';
import { element, group, type Picture, shortened, text } from './svg.ts';

const WIDTH = 230;
const GAP = 56;
const SIDE = 26;
/** The name of the match, above its box. */
const CAPTION = 18;
const SPACE = 18;
const MARGIN = 24;
const HEAD = 84;
const MOST_CHARACTERS = 22;

/** A slot with its sides. */
export type Slot = Omit<SlotFragment, 'home' | 'away' | ' $fragmentName'> & {
  readonly home: SideFragment;
  readonly away: SideFragment;
};

export interface Round {
  readonly part: StagePart;
  readonly number: number;
  readonly name: string;
}

/** The slots of one place of the bracket: one match, or two legs. */
interface Tie {
  readonly slots: readonly Slot[];
  readonly first: Slot;
  readonly last: Slot;
}

interface Placed extends Tie {
  /** The left edge. */
  readonly x: number;
  /** The upper edge. */
  readonly y: number;
}

const keyOf = ({ part, round, position }: Slot): string => `${part} ${round} ${position}`;
const SLOT_HEIGHT = CAPTION + 2 * SIDE;
const heightOf = ({ slots }: Tie): number => slots.length * SLOT_HEIGHT;

/**
 * A bracket from left to right. Winners are above losers, the finals of a double elimination are at the right, and the
 * match for the third place is below. A line leads from each match to the match that its winner plays.
 */
export function drawBracket(
  title: string,
  slots: readonly Slot[],
  rounds: readonly Round[],
  timeZone: string,
): Picture {
  const ties = [...Map.groupBy(slots, keyOf).values()].map((of): Tie => {
    const legs = [...of].sort((a, b) => (a.leg ?? 0) - (b.leg ?? 0));
    return { slots: legs, first: legs[0]!, last: legs.at(-1)! };
  });
  const placed = place(ties);
  const bySlot = new Map(placed.flatMap((tie) => tie.slots.map(({ id }) => [id, tie] as const)));
  const links = placed.flatMap((tie) => {
    const target = tie.last.winnerTo ? bySlot.get(tie.last.winnerTo) : undefined;
    return target ? [link(tie, target)] : [];
  });
  const heads = rounds.flatMap((round) => {
    const of = placed.filter(({ first }) => first.part === round.part && first.round === round.number);
    if (of.length === 0) return [];
    const y = Math.min(...placed.filter(({ first }) => first.part === round.part).map((tie) => tie.y)) - 14;
    return [text(round.name, { x: of[0]!.x, y, class: 'heading' })];
  });
  const body = [
    text(title, { x: MARGIN, y: 38, class: 'title' }),
    ...heads,
    ...links,
    ...placed.flatMap((tie) => tie.slots.map((slot, index) => box(slot, tie.x, tie.y + index * SLOT_HEIGHT, timeZone))),
  ];
  return {
    width: Math.max(400, ...placed.map(({ x }) => x + WIDTH)) + MARGIN,
    height: Math.max(HEAD, ...placed.map((tie) => tie.y + heightOf(tie))) + MARGIN,
    body,
  };
}

/**
 * Places each tie. Ties without an earlier match get the next free line. Each other tie is in the middle of the ties
 * from which its teams come.
 */
function place(ties: readonly Tie[]): Placed[] {
  const of = (part: StagePart): Tie[] =>
    ties
      .filter(({ first }) => first.part === part)
      .sort((a, b) => a.first.round - b.first.round || a.first.position - b.first.position);
  const column = (number: number): number => MARGIN + (number - 1) * (WIDTH + GAP);
  const winners = tree(of('WINNERS'), HEAD, column);
  const losers = tree(of('LOSERS'), below(winners) + (winners.length > 0 ? 56 : 0), column);
  const last = Math.max(0, ...[...winners, ...losers].map(({ first }) => first.round));
  const middle = (winners.at(-1) ?? { y: HEAD }).y;
  const finals = of('FINAL').map((tie, index): Placed => {
    const lower = losers.at(-1)?.y ?? middle;
    return { ...tie, x: column(last + index + 1), y: (middle + lower) / 2 };
  });
  const final = finals[0] ?? winners.at(-1);
  const third = of('THIRD_PLACE').map((tie, index): Placed => ({
    ...tie,
    x: final?.x ?? column(1),
    // The match for the third place is drawn under the final, so that it does not overlap an earlier round.
    y: (final ? final.y + heightOf(final) : HEAD) + 48 + index * (heightOf(tie) + SPACE),
  }));
  return [...winners, ...losers, ...finals, ...third];
}

function tree(ties: readonly Tie[], top: number, column: (round: number) => number): Placed[] {
  const ids = new Map(ties.flatMap((tie) => tie.slots.map(({ id }) => [id, tie] as const)));
  const feeders = new Map<Tie, Tie[]>(ties.map((tie) => [tie, []]));
  const roots: Tie[] = [];
  for (const tie of ties) {
    const next = tie.last.winnerTo ? ids.get(tie.last.winnerTo) : undefined;
    if (next && next.first.round > tie.first.round) feeders.get(next)?.push(tie);
    else roots.push(tie);
  }
  const middles = new Map<Tie, number>();
  let free = top;
  // Ties are sorted by rounds, so a tie comes after the ties that feed it. But the lines are given out from the top of
  // the bracket to the bottom.
  const visit = (tie: Tie): number => {
    const before = (feeders.get(tie) ?? []).map(visit);
    let middle = before.length > 0 ? before.reduce((sum, one) => sum + one, 0) / before.length : 0;
    if (before.length === 0) {
      middle = free + heightOf(tie) / 2;
      free += heightOf(tie) + SPACE;
    }
    middles.set(tie, middle);
    return middle;
  };
  for (const root of roots) visit(root);
  return ties.map((tie) => ({ ...tie, x: column(tie.first.round), y: (middles.get(tie) ?? top) - heightOf(tie) / 2 }));
}

const below = (placed: readonly Placed[]): number => Math.max(HEAD, ...placed.map((tie) => tie.y + heightOf(tie)));

/** The middle of the boxes, where lines begin and end. */
const middleOf = (tie: Placed): number => tie.y + (heightOf(tie) + CAPTION) / 2;

function link(from: Placed, to: Placed): string {
  const [x, y] = [from.x + WIDTH, middleOf(from)];
  const [end, target] = [to.x, middleOf(to)];
  const turn = end - GAP / 2;
  return element('path', {
    class: 'link',
    d: `M${x} ${y}H${turn}V${target}H${end}`,
    'data-from': from.last.id,
    'data-to': to.first.id,
  });
}

const LIVE = new Set(['LIVE', 'BREAK', 'SUSPENDED']);

function box(slot: Slot, x: number, y: number, timeZone: string): string {
  const { label, state, home, away, match } = slot;
  const isLive = LIVE.has(match?.state ?? '');
  const top = y + CAPTION;
  const says = note(slot, timeZone);
  return group(
    { 'data-slot': slot.id },
    text(shortened(label, 30), { x: x + 2, y: y + 12, class: 'small' }),
    ...(says
      ? [text(says, { x: x + WIDTH - 2, y: y + 12, class: isLive ? 'small number live' : 'small number' })]
      : []),
    element('rect', {
      x,
      y: top,
      width: WIDTH,
      height: 2 * SIDE,
      rx: 5,
      class: state === 'NOT_NEEDED' || state === 'EMPTY' ? 'box unneeded' : 'box',
    }),
    element('line', { x1: x, x2: x + WIDTH, y1: top + SIDE, y2: top + SIDE, class: 'rule' }),
    ...sideOf(home, x, top, isLive),
    ...sideOf(away, x, top + SIDE, isLive),
  );
}

function sideOf({ team, label, score, shootout, won }: SideFragment, x: number, y: number, isLive: boolean): string[] {
  const name = team?.name ?? label ?? 'open';
  const style = team ? (won === true ? 'strong' : won === false ? 'faint' : '') : 'open';
  const goals = score === null || score === undefined ? '' : `${score}${shootout == null ? '' : ` (${shootout})`}`;
  return [
    text(shortened(name, MOST_CHARACTERS), { x: x + 10, y: y + 18, ...(style && { class: style }) }),
    ...(goals
      ? [text(goals, { x: x + WIDTH - 10, y: y + 18, class: `number ${isLive ? 'live' : style}`.trim() })]
      : []),
  ];
}

/** The text about the present state of a slot; null when there is nothing to say. */
function note({ state, match, kickoffAt }: Slot, timeZone: string): string | null {
  switch (state) {
    case 'NOT_NEEDED':
      return 'not needed';
    case 'EMPTY':
      return 'nobody is left';
    case 'WALKED_OVER':
      return 'walkover';
  }
  switch (match?.state) {
    case 'LIVE':
      return 'live';
    case 'BREAK':
      return 'break';
    case 'SUSPENDED':
      return 'interrupted';
    case 'FINISHED':
      return 'not confirmed';
    case 'WALKOVER':
      return 'walkover';
    case 'POSTPONED':
      return 'postponed';
    case 'CONFIRMED':
      return null;
  }
  return kickoffAt ? time(kickoffAt, timeZone) : null;
}

const time = (at: string, timeZone: string): string =>
  new Intl.DateTimeFormat('en-GB', {
    timeZone,
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  }).format(new Date(at));
