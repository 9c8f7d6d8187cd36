import type { Assignment, MatchToPlan, Place, ScheduleInput } from './input.ts';
import { merged } from './local-time.ts';

const MINUTE_MS = 60_000;

const RULES = {
  PITCH_CLOSED: 'The pitch is not open for the whole match.',
  PITCH_TAKEN: 'Another match is on the pitch, or ends too short a time before.',
  NO_PITCH: 'The match has no pitch.',
  TEAM_RESTS: 'One of the teams plays another match, or has not rested long enough.',
  NOT_DECIDED_YET: 'A match that decides who plays has not ended by then, or its teams have not rested long enough.',
  ROUND_ORDER: 'A match of an earlier round would begin after one of a later round.',
  DATES: 'The match is outside of the dates of its round.',
  TOO_EARLY: 'The match would begin before the schedule does.',
  NO_REFEREE: 'The match has no referee.',
  REFEREE_AWAY: 'The referee is not there for the whole match.',
  REFEREE_BUSY: 'The referee has another match then.',
  REFEREE_OWN_TEAM: 'A team of the referee plays in the match, or may still reach it.',
  REFEREE_PLAYS: 'A team of the referee plays another match then, or may still reach one.',
} as const;

/** A hard rule that a schedule breaks, and where. */
export interface Violation {
  readonly rule: keyof typeof RULES;
  readonly message: string;
  /** The match that breaks the rule, or the two matches that break it together. */
  readonly matches: readonly string[];
}

interface Placed {
  readonly match: MatchToPlan;
  readonly place: Place;
  readonly start: number;
  readonly end: number;
}

/**
 * The hard rules that these places break. It compares all pairs of matches and shares no code with the search. So specs
 * check the search with it, and it explains why a time that an organizer sets by hand is refused.
 * @param of if given: only the violations of this match
 */
export function violations(input: ScheduleInput, assignment: Assignment, of?: string): Violation[] {
  const found: Violation[] = [];
  const report = (rule: Violation['rule'], ...matches: readonly MatchToPlan[]) =>
    found.push({ rule, message: RULES[rule], matches: matches.map(({ id }) => id) });
  const placed = input.matches.flatMap((match) => placedAt(match, assignment.get(match.id)));
  const byId = new Map(placed.map((one) => [one.match.id, one]));
  const may = mayPlay(input);
  const pause = input.pauseMinutes * MINUTE_MS;
  const rest = input.restMinutes * MINUTE_MS;
  const referees = new Map(input.referees.map((referee) => [referee.id, referee]));
  const pitches = new Map(input.pitches.map((pitch) => [pitch.id, merged(pitch.windows)]));

  const asked = of === undefined ? placed : placed.filter(({ match }) => match.id === of);
  for (const { match, place, start, end } of asked) {
    if (place.pitch === null) {
      if (!match.fixed) report('NO_PITCH', match);
    } else if (!pitches.get(place.pitch)?.some(({ from, to }) => from <= start && end <= to))
      report('PITCH_CLOSED', match);
    if ((match.notBefore ?? start) > start || (match.notAfter ?? end) < end) report('DATES', match);
    if (!match.fixed && start < input.startsAt) report('TOO_EARLY', match);
    const referee = place.referee === null ? undefined : referees.get(place.referee);
    if (!referee) {
      if (input.referees.length > 0 && !match.fixed) report('NO_REFEREE', match);
    } else {
      if (referee.windows && !merged(referee.windows).some(({ from, to }) => from <= start && end <= to))
        report('REFEREE_AWAY', match);
      if (referee.entries.some((entry) => may(match, entry))) report('REFEREE_OWN_TEAM', match);
    }
  }
  for (const [index, a] of placed.entries())
    for (const b of placed.slice(index + 1)) {
      if (of !== undefined && a.match.id !== of && b.match.id !== of) continue;
      if (a.place.pitch !== null && a.place.pitch === b.place.pitch && near(a, b, pause))
        report('PITCH_TAKEN', a.match, b.match);
      if (teamsOf(a.match).some((team) => teamsOf(b.match).includes(team)) && near(a, b, rest))
        report('TEAM_RESTS', a.match, b.match);
      if (a.match.sequence === b.match.sequence && !a.match.fixed && !b.match.fixed)
        if ((a.match.round - b.match.round) * (a.start - b.start) < 0) report('ROUND_ORDER', a.match, b.match);
      if (!near(a, b, 0)) continue;
      if (a.place.referee !== null && a.place.referee === b.place.referee) report('REFEREE_BUSY', a.match, b.match);
      for (const [busy, other] of [[a, b] as const, [b, a] as const])
        if (referees.get(busy.place.referee ?? '')?.entries.some((entry) => may(other.match, entry)))
          report('REFEREE_PLAYS', busy.match, other.match);
    }
  for (const { match, start } of placed)
    for (const id of match.after) {
      const before = byId.get(id);
      if (of !== undefined && match.id !== of && id !== of) continue;
      if (before && before.end + rest > start) report('NOT_DECIDED_YET', before.match, match);
      if (!before && !match.fixed) report('NOT_DECIDED_YET', match);
    }
  return found;
}

/** Whether an entry plays in a match, or may play in it after earlier matches are decided. */
export function mayPlay({ matches }: Pick<ScheduleInput, 'matches'>): (match: MatchToPlan, entry: string) => boolean {
  const byId = new Map(matches.map((match) => [match.id, match]));
  const entries = new Set(matches.flatMap(teamsOf)).size;
  const known = new Map<MatchToPlan, ReadonlySet<string> | null>();
  /** The entries that may play in the match. Null: any entry. */
  const candidates = (match: MatchToPlan): ReadonlySet<string> | null => {
    const earlier = known.get(match);
    if (earlier !== undefined) return earlier;
    const waits = match.home === null || match.away === null;
    const result = waits && match.after.length === 0 ? null : new Set(teamsOf(match));
    for (const id of waits && result ? match.after : []) {
      const before = candidates(byId.get(id) as MatchToPlan);
      if (before === null) {
        known.set(match, null);
        return null;
      }
      for (const entry of before) result?.add(entry);
      if (result?.size === entries) break;
    }
    known.set(match, result);
    return result;
  };
  return (match, entry) => candidates(match)?.has(entry) ?? true;
}

const teamsOf = ({ home, away }: MatchToPlan): string[] => [home, away].filter((team) => team !== null);

/** Whether two matches overlap, or less than `gap` is between them. */
const near = (a: Placed, b: Placed, gap: number): boolean => a.start < b.end + gap && b.start < a.end + gap;

const placedAt = (match: MatchToPlan, place: Place | undefined): Placed[] =>
  place ? [{ match, place, start: place.start, end: place.start + match.minutes * MINUTE_MS }] : [];
