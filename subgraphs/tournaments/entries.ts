import { EntryChanged } from '../../schema/messages/tournaments.ts';
import type { Entry, Prisma, Tournament } from './generated/prisma/client.ts';
import type { EntryState } from './generated/prisma/enums.ts';
import { happened, type Happening } from './record.ts';

type Tx = Prisma.TransactionClient;

/** The states of an entry that has a place. */
export const PLACED = ['ACCEPTED', 'CHECKED_IN'] as const satisfies readonly EntryState[];
/** States of an entry that has a place or may get one. */
export const OPEN = ['PENDING', 'WAITING', ...PLACED] as const satisfies readonly EntryState[];

export const isOneOf = (states: readonly EntryState[], state: EntryState): boolean => states.includes(state);

export const told = ({ tournamentId, id: entryId, teamId, state, seed }: Entry): Happening =>
  happened(EntryChanged, { tournamentId, entryId, teamId, state, seed }) as Happening;

/** How many places are free. The caller has locked the tournament. */
export async function freePlaces(tx: Tx, { id, maxTeams }: Pick<Tournament, 'id' | 'maxTeams'>): Promise<number> {
  return maxTeams - (await tx.entry.count({ where: { tournamentId: id, state: { in: [...PLACED] } } }));
}

/**
 * Gives free places to the teams that have waited longest. The caller has locked the tournament. After the draw it does
 * nothing, because the plan is already made for the drawn teams.
 * @returns an event for each team that got a place
 */
export async function moveUp(tx: Tx, tournament: Tournament): Promise<Happening[]> {
  if (tournament.state !== 'REGISTRATION' && tournament.state !== 'CHECK_IN') return [];
  const free = await freePlaces(tx, tournament);
  if (free <= 0) return [];
  const next = await tx.entry.findMany({
    where: { tournamentId: tournament.id, state: 'WAITING' },
    orderBy: { number: 'asc' },
    take: free,
  });
  const happenings: Happening[] = [];
  for (const { id } of next)
    happenings.push(told(await tx.entry.update({ where: { id }, data: { state: 'ACCEPTED' } })));
  return happenings;
}
