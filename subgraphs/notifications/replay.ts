import type { z } from 'zod';
import type { EventDefinition } from '../../platform/messaging/definitions.ts';
import type { LoggedEvent } from '../../platform/messaging/event-log/event-log.ts';
import { type MatchFacts, MatchEventRecorded, MatchSnapshot } from '../../schema/messages/matches.ts';
import {
  MemberJoinedTeam,
  MemberLeftTeam,
  MemberRoleChanged,
  TeamCreated,
  TeamSnapshot,
} from '../../schema/messages/teams.ts';
import {
  EntryChanged,
  OrganizersChanged,
  TournamentChanged,
  TournamentCompleted,
  TournamentCreated,
  TournamentDeleted,
  TournamentPublished,
  TournamentSnapshot,
} from '../../schema/messages/tournaments.ts';
import { UserProfileUpdated, UserRegistered, UserSnapshot } from '../../schema/messages/users.ts';
import type { KnownMatch } from './generated/prisma/client.ts';
import { isToCome, soonAt } from './kickoffs.ts';
import { KINDS, startsSoon } from './kinds.ts';
import {
  championAfter,
  IN,
  type Known,
  type KnownChampion,
  type KnownEntryState,
  knownMatchOf,
  NO_CHAMPION,
  withdrawalsAfter,
} from './known.ts';
import { resultOf } from './results.ts';
import type { Audience, Notice } from './notice.ts';

type PayloadOf<D extends { readonly payload: z.ZodType }> = z.output<D['payload']>;
type Tournament = PayloadOf<typeof TournamentChanged>;

/** A notice and the people who got it. */
export interface Given {
  readonly notice: Notice;
  readonly userIds: Set<string>;
}

/** A member of a team, with the role in it. */
export interface Membership {
  readonly teamId: string;
  readonly userId: string;
  readonly role: string;
}

interface Step {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly of: EventDefinition<unknown>;
  readonly eventId: string;
  readonly payload: unknown;
}

/**
 * The data of other services as they were at a time in the past. If the log does not have a name, the organizers or the
 * teams of a tournament, today's stored data are used. States and matches that the log does not have are null.
 */
class PastData implements Known {
  readonly users = new Map<string, string>();
  readonly teams = new Map<string, string>();
  /** The roles of members, by team and user. */
  readonly members = new Map<string, Map<string, string>>();
  readonly tournaments = new Map<string, Tournament>();
  readonly champions = new Map<string, KnownChampion>();
  readonly entries = new Map<string, PayloadOf<typeof EntryChanged> & KnownEntryState>();
  readonly matches = new Map<string, KnownMatch>();
  readonly #stored: Known;

  constructor(stored: Known) {
    this.#stored = stored;
  }

  async userName(id: string): Promise<string | null> {
    return this.users.get(id) ?? this.#stored.userName(id);
  }

  async teamName(id: string): Promise<string | null> {
    return this.teams.get(id) ?? this.#stored.teamName(id);
  }

  async tournamentName(id: string): Promise<string | null> {
    return this.tournaments.get(id)?.name ?? this.#stored.tournamentName(id);
  }

  async tournamentState(id: string): Promise<string | null> {
    return this.tournaments.get(id)?.state ?? null;
  }

  async organizersOf(id: string): Promise<string[]> {
    return this.tournaments.get(id)?.organizerIds ?? this.#stored.organizersOf(id);
  }

  async championOf(tournamentId: string): Promise<KnownChampion> {
    return this.champions.get(tournamentId) ?? NO_CHAMPION;
  }

  async teamsIn(tournamentId: string): Promise<string[]> {
    const entries = [...this.entries.values()].filter((entry) => entry.tournamentId === tournamentId);
    if (entries.length === 0) return this.#stored.teamsIn(tournamentId);
    return [...new Set(entries.flatMap(({ state, teamId }) => (IN.includes(state) ? [teamId] : [])))];
  }

  async entry(id: string): Promise<KnownEntryState | null> {
    return this.entries.get(id) ?? null;
  }

  async match(id: string): Promise<KnownMatch | null> {
    return this.matches.get(id) ?? null;
  }

  membersOf(teamId: string): Map<string, string> {
    let members = this.members.get(teamId);
    if (!members) this.members.set(teamId, (members = new Map()));
    return members;
  }
}

interface Kept {
  readonly of: EventDefinition<unknown>;
  keep(data: PastData, payload: unknown): void;
}
const keeps = <T>(of: EventDefinition<T>, keep: (data: PastData, payload: T) => void): Kept => ({
  of,
  keep: (data, payload) => keep(data, payload as T),
});
const keepName = (data: PastData, { userId, displayName }: PayloadOf<typeof UserRegistered>): void =>
  void data.users.set(userId, displayName);
const keepMember = (data: PastData, { teamId, userId, role }: PayloadOf<typeof MemberJoinedTeam>): void =>
  void data.membersOf(teamId).set(userId, role);
const keepTournament = (data: PastData, tournament: Tournament): void =>
  void data.tournaments.set(tournament.tournamentId, tournament);
const keepMatch = (
  data: PastData,
  id: string,
  match: MatchFacts,
  resultAfter: (before: KnownMatch | null) => string | null = () => null,
): void => {
  const before = data.matches.get(id) ?? null;
  data.matches.set(id, knownMatchOf(id, match, before, resultAfter(before)));
};

/** The events that change the data, with the same effect as in consumers.ts. */
const KEPT: readonly Kept[] = [
  keeps(UserRegistered, keepName),
  keeps(UserProfileUpdated, keepName),
  keeps(UserSnapshot, keepName),
  keeps(TeamCreated, (data, { teamId, name }) => void data.teams.set(teamId, name)),
  keeps(MemberJoinedTeam, keepMember),
  keeps(MemberRoleChanged, keepMember),
  keeps(MemberLeftTeam, (data, { teamId, userId }) => void data.membersOf(teamId).delete(userId)),
  keeps(TeamSnapshot, (data, { teamId, name, members }) => {
    data.teams.set(teamId, name);
    data.members.set(teamId, new Map(members.map(({ userId, role }) => [userId, role])));
  }),
  keeps(TournamentCreated, keepTournament),
  keeps(TournamentPublished, keepTournament),
  keeps(TournamentChanged, keepTournament),
  keeps(OrganizersChanged, keepTournament),
  keeps(TournamentSnapshot, keepTournament),
  keeps(TournamentCompleted, (data, { tournamentId: id, championTeamId }) => {
    data.champions.set(id, championAfter(data.champions.get(id) ?? NO_CHAMPION, championTeamId));
  }),
  keeps(TournamentDeleted, (data, { tournamentId }) => void data.tournaments.delete(tournamentId)),
  keeps(EntryChanged, (data, entry) => {
    const withdrawals = withdrawalsAfter(data.entries.get(entry.entryId) ?? null, entry.state);
    data.entries.set(entry.entryId, { ...entry, withdrawals });
  }),
  keeps(MatchEventRecorded, (data, event) => {
    const { matchId, match, detail } = event;
    if (!match) return;
    const kickoffIsEstimate = detail.kind === 'PLAN' ? detail.kickoffIsEstimate : match.kickoffIsEstimate;
    keepMatch(data, matchId, { ...match, kickoffIsEstimate }, (before) => resultOf(event, before));
  }),
  keeps(MatchSnapshot, (data, match) => keepMatch(data, match.matchId, match)),
];

/**
 * Whether an event of a match neither notifies anybody nor changes its start, such as a goal. A match has many of them.
 */
const isOfPlay = (of: EventDefinition<unknown>, payload: unknown): boolean =>
  of === MatchEventRecorded &&
  !['STATE', 'PLAN', 'RESULT', 'PROTEST', 'REPLAY'].includes(
    (payload as PayloadOf<typeof MatchEventRecorded>).detail.kind,
  );

const nameOf = ({ topic, type }: { readonly topic: { readonly name: string }; readonly type: string }): string =>
  `${topic.name} ${type}`;
const KEEP_OF = new Map(KEPT.map((one) => [one.of, one]));
/** Every event that the replay handles. */
export const REPLAYED: ReadonlyMap<string, EventDefinition<unknown>> = new Map(
  [
    ...KEPT.map(({ of }) => of),
    ...Object.values(KINDS).flatMap(({ sources, ends }) => [...sources, ...ends].map(({ event }) => event)),
  ].map((event) => [nameOf(event), event]),
);

/**
 * Finds out from the log who was notified of what: it handles the events of all topics once more, in the order of their
 * times. So a notification goes to the people who were members of a team at that time. It keeps about 1 kB of memory
 * for each event, and leaves out events of play, such as goals.
 */
export class Replay {
  readonly #steps: Step[] = [];
  /** The newest event of each key. */
  readonly #newest = new Map<string, { readonly seq: number; readonly at: number }>();
  /** For each member that the log names, the membership before the first event of the log. Null when there was none. */
  readonly #before = new Map<string, Membership | null>();
  /** How many notices are left out, because their audience depends on answers of another service that nobody stored. */
  #unknown = 0;

  /**
   * Takes an event of the log. Events of one key must come in their order; an event that comes twice is ignored.
   * @throws NewerVersion, UnreadableMessage
   */
  handle({ topic, key, seq, type, version, occurredAt, eventId, payload, snapshot }: LoggedEvent): void {
    const name = `${topic}/${key}`;
    const last = this.#newest.get(name);
    if (last && seq <= last.seq) return;
    const of = REPLAYED.get(`${topic} ${type}`);
    // Clocks of processes differ. An event must not get an earlier time than the event before it of the same key.
    const at = Math.max(Date.parse(occurredAt), last?.at ?? 0);
    this.#newest.set(name, { seq, at });
    if (!of) return;
    const read = of.read(version, payload, `${name}#${seq}`);
    if (isOfPlay(of, read)) return;
    if (!snapshot) this.#noteMember(of, read);
    this.#steps.push({ at, of, eventId, payload: read });
  }

  /**
   * Makes the notices of all events that were read.
   * @param members the members of teams as they are now
   * @param stored the data as they are now, for what happened before the first event of the log
   * @returns the notices whose notifications were not withdrawn, in the order of time, and how many notices are left
   * out
   */
  async run(
    members: readonly Membership[],
    stored: Known,
    now: Date,
  ): Promise<{ readonly given: Given[]; readonly unknown: number }> {
    const data = new PastData(stored);
    for (const member of this.#initial(members)) data.membersOf(member.teamId).set(member.userId, member.role);
    const given = new Map<string, Given[]>();
    const kickoffs = new Kickoffs();
    const give = (notice: Notice): void => {
      const userIds = this.#peopleOf(data, notice.to);
      if (userIds === null) {
        this.#unknown++;
        return;
      }
      const name = `${notice.kind} ${notice.cause}`;
      given.set(name, [...(given.get(name) ?? []), { notice, userIds: new Set(userIds) }]);
    };
    const start = async (until: number): Promise<void> => {
      for (const { id, at } of kickoffs.due(until)) {
        const match = data.matches.get(id);
        if (match && isToCome(match) && match.kickoffAt.getTime() > at)
          give({
            ...(await startsSoon(match, data)),
            kind: 'MATCH_STARTS_SOON',
            occurredAt: new Date(at).toISOString(),
          });
      }
    };
    this.#unknown = 0;
    for (const { at, of, eventId, payload } of this.#steps.toSorted((a, b) => a.at - b.at)) {
      await start(at);
      const notices: Notice[] = [];
      for (const [kind, { sources }] of Object.entries(KINDS))
        for (const source of sources) {
          if (source.event !== of) continue;
          const told = await source.notice(payload, { known: data, eventId });
          for (const one of [told].flat()) notices.push({ ...one, kind, occurredAt: new Date(at).toISOString() });
        }
      const ended: string[] = [];
      for (const [kind, { ends }] of Object.entries(KINDS))
        for (const end of ends) if (end.event === of) ended.push(`${kind} ${await end.cause(payload, data)}`);
      KEEP_OF.get(of)?.keep(data, payload);
      if (of === MatchEventRecorded || of === MatchSnapshot) {
        const { matchId } = payload as { matchId: string };
        kickoffs.follow(data.matches.get(matchId), at);
      }
      for (const name of ended) given.delete(name);
      for (const notice of notices) give(notice);
    }
    await start(now.getTime());
    return { given: [...given.values()].flat(), unknown: this.#unknown };
  }

  #noteMember(of: EventDefinition<unknown>, payload: unknown): void {
    if (of !== MemberJoinedTeam && of !== MemberRoleChanged && of !== MemberLeftTeam) return;
    const { teamId, userId, role } = payload as Membership;
    const name = `${teamId} ${userId}`;
    if (this.#before.has(name)) return;
    const { previousRole = role } = payload as { readonly previousRole?: string };
    this.#before.set(name, of === MemberJoinedTeam ? null : { teamId, userId, role: previousRole });
  }

  /**
   * The members before the first event of the log: today's members that the log does not name, and those of `#before`.
   */
  #initial(members: readonly Membership[]): Membership[] {
    const silent = members.filter(({ teamId, userId }) => !this.#before.has(`${teamId} ${userId}`));
    return [...silent, ...[...this.#before.values()].flatMap((member) => member ?? [])];
  }

  /** The people of an audience at this time of the replay. Null for an audience by city and sport. */
  #peopleOf(data: PastData, to: Audience): readonly string[] | null {
    if ('users' in to) return to.users;
    if ('sport' in to) return null;
    return to.teams.flatMap((teamId) =>
      [...data.membersOf(teamId)].flatMap(([userId, role]) =>
        userId !== to.except && (to.roles as readonly string[]).includes(role) ? [userId] : [],
      ),
    );
  }
}

/** The timers of matches that notify the teams an hour before the start. */
class Kickoffs {
  readonly #at = new Map<string, number>();
  /** No timer is due before this time. */
  #next = Infinity;

  follow(match: KnownMatch | undefined, now: number): void {
    if (!match) return;
    if (isToCome(match) && match.kickoffAt.getTime() > now) {
      const at = soonAt(match, new Date(now));
      this.#at.set(match.id, at);
      this.#next = Math.min(this.#next, at);
    } else this.#at.delete(match.id);
  }

  /** Removes and returns the timers that are due, in the order of their times. */
  due(until: number): readonly { readonly id: string; readonly at: number }[] {
    if (until < this.#next) return [];
    const due = [...this.#at].flatMap(([id, at]) => (at <= until ? [{ id, at }] : []));
    for (const { id } of due) this.#at.delete(id);
    this.#next = Infinity;
    for (const at of this.#at.values()) this.#next = Math.min(this.#next, at);
    return due.toSorted((a, b) => a.at - b.at);
  }
}
