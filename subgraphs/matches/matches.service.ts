import { Inject, Injectable } from '@nestjs/common';
import { boundsOf, type Counted, counted, readPage, toConnection } from '../../platform/graphql/connection.ts';
import { badUserInput } from '../../platform/graphql/errors.ts';
import { fromGlobalId, toGlobalId } from '../../platform/graphql/global-id.ts';
import { parseInput, text } from '../../platform/graphql/input.ts';
import { batched, keyed } from '../../platform/graphql/loader.ts';
import { type UserError, UserErrors } from '../../platform/graphql/user-errors.ts';
import { type Principal, hasRole, requireUser } from '../../platform/identity/principal.ts';
import { NIL, type Page, type StatesOf } from '../../platform/messaging/announcements/announcer.ts';
import type { Outbox } from '../../platform/messaging/outbox/outbox.ts';
import type { Questions } from '../../platform/questions/questions.ts';
import { createOnce } from '../../platform/postgres/create-once.ts';
import { OUTBOX, QUESTIONS } from '../../platform/injection/tokens.ts';
import type { MatchScore, MatchSnapshot } from '../../schema/messages/matches.ts';
import { UserExists } from '../../schema/questions/users.ts';
import { refuseDisbanded } from './disbanded-teams.ts';
import type { QueryMatchesArgs } from './generated/graphql.ts';
import { type Match, type Prisma, PrismaClient } from './generated/prisma/client.ts';
import { calendarCursors, scheduleInput } from './inputs.ts';
import { KnownTeamsService } from './known-teams.service.ts';
import { userError } from './reasons.ts';
import { EMPTY_SHEET, told } from './match-sheet.ts';
import { playedIn } from './played.ts';
import { append, factsOf } from './record.ts';
import { isOfficial } from './rights.ts';
import { BEFORE } from './score.ts';

/** The columns of a match that come from its organizer's request. */
type Facts = Pick<Match, (typeof FACTS)[number]>;
const FACTS = [
  'organizerId',
  'clientId',
  'sport',
  'homeTeamId',
  'awayTeamId',
  'kickoffAt',
  'competition',
  'round',
  'group',
  'venue',
  'refereeId',
] as const;

@Injectable()
export class MatchesService {
  readonly byId = batched((ids) => this.byIds(ids));

  constructor(
    private readonly prisma: PrismaClient,
    @Inject(OUTBOX) private readonly outbox: Outbox,
    private readonly teams: KnownTeamsService,
    @Inject(QUESTIONS) private readonly questions: Questions,
  ) {}

  /** Public. */
  async byIds(ids: readonly string[]): Promise<Map<string, Match>> {
    const matches = await this.prisma.match.findMany({ where: { id: { in: [...ids] } } });
    return keyed(matches);
  }

  /** Each match with the rights of the viewer in it, in the order of the ids, for other subgraphs. */
  async asViewer(viewer: Principal, globalIds: readonly string[]) {
    const ids = globalIds.map((id) => fromGlobalId('Match', id));
    const matches = await this.byIds(ids.filter((id) => id !== null));
    return Promise.all(
      ids.map(async (id) => {
        const match = matches.get(id ?? '');
        return match
          ? {
              homeTeamId: toGlobalId('Team', match.homeTeamId),
              awayTeamId: toGlobalId('Team', match.awayTeamId),
              isOfficial: viewer.userId !== undefined && (await isOfficial(this.prisma, viewer, match)),
            }
          : null;
      }),
    );
  }

  /** Public. @throws BAD_USER_INPUT, INVALID_CURSOR */
  async page({
    competition,
    state,
    tournamentId,
    from,
    to,
    ...args
  }: Partial<QueryMatchesArgs>): Promise<Counted<Match>> {
    const page = readPage(args);
    if (competition != null && !text(100).safeParse(competition).success)
      throw badUserInput('competition is not a name');
    if (from && to && from >= to) throw badUserInput('from must be before to');
    const scope = { competition, state, tournamentId, from: from?.toISOString(), to: to?.toISOString() };
    const { after, before } = boundsOf(calendarCursors, scope, page);
    const filter: Prisma.MatchWhereInput = {
      ...(competition == null ? {} : { competition }),
      ...(state ? { state } : {}),
      // An id of another type has no matches.
      ...(tournamentId == null ? {} : { tournamentId: fromGlobalId('Tournament', tournamentId) ?? NIL }),
      ...(from || to ? { kickoffAt: { ...(from && { gte: from }), ...(to && { lt: to }) } } : {}),
    };
    const order = page.backwards ? 'desc' : 'asc';
    const matches = await this.prisma.match.findMany({
      where: { AND: [filter, after ? beyond('gt', after) : {}, before ? beyond('lt', before) : {}] },
      orderBy: [{ kickoffAt: order }, { id: order }],
      take: page.size + 1,
    });
    const connection = toConnection(matches, page, ({ kickoffAt, id }) =>
      calendarCursors.encode(scope, [kickoffAt.toISOString(), id]),
    );
    return counted(connection, (take) => this.prisma.match.count({ where: filter, take }));
  }

  /**
   * Schedules a match. Users with the role organizer or admin may do this. The same client id again returns the same
   * match.
   * @throws UserErrors; NoAnswer when a subgraph does not answer whether a team or the referee exists
   */
  async schedule(viewer: Principal, input: unknown): Promise<Match> {
    const { userId } = requireUser(viewer);
    if (!hasRole(viewer, 'organizer') && !hasRole(viewer, 'admin')) throw userError('NOT_AN_ORGANIZER');
    const facts = this.#facts(userId, input);
    return createOnce(
      () => this.#scheduled(facts),
      async () => {
        await this.#checkParties(facts);
        const { homeTeamId, awayTeamId } = facts;
        const fields = new Map([
          [homeTeamId, 'homeTeamId'],
          [awayTeamId, 'awayTeamId'],
        ]);
        return this.outbox.transaction(this.prisma, async (tx, emit) => {
          await refuseDisbanded(tx, fields);
          const created = await tx.match.create({ data: { ...facts, score: BEFORE.score } });
          const { match } = await append(tx, emit, created, userId, [
            { detail: { kind: 'STATE', state: 'SCHEDULED', reason: null } },
          ]);
          return match;
        });
      },
    );
  }

  /** A page of matches as snapshots, for an announcement. It locks them, so that no change comes in between. */
  async states(tx: Prisma.TransactionClient, { after, limit }: Page): Promise<StatesOf<typeof MatchSnapshot>> {
    const locked = await tx.$queryRaw<
      { id: string }[]
    >`SELECT id FROM matches.matches WHERE id > ${after ?? NIL}::uuid ORDER BY id LIMIT ${limit}::int FOR NO KEY UPDATE`;
    const ids = locked.map(({ id }) => id);
    const matches = await tx.match.findMany({ where: { id: { in: ids } }, orderBy: { id: 'asc' } });
    const played = await playedIn(tx, matches);
    return matches.map((match) => ({
      seq: match.lastSeq,
      payload: {
        matchId: match.id,
        ...factsOf(match),
        period: match.period,
        score: match.score as MatchScore,
        ...told(played.get(match.id) ?? EMPTY_SHEET),
      },
    }));
  }

  /** The facts of the match that the organizer's input describes. */
  #facts(organizerId: string, input: unknown): Facts {
    const { homeTeamId, awayTeamId, refereeId, ...asked } = parseInput(scheduleInput, input);
    const id = (type: string, globalId: string, field: string): string => {
      const found = fromGlobalId(type, globalId);
      if (!found) throw userError(type === 'Team' ? 'TEAM_NOT_FOUND' : 'USER_NOT_FOUND', field);
      return found;
    };
    const home = id('Team', homeTeamId, 'homeTeamId');
    const away = id('Team', awayTeamId, 'awayTeamId');
    if (home === away) throw userError('SAME_TEAM', 'awayTeamId');
    return {
      organizerId,
      clientId: asked.clientId,
      sport: asked.sport,
      homeTeamId: home,
      awayTeamId: away,
      kickoffAt: asked.kickoffAt,
      competition: asked.competition ?? null,
      round: asked.round ?? null,
      group: asked.group ?? null,
      venue: asked.venue ?? null,
      refereeId: refereeId == null ? null : id('User', refereeId, 'refereeId'),
    };
  }

  /**
   * Checks that the teams play this sport and that the referee has an account.
   * @throws UserErrors with all faults; NoAnswer
   */
  async #checkParties({ sport, homeTeamId, awayTeamId, refereeId }: Facts): Promise<void> {
    const [teams, hasReferee] = await Promise.all([
      this.teams.byIds([homeTeamId, awayTeamId]),
      refereeId === null || this.questions.ask(UserExists, toGlobalId('User', refereeId)),
    ]);
    const errors: UserError[] = [];
    for (const [field, id] of [
      ['homeTeamId', homeTeamId],
      ['awayTeamId', awayTeamId],
    ] as const) {
      const team = teams.get(id);
      if (!team) errors.push(...userError('TEAM_NOT_FOUND', field).errors);
      else if (team.sport !== sport)
        errors.push(...userError('TEAM_OF_OTHER_SPORT', { sport: team.sport }, field).errors);
    }
    if (!hasReferee) errors.push(...userError('USER_NOT_FOUND', 'refereeId').errors);
    if (errors.length > 0) throw new UserErrors(errors);
  }

  /**
   * The match of an earlier request with this client id.
   * @throws UserErrors CONFLICT when the earlier request had other content
   */
  async #scheduled(facts: Facts): Promise<Match | null> {
    const { organizerId, clientId } = facts;
    const match = await this.prisma.match.findUnique({ where: { organizerId_clientId: { organizerId, clientId } } });
    const differs = match && FACTS.some((name) => match[name]?.valueOf() !== facts[name]?.valueOf());
    if (differs) throw userError('CLIENT_ID_USED', 'clientId');
    return match;
  }
}

/**
 * The condition for rows after or before a row, in the order of (kickoffAt, id). PostgreSQL uses the index because of
 * the condition outside of OR.
 */
function beyond(way: 'gt' | 'lt', [kickoffAt, id]: readonly [Date, string]): Prisma.MatchWhereInput {
  return { kickoffAt: { [`${way}e`]: kickoffAt }, OR: [{ kickoffAt: { [way]: kickoffAt } }, { id: { [way]: id } }] };
}
