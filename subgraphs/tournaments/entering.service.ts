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
import { freePlaces, isOneOf, moveUp, OPEN, PLACED, told } from './entries.ts';
import { type Entry, type Prisma, PrismaClient, type Tournament } from './generated/prisma/client.ts';
import type { EntryState } from './generated/prisma/enums.ts';
import { enterInput, entryInput, outInput, teamInput } from './inputs.ts';
import { isPast, requireState } from './life.service.ts';
import { progress } from './progress.ts';
import { userError } from './reasons.ts';
import { append, happened, type Happening, lock, requireOrganizer } from './record.ts';
import type manifest from './subgraph.ts';

type Tx = Prisma.TransactionClient;
type Work = (tx: Tx, emit: Emit, tournament: Tournament, entry: Entry) => Promise<Entry>;

/** The most entries of one tournament, including teams that are out. */
const MAX_ENTRIES = 4096;

/**
 * Teams come into tournaments and leave them. Who leads a team is asked of teams before anything is locked. Every
 * change locks the tournament, so the last free place is given once.
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
   * The team's owner and captains may, and administrators. A team that is in stays in. @throws UserErrors, RATE_LIMITED;
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
      const tournament = await lock(tx, found.id);
      if (!tournament) throw userError('TOURNAMENT_NOT_FOUND', 'tournamentId');
      const earlier = await tx.entry.findUnique({
        where: { tournamentId_teamId: { tournamentId: tournament.id, teamId: teamUuid } },
      });
      if (earlier && isOneOf(OPEN, earlier.state)) return earlier;
      if (earlier && isOneOf(['REJECTED', 'DISQUALIFIED'], earlier.state))
        throw userError('ENTRY_STATE', { state: earlier.state, needed: 'WITHDRAWN' }, 'teamId');
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
      if (!earlier && number > MAX_ENTRIES) throw userError('TOO_MANY_ENTRIES', { max: MAX_ENTRIES }, 'tournamentId');
      const entry = earlier
        ? await tx.entry.update({ where: { id: earlier.id }, data })
        : await tx.entry.create({ data: { ...data, tournamentId: tournament.id, teamId: teamUuid } });
      await append(tx, emit, tournament, [told(entry)], { lastEntry: number });
      return entry;
    });
  }

  /** The team's owner and captains may, and administrators, until the tournament is over. @throws UserErrors */
  async withdraw(viewer: Principal, input: unknown): Promise<Entry> {
    return this.#byTeam(viewer, input, async (tx, emit, tournament, entry) => {
      if (entry.state === 'WITHDRAWN') return entry;
      requireState(tournament, ['REGISTRATION', 'CHECK_IN', 'SEEDED', 'RUNNING'], 'entryId');
      requireEntryState(entry, OPEN);
      return this.#leave(tx, emit, tournament, entry, 'WITHDRAWN', null);
    });
  }

  /** The team's owner and captains may, and administrators, until the check-in ends. @throws UserErrors */
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

  /** Organizers may, while there is a place. @throws UserErrors */
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

  /** Organizers may. @throws UserErrors */
  async reject(viewer: Principal, input: unknown): Promise<Entry> {
    const { entryId, reason = null } = parseInput(outInput, input);
    return this.#byOrganizer(viewer, { entryId }, async (tx, emit, tournament, entry) => {
      if (entry.state === 'REJECTED') return entry;
      requireState(tournament, ['REGISTRATION', 'CHECK_IN'], 'entryId');
      requireEntryState(entry, ['PENDING', 'WAITING']);
      return this.#leave(tx, emit, tournament, entry, 'REJECTED', reason);
    });
  }

  /** Organizers may, until the tournament is over. @throws UserErrors */
  async disqualify(viewer: Principal, input: unknown): Promise<Entry> {
    const { entryId, reason = null } = parseInput(outInput, input);
    return this.#byOrganizer(viewer, { entryId }, async (tx, emit, tournament, entry) => {
      if (entry.state === 'DISQUALIFIED') return entry;
      requireState(tournament, ['REGISTRATION', 'CHECK_IN', 'SEEDED', 'RUNNING'], 'entryId');
      requireEntryState(entry, OPEN);
      return this.#leave(tx, emit, tournament, entry, 'DISQUALIFIED', reason);
    });
  }

  /** Organizers may, before registration closes. @returns the tournament @throws UserErrors; NoAnswer */
  async invite(viewer: Principal, input: unknown): Promise<Tournament> {
    const { userId } = requireUser(viewer);
    const { tournamentId, teamId } = parseInput(teamInput, input);
    const team = fromGlobalId('Team', teamId);
    const [exists] = await Promise.allSettled([team !== null && this.questions.ask(TeamExists, teamId)]);
    return this.outbox.transaction(this.prisma, async (tx, emit) => {
      const tournament = await lock(tx, fromGlobalId('Tournament', tournamentId));
      await requireOrganizer(tx, { ...viewer, userId }, tournament);
      if (!tournament) throw userError('TOURNAMENT_NOT_FOUND', 'tournamentId');
      requireState(tournament, ['DRAFT', 'REGISTRATION']);
      if (!answerOf(exists) || team === null) throw userError('TEAM_NOT_FOUND', 'teamId');
      const key = { tournamentId: tournament.id, teamId: team };
      if (await tx.invitedTeam.findUnique({ where: { tournamentId_teamId: key } })) return tournament;
      if ((await tx.invitedTeam.count({ where: { tournamentId: tournament.id } })) >= MAX_ENTRIES)
        throw userError('TOO_MANY_ENTRIES', { max: MAX_ENTRIES }, 'tournamentId');
      await tx.invitedTeam.create({ data: { ...key, invitedBy: userId } });
      return append(tx, emit, tournament, [happened(TeamInvitedToTournament, key) as Happening]);
    });
  }

  /** @throws UserErrors unless the viewer leads the team or is an administrator */
  async #led(viewer: Principal, teamId: string): Promise<TeamAsViewer> {
    const team = fromGlobalId('Team', teamId) === null ? null : await this.questions.ask(TeamOfViewer, teamId, viewer);
    if (!team) throw userError('TEAM_NOT_FOUND', 'teamId');
    const leads = team.role === 'OWNER' || team.role === 'CAPTAIN' || hasRole(viewer, 'admin');
    if (!leads) throw userError('NOT_THE_TEAMS_LEADER', 'teamId');
    return team;
  }

  /** @throws UserErrors with each rule that the team or a player breaks */
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

  /** @throws UserErrors when there is no way in */
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

  /** A place that becomes free goes to the team that has waited longest. After the draw the team forfeits its matches. */
  async #leave(tx: Tx, emit: Emit, tournament: Tournament, entry: Entry, state: EntryState, reason: string | null) {
    const left = await tx.entry.update({ where: { id: entry.id }, data: { state, reason } });
    const changed = await append(tx, emit, tournament, [told(left), ...(await moveUp(tx, tournament))]);
    await progress(tx, emit, changed);
    return left;
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
    return this.outbox.transaction(this.prisma, async (tx, emit) => {
      const tournament = await lock(tx, found.tournamentId);
      const entry = await tx.entry.findUnique({ where: { id: found.id } });
      if (!tournament || !entry) throw userError('ENTRY_NOT_FOUND', 'entryId');
      return work(tx, emit, tournament, entry);
    });
  }

  /** @throws UserErrors NOT_FOUND, also in drafts of others */
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

/** The members who will play: the ones that are named, or all except coaches. @throws UserErrors */
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

/** The questions about a player that a tournament's rules lead to. */
function rulesOf({ sport, startsAt, timeZone, minAge, maxAge, minLevel, maxLevel }: Tournament): Rule[] {
  const rules: Rule[] = [];
  if (minAge !== null || maxAge !== null)
    rules.push({ on: dayOf(startsAt, timeZone), sport: null, min: minAge, max: maxAge });
  if (minLevel !== null || maxLevel !== null) rules.push({ on: null, sport, min: minLevel, max: maxLevel });
  return rules;
}

/** Whether answers about players for one row are good for the other. */
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
