import type { z } from 'zod';
import { NoAnswer } from '../../platform/questions/definition.ts';
import type { MatchFacts } from '../../schema/messages/matches.ts';
import {
  type MemberJoinedTeam,
  type MemberLeftTeam,
  type TeamCreated,
  Teams,
  type TeamSnapshot,
} from '../../schema/messages/teams.ts';
import type { EntryChanged, TournamentChanged, TournamentCompleted } from '../../schema/messages/tournaments.ts';
import type { UserRegistered } from '../../schema/messages/users.ts';
import { GROUP } from './deliveries.service.ts';
import type { KnownMatch, Prisma } from './generated/prisma/client.ts';

type Tx = Prisma.TransactionClient;
type PayloadOf<D extends { readonly payload: z.ZodType }> = z.output<D['payload']>;

/** The states in which an entry has a place in the tournament. */
export const IN = ['ACCEPTED', 'CHECKED_IN'];

/** What kinds need to know of an entry. */
export interface KnownEntryState {
  readonly state: string;
  /** How often the team has withdrawn. A team that withdrew may enter again, and has the same entry then. */
  readonly withdrawals: number;
}

/** What kinds need to know of the end of a tournament. */
export interface KnownChampion {
  /** Null while there is none. */
  readonly championTeamId: string | null;
  /** How often the champion has changed: 1 after the first end, and one more for each correction that changes it. */
  readonly champions: number;
}
export const NO_CHAMPION: KnownChampion = { championTeamId: null, champions: 0 };

/** The data of other services that kinds need. A value is null, and a list is empty, while it is not known. */
export interface Known {
  userName(id: string): Promise<string | null>;
  teamName(id: string): Promise<string | null>;
  tournamentName(id: string): Promise<string | null>;
  tournamentState(id: string): Promise<string | null>;
  organizersOf(id: string): Promise<string[]>;
  championOf(tournamentId: string): Promise<KnownChampion>;
  /** The ids of the teams that have a place in the tournament. Teams on the waiting list have none. */
  teamsIn(tournamentId: string): Promise<string[]>;
  entry(id: string): Promise<KnownEntryState | null>;
  match(id: string): Promise<KnownMatch | null>;
}

/**
 * Reads this service's copies of other services' data, as its transaction sees them. A value is null, and a list is
 * empty, as long as the event with it has not arrived.
 */
export class StoredKnown implements Known {
  readonly #tx: Tx;

  constructor(tx: Tx) {
    this.#tx = tx;
  }

  async userName(id: string): Promise<string | null> {
    return (await this.#tx.knownUser.findUnique({ where: { id } }))?.name ?? null;
  }

  async teamName(id: string): Promise<string | null> {
    return (await this.#tx.knownTeam.findUnique({ where: { id } }))?.name ?? null;
  }

  async tournamentName(id: string): Promise<string | null> {
    return (await this.#tx.knownTournament.findUnique({ where: { id } }))?.name ?? null;
  }

  async tournamentState(id: string): Promise<string | null> {
    return (await this.#tx.knownTournament.findUnique({ where: { id } }))?.state ?? null;
  }

  async organizersOf(id: string): Promise<string[]> {
    return (await this.#tx.knownTournament.findUnique({ where: { id } }))?.organizerIds ?? [];
  }

  async championOf(tournamentId: string): Promise<KnownChampion> {
    return (await this.#tx.knownTournament.findUnique({ where: { id: tournamentId } })) ?? NO_CHAMPION;
  }

  async teamsIn(tournamentId: string): Promise<string[]> {
    const entries = await this.#tx.knownEntry.findMany({ where: { tournamentId, state: { in: IN } } });
    return [...new Set(entries.map(({ teamId }) => teamId))];
  }

  async entry(id: string): Promise<KnownEntryState | null> {
    return this.#tx.knownEntry.findUnique({ where: { id } });
  }

  async match(id: string): Promise<KnownMatch | null> {
    return this.#tx.knownMatch.findUnique({ where: { id } });
  }
}

/** The data of a new event. What its audience depends on must have arrived. */
export class ArrivedKnown extends StoredKnown {
  /** @throws NoAnswer while the tournament is not known */
  override async organizersOf(id: string): Promise<string[]> {
    if ((await this.tournamentState(id)) === null) throw new NoAnswer(`tournament ${id} is not known yet`);
    return super.organizersOf(id);
  }
}

/**
 * Makes sure that the members of these teams are known. Topics have no common order: the event that a team plays in a
 * tournament can arrive before the event that the team was created, and then nobody would be notified. The first two
 * events of a team are its creation and its owner's joining. A disbanded team has no members, but a later position.
 * @throws NoAnswer while they are not known, so that the event log delivers the event again
 */
export async function requireTeams(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const late = await tx.$queryRaw<{ id: string }[]>`
    SELECT t.id::text FROM unnest(${ids}::uuid[]) AS t(id)
    WHERE NOT EXISTS (SELECT FROM notifications.known_teams k WHERE k.id = t.id)
       OR NOT EXISTS (SELECT FROM notifications.known_members m WHERE m.team_id = t.id)
      AND NOT EXISTS (
        SELECT FROM notifications.inbox i
        WHERE i.consumer = ${GROUP} AND i.topic = ${Teams.name} AND i.key = t.id::text AND i.last_seq > 1)`;
  if (late.length > 0) throw new NoAnswer(`teams ${late.map(({ id }) => id).join(', ')} are not known yet`);
}

export async function keepUser(
  tx: Tx,
  { userId: id, displayName: name }: PayloadOf<typeof UserRegistered>,
): Promise<void> {
  await tx.knownUser.upsert({ where: { id }, create: { id, name }, update: { name } });
}

export async function keepTeam(
  tx: Tx,
  { teamId: id, name }: Pick<PayloadOf<typeof TeamCreated>, 'teamId' | 'name'>,
): Promise<void> {
  await tx.knownTeam.upsert({ where: { id }, create: { id, name }, update: { name } });
}

export async function keepMember(tx: Tx, { teamId, userId, role }: PayloadOf<typeof MemberJoinedTeam>): Promise<void> {
  await tx.knownMember.upsert({
    where: { teamId_userId: { teamId, userId } },
    create: { teamId, userId, role },
    update: { role },
  });
}

export async function dropMember(tx: Tx, { teamId, userId }: PayloadOf<typeof MemberLeftTeam>): Promise<void> {
  await tx.knownMember.deleteMany({ where: { teamId, userId } });
}

export async function restoreTeam(tx: Tx, { members, ...team }: PayloadOf<typeof TeamSnapshot>): Promise<void> {
  const { teamId } = team;
  await keepTeam(tx, team);
  await tx.knownMember.deleteMany({ where: { teamId } });
  await tx.knownMember.createMany({ data: members.map((member) => ({ teamId, ...member })) });
}

export async function keepTournament(
  tx: Tx,
  { tournamentId: id, name, sport, city, state, startsAt, organizerIds }: PayloadOf<typeof TournamentChanged>,
): Promise<void> {
  const data = { name, sport, city: city ?? null, state, startsAt: new Date(startsAt), organizerIds };
  await tx.knownTournament.upsert({ where: { id }, create: { id, ...data }, update: data });
}

export async function keepChampion(
  tx: Tx,
  { tournamentId: id, championTeamId }: PayloadOf<typeof TournamentCompleted>,
): Promise<void> {
  const before = await tx.knownTournament.findUnique({ where: { id } });
  if (before) await tx.knownTournament.update({ where: { id }, data: championAfter(before, championTeamId) });
}

/** The end of a tournament after its event. @param before before the event */
export const championAfter = (
  { championTeamId: before, champions }: KnownChampion,
  championTeamId: string | null,
): KnownChampion => ({ championTeamId, champions: champions + (championTeamId === before ? 0 : 1) });

export async function dropTournament(tx: Tx, { tournamentId }: { readonly tournamentId: string }): Promise<void> {
  await tx.knownEntry.deleteMany({ where: { tournamentId } });
  await tx.knownTournament.deleteMany({ where: { id: tournamentId } });
}

export async function keepEntry(
  tx: Tx,
  { entryId: id, tournamentId, teamId, state }: PayloadOf<typeof EntryChanged>,
): Promise<void> {
  const withdrawals = withdrawalsAfter(await tx.knownEntry.findUnique({ where: { id } }), state);
  const data = { tournamentId, teamId, state, withdrawals };
  await tx.knownEntry.upsert({ where: { id }, create: { id, ...data }, update: data });
}

/** How often the team has withdrawn when its entry is in this state. @param before the entry before */
export const withdrawalsAfter = (before: KnownEntryState | null, state: string): number =>
  (before?.withdrawals ?? 0) + (state === 'WITHDRAWN' && before?.state !== 'WITHDRAWN' ? 1 : 0);

/**
 * The copy of a match after an event.
 * @param before the copy before it
 * @param result see resultOf in results.ts
 */
export function knownMatchOf(
  id: string,
  { homeTeamId, awayTeamId, tournamentId, kickoffAt, kickoffIsEstimate, state }: MatchFacts,
  before: KnownMatch | null,
  result: string | null,
): KnownMatch {
  const last = before?.result ?? null;
  // A match that is played again may end with the same score: that is another result.
  const resultNow = result ?? (state === 'SCHEDULED' ? null : last);
  return {
    id,
    homeTeamId,
    awayTeamId,
    tournamentId,
    kickoffAt: new Date(kickoffAt),
    isEstimate: kickoffIsEstimate ?? false,
    state,
    result: resultNow,
    resultChanges: (before?.resultChanges ?? 0) + (resultNow === last ? 0 : 1),
  };
}

/**
 * Updates the copy of a match.
 * @param resultAfter the result that the event gives, see resultOf in results.ts
 * @returns the new copy
 */
export async function keepMatch(
  tx: Tx,
  id: string,
  match: MatchFacts,
  resultAfter: (before: KnownMatch | null) => string | null,
): Promise<KnownMatch> {
  const before = await tx.knownMatch.findUnique({ where: { id } });
  const row = knownMatchOf(id, match, before, resultAfter(before));
  return tx.knownMatch.upsert({ where: { id }, create: row, update: row });
}
