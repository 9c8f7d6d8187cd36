import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import type { DomainEvent } from '../../platform/messaging/event-log/event-log.ts';
import { type MatchEventDetail, Matches, MatchEventRecorded, type MatchState } from '../../schema/messages/matches.ts';

const ROOT = path.join(import.meta.dirname, '../..');

/** The command, as `npm run rebuild` starts it. */
export async function command(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number | null; out: string; err: string }> {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(
    process.execPath,
    ['--import', path.join(ROOT, 'loader.mjs'), path.join(ROOT, 'product/rebuild/cli.ts'), ...args],
    { cwd: ROOT, env: { PATH, HOME, ...env }, timeout: 120_000 },
  );
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}

/** The events of a match that ended 2:1 and is confirmed. */
function confirmedMatch(homeTeamId: string, awayTeamId: string, kickoffAt: string): DomainEvent[] {
  const matchId = randomUUID();
  const states: MatchState[] = ['SCHEDULED', 'FINISHED', 'CONFIRMED'];
  return states.map((state, index): DomainEvent => {
    const ended = index > 0;
    const score = { home: ended ? 2 : 0, away: ended ? 1 : 0, periods: [], shootout: null };
    const detail: MatchEventDetail = { kind: 'STATE', state, reason: null };
    const eventId = randomUUID();
    return {
      topic: Matches.name,
      key: matchId,
      seq: index + 1,
      eventId,
      type: MatchEventRecorded.type,
      version: MatchEventRecorded.version,
      occurredAt: kickoffAt,
      payload: {
        matchId,
        eventId,
        recordedAt: kickoffAt,
        match: {
          sport: 'FOOTBALL',
          homeTeamId,
          awayTeamId,
          tournamentId: null,
          kickoffAt,
          state,
          counts: state === 'CONFIRMED',
          how: 'PLAYED',
          winner: ended ? 'HOME' : null,
        },
        detail,
        score,
      },
    };
  });
}

/** Two teams and three of their matches with all their events. */
export function season(): { readonly home: string; readonly events: DomainEvent[] } {
  const [home, away] = [randomUUID(), randomUUID()];
  const days = ['2026-05-03', '2026-05-01', '2026-05-02'];
  return { home, events: days.flatMap((day) => confirmedMatch(home, away, `${day}T18:00:00.000Z`)) };
}
