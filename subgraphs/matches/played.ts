import type { MatchEventDetail } from '../../schema/messages/matches.ts';
import type { Match, Prisma } from './generated/prisma/client.ts';
import type { MatchEvent } from './mappers.ts';
import { advanceSheet, EMPTY_SHEET, type MatchSheet } from './match-sheet.ts';
import { identify, keyOf, type OnSheet } from './players.service.ts';
import { toEvent } from './record.ts';

/**
 * The sheets of these matches. An event of version 1 names a person instead of a player. If that player does not exist,
 * this creates it: during an update, a process of the older version can still write such events.
 */
export async function playedIn(
  tx: Prisma.TransactionClient,
  matches: readonly Match[],
): Promise<ReadonlyMap<string, MatchSheet>> {
  const rows = await tx.matchEvent.findMany({
    where: {
      matchId: { in: matches.map(({ id }) => id) },
      kind: { in: ['GOAL', 'CARD', 'SUBSTITUTION', 'VOID', 'LINEUP', 'REPLAY'] },
    },
    orderBy: [{ matchId: 'asc' }, { seq: 'asc' }],
  });
  const voided = new Set(rows.flatMap(({ matchId, voids }) => (voids === null ? [] : [`${matchId}:${voids}`])));
  const byId = new Map(matches.map((match) => [match.id, match]));
  const named = rows
    .map(toEvent)
    .filter(({ matchId, seq, detail }) => detail.kind !== 'VOID' && !voided.has(`${matchId}:${seq}`))
    .map((event) => ({ event, sheet: onSheet(byId.get(event.matchId), event) }));
  const players = await identify(
    tx,
    named.flatMap(({ sheet }) => sheet ?? []),
  );
  const sheets = new Map<string, MatchSheet>();
  for (const { event, sheet } of named) {
    const detail = sheet ? withPlayer(event.detail, players.get(keyOf(sheet)) ?? null) : event.detail;
    sheets.set(event.matchId, advanceSheet(sheets.get(event.matchId) ?? EMPTY_SHEET, detail));
  }
  return sheets;
}

/** The person that an event of version 1 names, with the person's own team. Null for all other events. */
export function onSheet(match: Match | null | undefined, { sheet, detail }: MatchEvent): OnSheet | null {
  if (!match || !sheet || (detail.kind !== 'GOAL' && detail.kind !== 'CARD')) return null;
  const isHome = (detail.side === 'HOME') === !(detail.kind === 'GOAL' && detail.goal === 'OWN_GOAL');
  return { ...sheet, teamId: isHome ? match.homeTeamId : match.awayTeamId };
}

const withPlayer = (detail: MatchEventDetail, player: string | null): MatchEventDetail =>
  detail.kind === 'GOAL' || detail.kind === 'CARD' ? { ...detail, player } : detail;
