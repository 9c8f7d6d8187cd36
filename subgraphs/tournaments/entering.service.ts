import { Inject, Injectable } from '@nestjs/common';
import { fromGlobalId, toGlobalId } from '../../platform/graphql/global-id.ts';
import { parseInput } from '../../platform/graphql/input.ts';
import { type UserError, UserErrors } from '../../platform/graphql/user-errors.ts';
import type { RateLimits } from '../../platform/http/rate-limits.ts';
import { hasRole, type Principal, requireUser } from '../../platform/identity/principal.ts';
import { OUTBOX, QUESTIONS, RATE_LIMITS } from '../../platform/injection/tokens.ts';
import type { LimitsOf } from '../../platform/manifest/manifest.ts';
import type { Emit, Outbox } from '../../platform/messaging/outbox/outbox.ts';
import { NoAnswer } from '../../platform/questions/definition.ts';
import { answerOf, type Questions } from '../../platform/questions/questions.ts';
import { TeamInvitedToTournament } from '../../schema/messages/tournaments.ts';
import { type TeamAsViewer, TeamExists, TeamOfViewer } from '../../schema/questions/teams.ts';
import { PlayerFits, type PlayerRule } from '../../schema/questions/users.ts';
import { draftsHidden } from './drafts.ts';
import { lockTeam, LEAVABLE, refuseDisbanded } from './disbanded-teams.service.ts';
import { freePlaces, isOneOf, OPEN, PLACED, told } from './entries.ts';
import { type Entry, type Prisma, PrismaClient, type Tournament } from './generated/prisma/client.ts';
import type { EntryState } from './generated/prisma/enums.ts';
import { enterInput, entryInput, outInput, teamInput } from './inputs.ts';
import { leave } from './leaving.ts';
import { isPast, requireState } from './life.service.ts';
import { userError } from './reasons.ts';
import { append, happened, type Happening, lock, requireOrganizer, WHOLE_STAGE } from './record.ts';
import type manifest from './subgraph.ts';

type Tx = Prisma.TransactionClient;
type Work = (tx: Tx, emit: Emit, tournament: Tournament, entry: Entry) => Promise<Entry>;

/**
 * The largest number of entries of one tournament, and of invitations. Teams that left or were refused count too. A
 * team has one entry, so that entering again and again does not take the places of others.
 */
export const MAX_ENTRIES = 4096;

/**
 * Entries of teams: enter, withdraw, check in, and the organizers' decisions. The service asks the subgraph teams about
 * the team before it locks the tournament, so that no lock waits for another subgraph. Every change locks the
 * tournament, so only one team gets the last free place.
 */
@Injectable()
export class EnteringService {
  constructor(
    private readonly prisma: PrismaClient,
    @Inject(OUTBOX) private readonly outbox: Outbox,
    @Inject(QUESTIONS) private readonly questions: Questions,
    @Inject(RATE_LIMITS) private readonly limits: RateLimits<LimitsOf<typeof manifest>>,
  ) {}

  /**
   * The team's owner and captains, and administrators, may enter it while registration is open. If the team is already
   * entered, its entry is returned unchanged. A team that withdrew may enter again. @throws UserErrors, RATE_LIMITED;
   * NoAnswer when teams or users cannot answer now
   */
  async enter(viewer: Principal, input: unknown): Promise<Entry> {
    const { userId } = requireUser(viewer);
    const { tournamentId, teamId, playerIds: given, wait } = parseInput(enterInput, input);
    await this.limits.take('enterTournament', userId, viewer.clientAddress);
    const id = fromGlobalId('Tournament', tournamentId);
    const found = id ? await this.prisma.tournament.findUnique({ where: { id } }) : null;
    if (!found || (await draftsHidden(this.prisma, viewer, [found])).size > 0)
      throw userError('TOURNAMENT_NOT_FOUND', 'tournamentId');
    const team = await this.#led(viewer, teamId);
    const players = playersOf(team, given ?? null);
    await this.#checkRules(found, team, players, given != null);
    const teamUuid = fromGlobalId('Team', teamId) ?? '';
    return this.outbox.transaction(this.prisma, async (tx, emit) => {
      await lockTeam(tx, teamUuid);
      const tournament = await lock(tx, found.id);
      if (!tournament) throw userError('TOURNAMENT_NOT_FOUND', 'tournamentId');
      const earlier = await tx.entry.findUnique({
        where: { tournamentId_teamId: { tournamentId: tournament.id, teamId: teamUuid } },
      });
      if (earlier && isOneOf(OPEN, earlier.state)) return earlier;
      if (earlier && isOneOf(['REJECTED', 'DISQUALIFIED'], earlier.state))
        throw userError('ENTRY_STATE', { state: earlier.state, needed: 'WITHDRAWN' }, 'teamId');
      await refuseDisbanded(tx, teamUuid);
      requireState(tournament, ['REGISTRATION']);
      if (isPast(tournament.registrationClosesAt, new Date())) throw userError('REGISTRATION_CLOSED', 'tournamentId');
      if (!sameRules(tournament, found)) throw userError('RULES_CHANGED', 'tournamentId');
      const state = await this.#stateOfNew(tx, tournament, teamUuid, wait);
      const number = tournament.lastEntry + 1;
      const data = {
        state,
        number,
        enteredBy: userId,
        enteredAt: new Date(),
        playerIds: given ? players.map((player) => fromGlobalId('User', player) ?? '') : [],
        checkedInAt: null,
        reason: null,
      };
      if (!earlier && (await tx.entry.count({ where: { tournamentId: tournament.id } })) >= MAX_ENTRIES)
        throw userError('TOO_MANY_ENTRIES', { max: MAX_ENTRIES }, 'tournamentId');
      const entry = earlier
        ? await tx.entry.update({ where: { id: earlier.id }, data })
        : await tx.entry.create({ data: { ...data, tournamentId: tournament.id, teamId: teamUuid } });
      await append(tx, emit, tournament, [told(entry)], { lastEntry: number });
      return entry;
    });
  }

  /**
   * Withdraws a team. Its owner and captains, and administrators, may do this until the tournament is completed or
   * cancelled. @throws UserErrors; NoAnswer when teams cannot answer now
   */
  async withdraw(viewer: Principal, input: unknown): Promise<Entry> {
    return this.#byTeam(viewer, input, async (tx, emit, tournament, entry) => {
      if (entry.state === 'WITHDRAWN') return entry;
      requireState(tournament, LEAVABLE, 'entryId');
      requireEntryState(entry, OPEN);
      return leave(tx, emit, tournament, entry, 'WITHDRAWN', null);
    });
  }

  /**
   * Checks a team that has a place in. Its owner and captains, and administrators, may do this during the check-in.
   * @throws UserErrors; NoAnswer when teams cannot answer now
   */
  async checkIn(viewer: Principal, input: unknown): Promise<Entry> {
    return this.#byTeam(viewer, input, async (tx, emit, tournament, entry) => {
      if (entry.state === 'CHECKED_IN') return entry;
      requireState(tournament, ['CHECK_IN'], 'entryId');
      const checkedInAt = new Date();
      if (tournament.checkInEndedAt || isPast(tournament.checkInClosesAt, checkedInAt))
        throw userError('CHECK_IN_CLOSED', 'entryId');
      requireEntryState(entry, ['ACCEPTED']);
      return this.#change(tx, emit, tournament, entry, { state: 'CHECKED_IN', checkedInAt });
    });
  }

  /**
   * Gives a place to a team that asked for approval or waits, if a place is free. Organizers and administrators may do
   * this, before the draw.
   * @throws UserErrors
   */
  async approve(viewer: Principal, input: unknown): Promise<Entry> {
    return this.#byOrganizer(viewer, parseInput(entryInput, input), async (tx, emit, tournament, entry) => {
      if (isOneOf(PLACED, entry.state)) return entry;
      requireState(tournament, ['REGISTRATION', 'CHECK_IN'], 'entryId');
      requireEntryState(entry, ['PENDING', 'WAITING']);
      if ((await freePlaces(tx, tournament)) <= 0)
        throw userError('TOURNAMENT_FULL', { max: tournament.maxTeams }, 'entryId');
      return this.#change(tx, emit, tournament, entry, { state: 'ACCEPTED' });
    });
  }

  /**
   * Refuses a team that asked for approval or waits. Organizers and administrators may do this, before the draw.
   * @throws UserErrors
   */
  async reject(viewer: Principal, input: unknown): Promise<Entry> {
    const { entryId, reason = null } = parseInput(outInput, input);
    return this.#byOrganizer(viewer, { entryId }, async (tx, emit, tournament, entry) => {
      if (entry.state === 'REJECTED') return entry;
      requireState(tournament, ['REGISTRATION', 'CHECK_IN'], 'entryId');
      requireEntryState(entry, ['PENDING', 'WAITING']);
      return leave(tx, emit, tournament, entry, 'REJECTED', reason);
    });
  }

  /**
   * Disqualifies a team. Organizers and administrators may do this, until the tournament is completed or cancelled.
   * @throws UserErrors
   */
  async disqualify(viewer: Principal, input: unknown): Promise<Entry> {
    const { entryId, reason = null } = parseInput(outInput, input);
    return this.#byOrganizer(viewer, { entryId }, async (tx, emit, tournament, entry) => {
      if (entry.state === 'DISQUALIFIED') return entry;
      requireState(tournament, LEAVABLE, 'entryId');
      requireEntryState(entry, OPEN);
      return leave(tx, emit, tournament, entry, 'DISQUALIFIED', reason);
    });
  }

  /**
   * Invites a team to enter. Organizers and administrators may do this, before registration closes; only organizers may
   * invite to a draft. A second invitation of the same team changes nothing. The events about the invitations to a draft
   * follow when it is published, because nobody but its organizers may know of it before.
   * @returns the tournament
   * @throws UserErrors; NoAnswer when teams cannot answer now
   */
  async invite(viewer: Principal, input: unknown): Promise<Tournament> {
    const { userId } = requireUser(viewer);
    const { tournamentId, teamId } = parseInput(teamInput, input);
    const team = fromGlobalId('Team', teamId);
    const [exists] = await Promise.allSettled([team !== null && this.questions.ask(TeamExists, teamId)]);
    return this.outbox.transaction(this.prisma, async (tx, emit) => {
      if (team !== null) await lockTeam(tx, team);
      const tournament = await lock(tx, fromGlobalId('Tournament', tournamentId));
      await requireOrganizer(tx, { ...viewer, userId }, tournament);
      if (!tournament) throw userError('TOURNAMENT_NOT_FOUND', 'tournamentId');
      requireState(tournament, ['DRAFT', 'REGISTRATION']);
      if (!answerOf(exists) || team === null) throw userError('TEAM_NOT_FOUND', 'teamId');
      await refuseDisbanded(tx, team);
      const key = { tournamentId: tournament.id, teamId: team };
      if (await tx.invitedTeam.findUnique({ where: { tournamentId_teamId: key } })) return tournament;
      if ((await tx.invitedTeam.count({ where: { tournamentId: tournament.id } })) >= MAX_ENTRIES)
        throw userError('TOO_MANY_ENTRIES', { max: MAX_ENTRIES }, 'tournamentId');
      await tx.invitedTeam.create({ data: { ...key, invitedBy: userId } });
      if (tournament.state === 'DRAFT') return tournament;
      return append(tx, emit, tournament, [happened(TeamInvitedToTournament, key) as Happening]);
    });
  }

  /**
   * The team, if the viewer leads it. @throws UserErrors unless the viewer is the owner or a captain of the team, or an
   * administrator; NoAnswer
   */
  async #led(viewer: Principal, teamId: string): Promise<TeamAsViewer> {
    const team = fromGlobalId('Team', teamId) === null ? null : await this.questions.ask(TeamOfViewer, teamId, viewer);
    if (!team) throw userError('TEAM_NOT_FOUND', 'teamId');
    const leads = team.role === 'OWNER' || team.role === 'CAPTAIN' || hasRole(viewer, 'admin');
    if (!leads) throw userError('NOT_THE_TEAMS_LEADER', 'teamId');
    return team;
  }

  /**
   * Checks that the team and its players meet the rules of entry.
   * @throws UserErrors with the rules that the team or a player breaks: at most 20 errors; NoAnswer when users cannot
   *   answer
   */
  async #checkRules(
    tournament: Tournament,
    { sport, city }: TeamAsViewer,
    players: readonly string[],
    areGiven: boolean,
  ): Promise<void> {
    const errors: UserError[] = [];
    if (sport !== tournament.sport) errors.push(...userError('TEAM_OF_OTHER_SPORT', { sport }, 'teamId').errors);
    const { entryCity } = tournament;
    if (entryCity !== null && entryCity.toLowerCase() !== city?.toLowerCase())
      errors.push(...userError('TEAM_OF_OTHER_CITY', { city: entryCity }, 'teamId').errors);
    const rules = rulesOf(tournament);
    const asked = players.flatMap((userId, index) => rules.map((rule) => ({ index, item: { userId, ...rule } })));
    const answers = await this.questions.askAll(
      PlayerFits,
      asked.map(({ item }) => item),
    );
    for (const [at, { index, item }] of asked.entries()) {
      const fits = answers[at];
      if (fits === undefined || fits instanceof NoAnswer) throw fits ?? new NoAnswer('users did not answer');
      if (!fits) {
        const reason = item.on !== null ? 'PLAYER_OF_OTHER_AGE' : 'PLAYER_OF_OTHER_LEVEL';
        const field = areGiven ? ['playerIds', String(index)] : ['teamId'];
        if (areGiven || !errors.some((one) => one.reason === reason))
          errors.push(...userError(reason, ...field).errors);
      }
    }
    if (errors.length > 0) throw new UserErrors(errors.slice(0, 20));
  }

  /**
   * The state of a new entry.
   * @throws UserErrors if the team is not invited, or if all places are taken and `wait` is false
   */
  async #stateOfNew(tx: Tx, tournament: Tournament, teamId: string, wait: boolean): Promise<EntryState> {
    const { id: tournamentId, registration, maxTeams } = tournament;
    if (registration === 'APPROVAL') return 'PENDING';
    if (
      registration === 'INVITATION' &&
      !(await tx.invitedTeam.findUnique({ where: { tournamentId_teamId: { tournamentId, teamId } } }))
    )
      throw userError('NOT_INVITED', 'teamId');
    if ((await freePlaces(tx, tournament)) > 0) return 'ACCEPTED';
    if (wait) return 'WAITING';
    throw userError('TOURNAMENT_FULL', { max: maxTeams }, 'tournamentId');
  }

  async #change(tx: Tx, emit: Emit, tournament: Tournament, entry: Entry, data: Prisma.EntryUpdateInput) {
    const changed = await tx.entry.update({ where: { id: entry.id }, data });
    await append(tx, emit, tournament, [told(changed)]);
    return changed;
  }

  async #byTeam(viewer: Principal, input: unknown, work: Work): Promise<Entry> {
    requireUser(viewer);
    const found = await this.#entry(viewer, parseInput(entryInput, input).entryId);
    try {
      await this.#led(viewer, toGlobalId('Team', found.teamId));
    } catch (error) {
      if (error instanceof UserErrors) throw userError('NOT_THE_TEAMS_LEADER', 'entryId');
      throw error;
    }
    return this.#locked(found, work);
  }

  async #byOrganizer(viewer: Principal, { entryId }: { entryId: string }, work: Work): Promise<Entry> {
    const { userId } = requireUser(viewer);
    const found = await this.#entry(viewer, entryId);
    return this.#locked(found, async (tx, emit, tournament, entry) => {
      await requireOrganizer(tx, { ...viewer, userId }, tournament, 'entryId');
      return work(tx, emit, tournament, entry);
    });
  }

  #locked(found: Entry, work: Work): Promise<Entry> {
    return this.outbox.transaction(
      this.prisma,
      async (tx, emit) => {
        const tournament = await lock(tx, found.tournamentId);
        const entry = await tx.entry.findUnique({ where: { id: found.id } });
        if (!tournament || !entry) throw userError('ENTRY_NOT_FOUND', 'entryId');
        return work(tx, emit, tournament, entry);
      },
      WHOLE_STAGE,
    );
  }

  /** Finds an entry. @throws UserErrors NOT_FOUND, also for an entry of a draft that the viewer does not organize */
  async #entry(viewer: Principal, globalId: string): Promise<Entry> {
    const id = fromGlobalId('Entry', globalId);
    const row = id ? await this.prisma.entry.findUnique({ where: { id }, include: { tournament: true } }) : null;
    if (!row || (await draftsHidden(this.prisma, viewer, [row.tournament])).size > 0)
      throw userError('ENTRY_NOT_FOUND', 'entryId');
    return row;
  }
}

/** @throws UserErrors CONFLICT */
function requireEntryState({ state }: Entry, needed: readonly EntryState[]): void {
  if (!needed.includes(state)) throw userError('ENTRY_STATE', { state, needed: needed.join(' or ') }, 'entryId');
}

/** The members who will play: the ones in the input, or all except coaches. @throws UserErrors if the input is wrong */
function playersOf(team: TeamAsViewer, given: readonly string[] | null): readonly string[] {
  if (given === null) return team.playerIds;
  for (const [index, id] of given.entries()) {
    if (!team.playerIds.includes(id)) throw userError('NOT_A_PLAYER', 'playerIds', String(index));
    if (given.indexOf(id) !== index) throw userError('PLAYER_TWICE', 'playerIds', String(index));
  }
  if (given.length === 0) throw userError('TOO_FEW', { min: 1 }, 'playerIds');
  return given;
}

type Rule = Omit<PlayerRule, 'userId'>;

/** The rules to check for each player: one if the tournament limits the age, and one if it limits the level. */
function rulesOf({ sport, startsAt, timeZone, minAge, maxAge, minLevel, maxLevel }: Tournament): Rule[] {
  const rules: Rule[] = [];
  if (minAge !== null || maxAge !== null)
    rules.push({ on: dayOf(startsAt, timeZone), sport: null, min: minAge, max: maxAge });
  if (minLevel !== null || maxLevel !== null) rules.push({ on: null, sport, min: minLevel, max: maxLevel });
  return rules;
}

/** Whether two versions of a tournament have the same entry rules: then the answers about players are still valid. */
const sameRules = (one: Tournament, other: Tournament): boolean =>
  JSON.stringify([rulesOf(one), one.entryCity]) === JSON.stringify([rulesOf(other), other.entryCity]);

/** The day of a moment in a time zone, `2026-05-01`. */
export function dayOf(at: Date, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
    .formatToParts(at)
    .map(({ type, value }) => [type, value]);
  const { year, month, day } = Object.fromEntries(parts) as Record<string, string>;
  return `${year?.padStart(4, '0')}-${month}-${day}`;
}
