import { type Deeds, type MatchEventDetail, type Squad, UNRECORDED } from '../../schema/messages/matches.ts';

/**
 * The lineups, substitutes and deeds of a match. Deeds are a player's goals, assists and cards. Voids are subtracted.
 */
export interface MatchSheet {
  readonly lineups: { readonly home: Squad | null; readonly away: Squad | null };
  /** The players who came on, one entry for each time. */
  readonly substitutes: readonly { readonly player: string; readonly side: Deeds['side'] }[];
  /**
   * The players with a goal, an assist or a card, in the order in which they got the first one. A team's cards whose
   * players were not recorded are an element of its own.
   */
  readonly players: readonly Deeds[];
}

export const EMPTY_SHEET: MatchSheet = { lineups: { home: null, away: null }, substitutes: [], players: [] };

/** The sheet in the shape of the snapshot. */
export const told = ({ lineups, substitutes, players }: MatchSheet) => ({
  lineups,
  substitutes: [...substitutes],
  players: [...players],
});

/** Returns the sheet after one more event. The given sheet does not change. */
export function advanceSheet(sheet: MatchSheet, detail: MatchEventDetail): MatchSheet {
  switch (detail.kind) {
    case 'GOAL':
    case 'CARD':
    case 'SUBSTITUTION':
      return count(sheet, detail, 1);
    case 'VOID':
      return detail.of ? count(sheet, detail.of, -1) : sheet;
    case 'LINEUP': {
      const { starters, bench } = detail;
      return {
        ...sheet,
        lineups: { ...sheet.lineups, [detail.side === 'HOME' ? 'home' : 'away']: { starters, bench } },
      };
    }
    case 'REPLAY':
      return EMPTY_SHEET;
    default:
      return sheet;
  }
}

type Deed = Extract<MatchEventDetail, { kind: 'GOAL' | 'CARD' | 'SUBSTITUTION' }>;
type Counts = Omit<Deeds, 'player' | 'side'>;

const NO_COUNTS: Counts = {
  goals: 0,
  penalties: 0,
  points: 0,
  ownGoals: 0,
  assists: 0,
  yellow: 0,
  secondYellow: 0,
  red: 0,
};
const CARDS = { YELLOW: 'yellow', SECOND_YELLOW: 'secondYellow', RED: 'red' } as const;

function count(sheet: MatchSheet, deed: Deed, by: 1 | -1): MatchSheet {
  if (deed.kind === 'SUBSTITUTION') {
    const at = sheet.substitutes.findLastIndex(({ player }) => player === deed.in);
    const cameOn = { player: deed.in, side: deed.side };
    const substitutes = by === 1 ? [...sheet.substitutes, cameOn] : sheet.substitutes.filter((_, i) => i !== at);
    return { ...sheet, substitutes };
  }
  if (deed.kind === 'CARD') return add(sheet, deed.player ?? UNRECORDED, deed.side, { [CARDS[deed.card]]: by });
  // A goal without a period is a kick of a shoot-out. Statistics do not count it.
  if (deed.period === null) return sheet;
  if (deed.goal === 'OWN_GOAL')
    return add(sheet, deed.player, deed.side === 'HOME' ? 'AWAY' : 'HOME', { ownGoals: by });
  const penalties = deed.goal === 'PENALTY' ? by : 0;
  const scored = add(sheet, deed.player, deed.side, { goals: by, penalties, points: by * deed.points });
  return add(scored, deed.assist, deed.side, { assists: by });
}

function add(sheet: MatchSheet, player: string | null, side: Deeds['side'], counts: Partial<Counts>): MatchSheet {
  if (player === null) return sheet;
  const before = sheet.players.find((one) => one.player === player && (player !== UNRECORDED || one.side === side));
  const after = { ...(before ?? { player, side, ...NO_COUNTS }) };
  for (const [name, by] of Object.entries(counts)) after[name as keyof Counts] += by;
  const players = before ? sheet.players.map((one) => (one === before ? after : one)) : [...sheet.players, after];
  return {
    ...sheet,
    players: players.filter((one) => Object.keys(NO_COUNTS).some((name) => one[name as keyof Counts] !== 0)),
  };
}
