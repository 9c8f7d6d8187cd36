import { createHash } from 'node:crypto';
import { z } from 'zod';

/** A goal in the order of play. `side` is the team it counts for. */
export interface Goal {
  readonly side: 'HOME' | 'AWAY';
  readonly kind: 'GOAL' | 'OWN_GOAL' | 'PENALTY';
  /** Null when the file has the score only. */
  readonly player: string | null;
  readonly clock: { readonly minute: number; readonly stoppage: number | null } | null;
  /** 1 and 2 the halves, 3 and 4 extra time. */
  readonly period: number;
}

type Pair = readonly [home: number, away: number];

export interface FileMatch {
  /** The same for the same match in a later version of the file. */
  readonly clientId: string;
  readonly home: string;
  readonly away: string;
  readonly round: string | null;
  readonly group: string | null;
  readonly venue: string | null;
  /** RFC 3339, UTC. */
  readonly kickoffAt: string;
  /** Null when the file has no result: the match is scheduled, and cannot be replayed. */
  readonly result: { readonly score: Pair; readonly shootout: Pair | null; readonly periods: number; readonly goals: readonly Goal[] } | null;
}

export interface Competition {
  readonly name: string;
  readonly teams: readonly string[];
  readonly matches: readonly FileMatch[];
  /** What was left out or doubted, a line each with its place in the file. */
  readonly notTaken: readonly string[];
}

/** A file that cannot be used at all. Each complaint has a code and its place. */
export class CompetitionFileError extends Error {
  readonly complaints: readonly { readonly code: string; readonly place: string; readonly message: string }[];
  constructor(complaints: CompetitionFileError['complaints']) {
    super(complaints.map(({ code, place, message }) => `${code} at ${place}: ${message}`).join('\n'));
    this.name = 'CompetitionFileError';
    this.complaints = complaints;
  }
}

const count = z.int().min(0).max(99);
const pair = z.tuple([count, count]);
const wholeNumber = z.union([z.int(), z.string().regex(/^\d{1,3}$/).transform(Number)], { error: 'a minute is a whole number' });
const goal = z.strictObject({
  name: z.string().trim().min(1).max(100),
  minute: wholeNumber.pipe(z.int().min(1, 'a minute is at least 1').max(120, 'a minute is at most 120')),
  offset: wholeNumber.pipe(z.int().min(0).max(30, 'stoppage time is at most 30')).optional(),
  penalty: z.boolean().optional(),
  owngoal: z.boolean().optional(),
});
const teamName = z.string({ error: 'the team is missing' }).trim().min(1, 'the team is missing').max(80);
const match = z.object({
  round: z.string().max(80).optional(),
  group: z.string().max(80).optional(),
  ground: z.string().max(120).optional(),
  date: z.iso.date('the date must be YYYY-MM-DD'),
  time: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d(?: UTC(?:[+-]\d{1,2})?)?$/, 'the time must be HH:MM, with UTC+N if the place is known').optional(),
  team1: teamName,
  team2: teamName,
  score: z.object({ ht: pair.optional(), ft: pair.optional(), et: pair.optional(), p: pair.optional() }).optional(),
  goals1: z.array(goal).max(50).optional(),
  goals2: z.array(goal).max(50).optional(),
});
const file = z.object({ name: z.string().trim().min(1).max(80), matches: z.array(match).min(1).max(2000) });
const KNOWN = new Set(Object.keys(match.shape));

const place = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text}.${String(part)}`), '$');

/**
 * Reads a competition in the openfootball JSON format. It is taken whole or not at all.
 * @throws CompetitionFileError INVALID_JSON, INVALID_VALUE (wrong shape, missing teams, impossible minutes), CONTRADICTION (goals that do not make the score)
 */
export function readCompetition(text: string): Competition {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new CompetitionFileError([{ code: 'INVALID_JSON', place: '$', message: (error as Error).message }]);
  }
  const parsed = file.safeParse(json);
  if (!parsed.success) {
    throw new CompetitionFileError(
      parsed.error.issues.slice(0, 20).map((issue) => ({ code: 'INVALID_VALUE', place: place(issue.path), message: issue.message })),
    );
  }
  const { name, matches } = parsed.data;
  const notTaken: string[] = [];
  const complaints: { code: string; place: string; message: string }[] = [];
  const taken: FileMatch[] = [];
  const seen = new Map<string, number>();
  matches.forEach((row, index) => {
    const at = `$.matches[${index}]`;
    const complain = (message: string) => void complaints.push({ code: 'CONTRADICTION', place: at, message });
    const doubt = (message: string) => void notTaken.push(`${at} ${row.team1} – ${row.team2}: ${message}`);
    if (row.team1 === row.team2) complain('a team cannot play itself');
    const clientId = createHash('sha256').update(JSON.stringify([name, row.round ?? null, row.date, row.team1, row.team2])).digest('base64url');
    const earlier = seen.get(clientId);
    if (earlier !== undefined) return complain(`the same match as $.matches[${earlier}]`);
    seen.set(clientId, index);
    for (const field of Object.keys((json as { matches: object[] }).matches[index] ?? {})) {
      if (!KNOWN.has(field)) doubt(`the field "${field}" is not known here`);
    }
    if (!row.time) doubt('no kick-off time; noon UTC is taken');
    taken.push({
      clientId,
      home: row.team1,
      away: row.team2,
      round: row.round ?? null,
      group: row.group ?? null,
      venue: row.ground ?? null,
      kickoffAt: kickoff(row.date, row.time),
      result: resultOf(row, doubt, complain),
    });
  });
  if (complaints.length) throw new CompetitionFileError(complaints.slice(0, 20));
  const teams = [...new Set(taken.flatMap(({ home, away }) => [home, away]))].sort();
  return { name, teams, matches: taken.sort((a, b) => a.kickoffAt.localeCompare(b.kickoffAt)), notTaken };
}

function kickoff(date: string, time = '12:00'): string {
  const [clock = '12:00', zone] = time.split(' UTC');
  return new Date(Date.parse(`${date}T${clock}:00Z`) - Number(zone ?? 0) * 3_600_000).toISOString();
}

function resultOf(row: z.output<typeof match>, doubt: (message: string) => void, complain: (message: string) => void): FileMatch['result'] {
  const { score, goals1, goals2 } = row;
  const final = score?.et ?? score?.ft;
  if (!score || !final) {
    doubt('no result: it is scheduled, and cannot be replayed');
    return null;
  }
  const goals = goals1 || goals2 ? [...goalsOf(goals1 ?? [], 'HOME'), ...goalsOf(goals2 ?? [], 'AWAY')].sort(byClock) : scoreOnly(score, final, doubt);
  const made = tally(goals);
  if (made[0] !== final[0] || made[1] !== final[1]) complain(`the goals make ${made.join(':')}, the score says ${final.join(':')}`);
  const { ht, ft } = score;
  // The goals decide: a half-time score says less than who scored when.
  if (goals1 && ht && !same(tally(goals.filter(({ period }) => period === 1)), ht)) doubt(`the half-time score ${ht.join(':')} contradicts the goals' minutes`);
  if (goals1 && ft && score.et && !same(tally(goals.filter(({ period }) => period <= 2)), ft)) doubt(`the score after 90 minutes, ${ft.join(':')}, contradicts the goals' minutes`);
  return { score: final, shootout: score.p ?? null, periods: score.et || goals.some(({ period }) => period > 2) ? 4 : 2, goals };
}

const same = (a: Pair, b: Pair): boolean => a[0] === b[0] && a[1] === b[1];
const tally = (goals: readonly Goal[]): Pair => [goals.filter(({ side }) => side === 'HOME').length, goals.filter(({ side }) => side === 'AWAY').length];
const periodOf = (minute: number): number => (minute <= 45 ? 1 : minute <= 90 ? 2 : minute <= 105 ? 3 : 4);

function goalsOf(goals: readonly z.output<typeof goal>[], side: Goal['side']): Goal[] {
  return goals.map(({ name, minute, offset, penalty, owngoal }) => ({
    side,
    kind: owngoal ? 'OWN_GOAL' : penalty ? 'PENALTY' : 'GOAL',
    player: name,
    clock: { minute, stoppage: offset ?? null },
    period: periodOf(minute),
  }));
}

function byClock(a: Goal, b: Goal): number {
  return (a.clock?.minute ?? 0) - (b.clock?.minute ?? 0) || (a.clock?.stoppage ?? 0) - (b.clock?.stoppage ?? 0);
}

/** A score without goals is an amateur referee's usual case: as many goals without a scorer, in the half that the half-time score says. */
function scoreOnly({ ht, ft, et }: NonNullable<z.output<typeof match>['score']>, final: Pair, doubt: (message: string) => void): Goal[] {
  const marks: readonly (readonly [Pair | undefined, number])[] = [[ht, 1], [ft ?? final, 2], [et, 4]];
  const goals: Goal[] = [];
  let before: Pair = [0, 0];
  for (const [mark, period] of marks) {
    if (!mark) continue;
    if (mark[0] < before[0] || mark[1] < before[1]) {
      doubt(`the score ${mark.join(':')} is lower than ${before.join(':')} before it; the final score is taken`);
      return scoreOnly({ ft: [...final] }, final, doubt);
    }
    const add = (side: Goal['side'], n: number) => {
      for (let i = 0; i < n; i++) goals.push({ side, kind: 'GOAL', player: null, clock: null, period });
    };
    add('HOME', mark[0] - before[0]);
    add('AWAY', mark[1] - before[1]);
    before = mark;
  }
  return goals;
}
