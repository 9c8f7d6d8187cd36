import type { Assignment, MatchToPlan, ScheduleInput } from './input.ts';

/**
 * Finds broken rules in another way than `violations`, to check both: it records which match occupies each pitch, team
 * and referee in each minute. A match whose teams are not known occupies all teams that could reach it.
 */
export function occupancyFaults(input: ScheduleInput, assignment: Assignment): string[] {
  const faults: string[] = [];
  const taken = new Map<string, string>();
  const take = (what: string, match: string, from: number, to: number) => {
    for (let at = from; at < to; at++) {
      const other = taken.get(`${what}@${at}`) ?? match;
      if (other !== match) faults.push(`${what}: ${match} and ${other}`);
      taken.set(`${what}@${at}`, match);
    }
  };
  const byId = new Map(input.matches.map((match) => [match.id, match]));
  const reach = (match: MatchToPlan, team: string): boolean =>
    match.home === team ||
    match.away === team ||
    ((match.home === null || match.away === null) &&
      (match.after.length === 0 || match.after.some((id) => reach(byId.get(id) as MatchToPlan, team))));

  for (const match of input.matches) {
    const place = assignment.get(match.id);
    if (!place) continue;
    const from = place.start / 60_000;
    const to = from + match.minutes;
    if (!match.fixed && (from % input.stepMinutes !== 0 || place.start < input.startsAt))
      faults.push(`${match.id}: begin`);
    if ((match.notBefore ?? 0) > place.start || (match.notAfter ?? Infinity) < to * 60_000)
      faults.push(`${match.id}: dates`);
    const pitch = input.pitches.find(({ id }) => id === place.pitch);
    for (let at = from; at < to; at++)
      if (!pitch?.windows.some((window) => window.from <= at * 60_000 && at * 60_000 < window.to))
        faults.push(`${match.id}: ${place.pitch} is closed`);
    take(`pitch ${place.pitch}`, match.id, from, to + input.pauseMinutes);
    for (const team of [match.home, match.away])
      if (team !== null) take(`team ${team}`, match.id, from, to + input.restMinutes);
    for (const id of match.after) {
      const before = assignment.get(id);
      if (!before || before.start / 60_000 + (byId.get(id)?.minutes ?? 0) + input.restMinutes > from)
        faults.push(`${match.id}: before ${id} has ended`);
    }
    for (const other of input.matches)
      if (other.sequence === match.sequence && other.round < match.round && !other.fixed && !match.fixed)
        if ((assignment.get(other.id)?.start ?? 0) > place.start) faults.push(`${match.id}: before ${other.id}`);
    if (input.referees.length === 0) continue;
    const referee = input.referees.find(({ id }) => id === place.referee);
    if (!referee) faults.push(`${match.id}: no referee`);
    else take(`referee ${referee.id}`, match.id, from, to);
    for (const { id, entries, windows } of input.referees) {
      const plays = entries.some((team) => reach(match, team));
      if (plays && id === place.referee) faults.push(`${match.id}: own referee`);
      for (let at = from; at < to; at++) {
        if (plays) taken.set(`plays ${id}@${at}`, match.id);
        if (id === place.referee && windows?.every((window) => window.from > at * 60_000 || at * 60_000 >= window.to))
          faults.push(`${match.id}: ${id} is away`);
      }
    }
  }
  for (const [key, match] of taken)
    if (key.startsWith('referee ') && taken.has(key.replace('referee ', 'plays ')))
      faults.push(`${match}: ${key} plays`);
  return faults;
}
