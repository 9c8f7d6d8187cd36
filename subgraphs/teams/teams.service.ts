import { Inject, Injectable } from '@nestjs/common';
import { CACHE_MANAGER } from '@nestjs/cache-manager';
import type { Cache } from 'cache-manager';
import DataLoader from 'dataloader';
import { z } from 'zod';
import { cached, cacheKeys, invalidate } from '../../platform/cache/cache.utils.ts';
import {
  boundsOf,
  type Connection,
  type Counted,
  counted,
  cursorsOf,
  emptyConnection,
  type PageArgs,
  readPage,
  startOf,
  toConnection,
} from '../../platform/graphql/connection.ts';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { name, parseInput, text } from '../../platform/graphql/input.ts';
import { batched, keyed } from '../../platform/graphql/loader.ts';
import { hasRole, type Principal, requireUser, viewerOf } from '../../platform/identity/principal.ts';
import { NIL, type Page, type StatesOf } from '../../platform/messaging/announcements/announcer.ts';
import type { Outbox } from '../../platform/messaging/outbox/outbox.ts';
import type { NoAnswer } from '../../platform/questions/definition.ts';
import type { Questions } from '../../platform/questions/questions.ts';
import type { RateLimits } from '../../platform/http/rate-limits.ts';
import type { LimitsOf } from '../../platform/manifest/manifest.ts';
import { columnsOf } from '../../platform/postgres/columns.ts';
import { createOnce } from '../../platform/postgres/create-once.ts';
import { wordsQuery } from '../../platform/graphql/words.ts';
import { OUTBOX, QUESTIONS, RATE_LIMITS } from '../../platform/injection/tokens.ts';
import { MemberJoinedTeam, TeamCreated, type TeamSnapshot } from '../../schema/messages/teams.ts';
import type { TeamAsViewer } from '../../schema/questions/teams.ts';
import { ProfileHidden } from '../../schema/questions/users.ts';
import { sportInput } from '../../schema/sports.ts';
import type { QueryTeamsArgs } from './generated/graphql.ts';
import { type Membership, Prisma, PrismaClient, type Team } from './generated/prisma/client.ts';
import { MembershipRole as ROLES } from './generated/prisma/enums.ts';
import { userError } from './reasons.ts';
import type manifest from './subgraph.ts';

export const createInput = z.object({
  clientId: text(100),
  name: name(80),
  sport: sportInput,
  city: name(80).nullish(),
});

/** The cache key of a team's public fields. */
const teamKey = cacheKeys('team', 3);
/** How long a team may be served from the cache if no event reports a change. Milliseconds. */
const TEAM_TTL_MS = 60_000;
/** The largest number of players of one team in an answer to another subgraph. Further players are left out. */
const MAX_PLAYERS = 200;
/** Stands for a missing squad number in the order: it sorts these members last of their role. */
const NO_NUMBER = 32_767;

const teamCursors = cursorsOf('Query.teams by name, id', z.tuple([text(80), z.uuid()]));
const memberCursors = cursorsOf(
  'Team.members by role, number, joined, id',
  z.tuple([
    z.enum(ROLES),
    z
      .string()
      .regex(/^\d{1,5}$/)
      .transform(Number),
    z.iso.datetime().refine((at) => at > '1970'),
    z.uuid(),
  ]),
);

@Injectable()
export class TeamsService {
  readonly noMembers: Connection<Membership> = emptyConnection();
  readonly byId = batched((ids) => this.byIds(ids));

  constructor(
    private readonly prisma: PrismaClient,
    @Inject(OUTBOX) private readonly outbox: Outbox,
    @Inject(CACHE_MANAGER) private readonly cache: Cache,
    @Inject(RATE_LIMITS) private readonly limits: RateLimits<LimitsOf<typeof manifest>>,
    @Inject(QUESTIONS) private readonly questions: Questions,
  ) {}

  /**
   * The teams with these ids. Everybody may read them. This is the most frequent read: every goal and every match names
   * its teams.
   */
  async byIds(ids: readonly string[]): Promise<Map<string, Team>> {
    const misses = new DataLoader<string, Team | null>(
      async (missing) => {
        const found = await this.prisma.team.findMany({ where: { id: { in: [...missing] } } });
        const byId = keyed(found);
        return missing.map((id) => byId.get(id) ?? null);
      },
      { cache: false },
    );
    const teams = await Promise.all(
      ids.map((id) => cached(this.cache, teamKey(id), TEAM_TTL_MS, () => misses.load(id))),
    );
    return new Map(teams.flatMap((team) => (team ? [[team.id, team]] : [])));
  }

  /** Removes the team from the cache, because the cached row may be older than an event of the team. */
  async dropFromCache(teamId: string): Promise<void> {
    await invalidate(this.cache, teamKey(teamId));
  }

  /** A page of teams, by default without disbanded ones. Everybody may read it. @throws BAD_USER_INPUT, INVALID_CURSOR */
  async page({
    sport,
    name,
    includeDisbanded,
    ...args
  }: PageArgs & Partial<Pick<QueryTeamsArgs, 'sport' | 'name' | 'includeDisbanded'>>): Promise<Counted<Team>> {
    const page = readPage(args);
    // Without disbanded teams the scope is that of older programs: their cursors stay valid.
    const scope = { sport, name, ...(includeDisbanded ? { disbanded: 'included' } : {}) };
    const { after, before } = boundsOf(teamCursors, scope, page);
    const words = name == null ? null : wordsQuery(name, 'name');
    const where = Prisma.sql`FROM teams.teams WHERE ${includeDisbanded ? Prisma.sql`true` : Prisma.sql`disbanded_at IS NULL`}
      ${words === null ? Prisma.empty : Prisma.sql`AND teams.words_of(name) @@ to_tsquery('simple', ${words})`}
      ${sport ? Prisma.sql`AND sport = ${sport}` : Prisma.empty}`;
    const way = page.backwards ? Prisma.sql`DESC` : Prisma.sql`ASC`;
    const key = ([text, id]: NonNullable<typeof after>): Prisma.Sql => Prisma.sql`(${text}::text, ${id}::uuid)`;
    const teams = await this.prisma.$queryRaw<Team[]>`
      SELECT ${Prisma.raw(columnsOf(Prisma.TeamScalarFieldEnum))} ${where}
      ${after ? Prisma.sql`AND (name, id) > ${key(after)}` : Prisma.empty}
      ${before ? Prisma.sql`AND (name, id) < ${key(before)}` : Prisma.empty}
      ORDER BY name ${way}, id ${way} LIMIT ${page.size + 1}`;
    const connection = toConnection(teams, page, (team) => teamCursors.encode(scope, [team.name, team.id]));
    return counted(connection, async (take) => {
      const [row] = await this.prisma.$queryRaw<{ count: number }[]>`
        SELECT count(*)::int AS count FROM (SELECT 1 ${where} LIMIT ${take}) teams`;
      return row?.count ?? 0;
    });
  }

  /**
   * The teams among these that the viewer is a member of now. Other subgraphs ask this, because their own copies of
   * memberships can be out of date.
   */
  async teamsOfViewer(viewer: Principal, teamIds: readonly string[]): Promise<string[]> {
    const userId = viewerOf(viewer);
    if (!userId || teamIds.length === 0) return [];
    const memberships = await this.prisma.membership.findMany({
      where: { userId, leftAt: null, teamId: { in: [...teamIds] } },
      select: { teamId: true },
    });
    return memberships.map(({ teamId }) => teamId);
  }

  /** The viewer's current role in each team, for other subgraphs. Teams without the viewer are missing. */
  async rolesOfViewer(viewer: Principal, teamIds: readonly string[]): Promise<Map<string, Membership['role']>> {
    const userId = viewerOf(viewer);
    if (!userId || teamIds.length === 0) return new Map();
    const memberships = await this.prisma.membership.findMany({
      where: { userId, leftAt: null, teamId: { in: [...teamIds] } },
      select: { teamId: true, role: true },
    });
    return new Map(memberships.map(({ teamId, role }) => [teamId, role]));
  }

  /** Whether each user is a member of the team now, for other subgraphs. False for an invalid id. */
  async membersAmong(
    asked: readonly { readonly teamId: string | null; readonly userId: string | null }[],
  ): Promise<boolean[]> {
    const ids = (values: readonly (string | null)[]): string[] => [...new Set(values.filter((id) => id !== null))];
    const memberships = await this.prisma.membership.findMany({
      where: {
        leftAt: null,
        teamId: { in: ids(asked.map(({ teamId }) => teamId)) },
        userId: { in: ids(asked.map(({ userId }) => userId)) },
      },
      select: { teamId: true, userId: true },
    });
    const members = new Set(memberships.map(({ teamId, userId }) => `${teamId}:${userId}`));
    return asked.map(({ teamId, userId }) => members.has(`${teamId}:${userId}`));
  }

  /**
   * The teams with the viewer's current role in them, for other subgraphs. Only the owner, captains and administrators
   * get the players of a team: at most 200, without coaches.
   */
  async asViewer(viewer: Principal, teamIds: readonly string[]): Promise<Map<string, TeamAsViewer>> {
    const [teams, roles] = await Promise.all([
      this.prisma.team.findMany({ where: { id: { in: [...teamIds] } } }),
      this.rolesOfViewer(viewer, teamIds),
    ]);
    const led = teams.filter(
      ({ id }) => hasRole(viewer, 'admin') || ['OWNER', 'CAPTAIN'].includes(roles.get(id) ?? ''),
    );
    const players = await this.prisma.membership.findMany({
      where: { teamId: { in: led.map(({ id }) => id) }, leftAt: null, role: { not: 'COACH' } },
      select: { teamId: true, userId: true },
      orderBy: { id: 'asc' },
    });
    const playersOf = Map.groupBy(players, ({ teamId }) => teamId);
    return new Map(
      teams.map(({ id, sport, city }) => [
        id,
        {
          sport,
          city,
          role: roles.get(id) ?? null,
          playerIds: (playersOf.get(id) ?? []).slice(0, MAX_PLAYERS).map((player) => toGlobalId('User', player.userId)),
        },
      ]),
    );
  }

  /** The number of members of each team. Everybody may read it. */
  async memberCounts(teamIds: readonly string[]): Promise<Map<string, number>> {
    const counts = await this.prisma.membership.groupBy({
      by: ['teamId'],
      where: { teamId: { in: [...teamIds] }, leftAt: null },
      _count: true,
    });
    return new Map(counts.map(({ teamId, _count }) => [teamId, _count]));
  }

  /**
   * One page of members of each team, in one statement. Everybody may read it. A cursor belongs to one team: the others
   * get an INVALID_CURSOR error in the map.
   */
  async members(teamIds: readonly string[], args: PageArgs): Promise<Map<string, Connection<Membership> | Error>> {
    const page = readPage(args);
    const { ids, after, before, refused } = startOf(memberCursors, teamIds, (team) => ({ team }), page);
    const place = Prisma.sql`(role, coalesce(squad_number, ${NO_NUMBER}), joined_at, id)`;
    const key = ([role, number, joinedAt, id]: NonNullable<typeof after>): Prisma.Sql =>
      Prisma.sql`(${role}::teams.membership_role, ${number}::int, ${joinedAt}::timestamptz, ${id}::uuid)`;
    const beyond = Prisma.sql`${after ? Prisma.sql`AND ${place} > ${key(after)}` : Prisma.empty} ${before ? Prisma.sql`AND ${place} < ${key(before)}` : Prisma.empty}`;
    const way = page.backwards ? Prisma.sql`DESC` : Prisma.sql`ASC`;
    const ranked = await this.prisma.$queryRaw<Membership[]>`
      SELECT ${Prisma.raw(columnsOf(Prisma.MembershipScalarFieldEnum))} FROM (
        SELECT *, row_number() OVER (PARTITION BY team_id ORDER BY role ${way}, coalesce(squad_number, ${NO_NUMBER}) ${way}, joined_at ${way}, id ${way}) AS place
        FROM teams.memberships WHERE team_id = ANY (${[...ids]}::uuid[]) AND left_at IS NULL ${beyond}
      ) members WHERE place <= ${page.size + 1} ORDER BY team_id, place`;
    const cursor = ({ teamId: team, role: r, squadNumber, joinedAt: joined, id: membership }: Membership): string =>
      memberCursors.encode({ team }, [r, String(squadNumber ?? NO_NUMBER), joined.toISOString(), membership]);
    const rows = Map.groupBy(ranked, ({ teamId }) => teamId);
    const pages = ids.map((team) => [team, toConnection(rows.get(team) ?? [], page, cursor)] as const);
    return new Map<string, Connection<Membership> | Error>([...pages, ...refused]);
  }

  /**
   * The memberships among these, named `<teamId>:<userId>`, whose user the viewer must not see. The subgraph users
   * decides that. It is not asked for the viewer's own membership and for teams that the viewer is in: team mates see
   * each other. NoAnswer in the map where users does not answer.
   */
  async hiddenMembers(viewer: Principal, memberships: readonly string[]): Promise<Map<string, true | NoAnswer>> {
    const named = memberships.map((name) => ({
      name,
      teamId: name.slice(0, name.indexOf(':')),
      userId: name.slice(name.indexOf(':') + 1),
    }));
    const foreign = named.filter(({ userId }) => userId !== viewer.userId);
    const own = new Set(
      viewer.userId === undefined
        ? []
        : await this.teamsOfViewer(viewer, [...new Set(foreign.map(({ teamId }) => teamId))]),
    );
    const others = foreign.filter(({ teamId }) => !own.has(teamId));
    if (others.length === 0) return new Map();
    const userIds = [...new Set(others.map(({ userId }) => userId))];
    const answers = await this.questions.askAll(
      ProfileHidden,
      userIds.map((id) => toGlobalId('User', id)),
      viewer,
    );
    const hidden = new Map(userIds.map((id, index) => [id, answers[index] ?? false]));
    return new Map(
      others.flatMap(({ name, userId }) => {
        const answer = hidden.get(userId);
        return answer ? [[name, answer] as const] : [];
      }),
    );
  }

  /** Reads memberships. Everybody may read a membership while it is active. */
  async memberships(ids: readonly string[]): Promise<Map<string, Membership>> {
    const memberships = await this.prisma.membership.findMany({ where: { id: { in: [...ids] }, leftAt: null } });
    return keyed(memberships);
  }

  /** Creates a team. A repeated client id returns the same team. @throws UserErrors, RATE_LIMITED */
  async create(viewer: Principal, input: unknown): Promise<Team> {
    const { userId } = requireUser(viewer);
    const { clientId, name, sport, city } = parseInput(createInput, input);
    const asked = { founderId: userId, clientId, name, sport, city: city ?? null };
    return createOnce(
      () => this.#findEarlier(asked),
      async () => {
        await this.limits.take('createTeam', userId, viewer.clientAddress);
        return this.outbox.transaction(this.prisma, async (tx, emit) => {
          const team = await tx.team.create({ data: { ...asked, lastSeq: 2 } });
          await tx.membership.create({ data: { teamId: team.id, userId, role: 'OWNER' } });
          emit(TeamCreated, { seq: 1, payload: summary(team) });
          emit(MemberJoinedTeam, { seq: 2, payload: { teamId: team.id, userId, role: 'OWNER' } });
          return team;
        });
      },
    );
  }

  /** A page of teams as snapshots, for an announcement. It locks them, so that no change comes in between. */
  async states(tx: Prisma.TransactionClient, { after, limit }: Page): Promise<StatesOf<typeof TeamSnapshot>> {
    const locked = await tx.$queryRaw<
      { id: string }[]
    >`SELECT id FROM teams.teams WHERE id > ${after ?? NIL}::uuid ORDER BY id LIMIT ${limit}::int FOR NO KEY UPDATE`;
    const teams = await tx.team.findMany({
      where: { id: { in: locked.map(({ id }) => id) } },
      include: {
        memberships: { where: { leftAt: null }, select: { userId: true, role: true }, orderBy: { id: 'asc' } },
      },
      orderBy: { id: 'asc' },
    });
    return teams.map(({ memberships: members, disbandedAt, ...team }) => ({
      seq: team.lastSeq,
      payload: { ...summary(team), members, ...(disbandedAt && { disbandedAt: disbandedAt.toISOString() }) },
    }));
  }

  /**
   * The team of an earlier request with this client id, or null.
   * @throws UserErrors CONFLICT if that request asked for another team
   */
  async #findEarlier({
    founderId,
    clientId,
    ...asked
  }: Pick<Team, 'founderId' | 'clientId' | 'name' | 'sport' | 'city'>): Promise<Team | null> {
    const team = await this.prisma.team.findUnique({ where: { founderId_clientId: { founderId, clientId } } });
    const differs = team && (team.name !== asked.name || team.sport !== asked.sport || team.city !== asked.city);
    if (differs) throw userError('CLIENT_ID_USED', 'clientId');
    return team;
  }
}

const summary = ({ id: teamId, name, sport, city }: Pick<Team, 'id' | 'name' | 'sport' | 'city'>) => ({
  teamId,
  name,
  sport,
  city,
});
