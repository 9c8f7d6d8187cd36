import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { Counted, PageArgs } from '../../platform/graphql/connection.ts';
import { fromGlobalId } from '../../platform/graphql/global-id.ts';
import { parseInput, text } from '../../platform/graphql/input.ts';
import type { RateLimits } from '../../platform/http/rate-limits.ts';
import { hasRole, type Principal, requireUser, viewerOf } from '../../platform/identity/principal.ts';
import { OUTBOX, RATE_LIMITS } from '../../platform/injection/tokens.ts';
import type { LimitsOf } from '../../platform/manifest/manifest.ts';
import type { Outbox } from '../../platform/messaging/outbox/outbox.ts';
import { createOnce } from '../../platform/postgres/create-once.ts';
import { JoinRequested } from '../../schema/messages/teams.ts';
import { admit, closeJoinRequests } from './admission.ts';
import { type JoinRequest, type Prisma, PrismaClient } from './generated/prisma/client.ts';
import type { JoinRequestState } from './generated/prisma/enums.ts';
import { closeInvitations, leads, LEADING, mayStillInvite, stateOf } from './invitations.ts';
import { enter } from './invitations.service.ts';
import { cursorsById, newestFirst } from './lists.ts';
import { userError } from './reasons.ts';
import type manifest from './subgraph.ts';
import { changeTeam, type TeamChange } from './team-changes.ts';

export const requestInput = z.object({ teamId: z.string(), clientId: text(100).nullish() });
export const joinRequestInput = z.object({ joinRequestId: z.string() });
const teamCursors = cursorsById('Query.joinRequests');
const ownCursors = cursorsById('Query.myJoinRequests');

/** The largest number of pending join requests of one person. A person who has so many cannot ask another team. */
export const MAX_PENDING_OF_PERSON = 20;
/** The largest number of pending join requests to one team. Nobody else can ask a team that has so many. */
export const MAX_PENDING_OF_TEAM = 200;

@Injectable()
export class JoinRequestsService {
  constructor(
    private readonly prisma: PrismaClient,
    @Inject(OUTBOX) private readonly outbox: Outbox,
    @Inject(RATE_LIMITS) private readonly limits: RateLimits<LimitsOf<typeof manifest>>,
  ) {}

  /**
   * Asks to join a team. An invited user becomes a member at once, because both sides agree. While a request is
   * pending, another one returns it. A repeated client id returns the same request, also an answered one. Failed
   * attempts count towards the limit too. @throws UserErrors, RATE_LIMITED
   */
  async request(viewer: Principal, input: unknown): Promise<JoinRequest> {
    const { userId } = requireUser(viewer);
    const { teamId: globalId, clientId = null } = parseInput(requestInput, input);
    const teamId = fromGlobalId('Team', globalId);
    return createOnce(
      () => this.#findEarlier(userId, clientId, teamId),
      async () => {
        await this.limits.take('requestToJoin', userId, viewer.clientAddress);
        return this.outbox.transaction(this.prisma, async (tx, emit) => {
          // The limit of a person counts requests to all teams. So two requests of one person wait for each other here,
          // before a team is locked.
          await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended('teams.join-requests.' || ${userId}::text, 0))::text`;
          const missing = (): Error => userError('TEAM_NOT_FOUND', 'teamId');
          return changeTeam(tx, emit, teamId, missing, (change) => this.#request(change, userId, clientId));
        });
      },
    );
  }

  async #request(change: TeamChange, userId: string, clientId: string | null): Promise<JoinRequest> {
    const { tx, team } = change;
    if (await change.memberOf(userId)) throw userError('ALREADY_A_MEMBER', 'teamId');
    const asked = { teamId: team.id, userId };
    const pending = await tx.joinRequest.findFirst({ where: { ...asked, state: 'PENDING' } });
    if (pending) return pending;
    const invitation = await tx.invitation.findFirst({
      where: { teamId: team.id, inviteeId: userId, state: 'PENDING' },
    });
    if (invitation && stateOf(invitation) === 'PENDING' && (await mayStillInvite(change, invitation))) {
      await enter(change, invitation);
      return tx.joinRequest.create({ data: { ...asked, clientId, state: 'ACCEPTED' } });
    }
    const [ofPerson, ofTeam] = [
      await tx.joinRequest.count({ where: { userId, state: 'PENDING' } }),
      await tx.joinRequest.count({ where: { teamId: team.id, state: 'PENDING' } }),
    ];
    if (ofPerson >= MAX_PENDING_OF_PERSON)
      throw userError('TOO_MANY_JOIN_REQUESTS', { max: MAX_PENDING_OF_PERSON }, 'teamId');
    if (ofTeam >= MAX_PENDING_OF_TEAM)
      throw userError('TEAM_HAS_TOO_MANY_JOIN_REQUESTS', { max: MAX_PENDING_OF_TEAM }, 'teamId');
    // An invitation that is left here has expired, or its sender may not invite any more. With any other invitation,
    // the user would be a member now.
    if (invitation) {
      const state = stateOf(invitation) === 'EXPIRED' ? 'EXPIRED' : 'REVOKED';
      await closeInvitations(change, { id: invitation.id }, state, null);
    }
    const request = await tx.joinRequest.create({ data: { ...asked, clientId } });
    change.tell(JoinRequested, { joinRequestId: request.id, userId });
    return request;
  }

  /**
   * Finds the earlier request with this client id. @throws UserErrors CONFLICT when the earlier request with this
   * client id was for another team
   */
  async #findEarlier(userId: string, clientId: string | null, teamId: string | null): Promise<JoinRequest | null> {
    if (clientId === null) return null;
    const earlier = await this.prisma.joinRequest.findUnique({ where: { userId_clientId: { userId, clientId } } });
    if (earlier && earlier.teamId !== teamId) throw userError('CLIENT_ID_USED', 'clientId');
    return earlier;
  }

  /** Makes the user a player of the team. The owner, captains and administrators may do so. @throws UserErrors */
  async accept(viewer: Principal, input: unknown): Promise<JoinRequest> {
    return this.#answer(viewer, input, 'ACCEPTED', async (change, { userId }, byUserId) => {
      if (await change.memberOf(userId)) throw userError('ALREADY_A_MEMBER', 'joinRequestId');
      await admit(change, { userId, role: 'PLAYER', squadNumber: null });
      const [closed] = await closeJoinRequests(change, { userId }, 'ACCEPTED', byUserId);
      // If the user has a pending invitation, its time has passed or its sender may not invite any more. Otherwise the
      // request would have made the user a member.
      await closeInvitations(change, { inviteeId: userId }, 'REVOKED', byUserId);
      return closed;
    });
  }

  /** Declines a join request. The owner, captains and administrators may do so. @throws UserErrors */
  async decline(viewer: Principal, input: unknown): Promise<JoinRequest> {
    return this.#answer(viewer, input, 'DECLINED', async (change, { id }, byUserId) =>
      (await closeJoinRequests(change, { id }, 'DECLINED', byUserId)).at(0),
    );
  }

  /** Withdraws a join request. Only the user who sent it may do so. @throws UserErrors */
  async withdraw(viewer: Principal, input: unknown): Promise<JoinRequest> {
    return this.#answer(viewer, input, 'WITHDRAWN', async (change, { id }, byUserId) =>
      (await closeJoinRequests(change, { id }, 'WITHDRAWN', byUserId)).at(0),
    );
  }

  /** Closes a pending request. If the request is in this state already, this returns it unchanged. */
  #answer(
    viewer: Principal,
    input: unknown,
    state: Exclude<JoinRequestState, 'PENDING'>,
    close: (change: TeamChange, request: JoinRequest, byUserId: string) => Promise<JoinRequest | undefined>,
  ): Promise<JoinRequest> {
    const { userId } = requireUser(viewer);
    const id = fromGlobalId('JoinRequest', parseInput(joinRequestInput, input).joinRequestId);
    return this.outbox.transaction(this.prisma, async (tx, emit) => {
      const named = id ? await tx.joinRequest.findUnique({ where: { id } }) : null;
      const missing = (): Error => userError('JOIN_REQUEST_NOT_FOUND', 'joinRequestId');
      const work = async (change: TeamChange): Promise<JoinRequest> => {
        const isOwn = named?.userId === userId;
        const mayAnswer = leads(await change.memberOf(userId)) || hasRole(viewer, 'admin');
        if (!isOwn && (!mayAnswer || state === 'WITHDRAWN')) throw missing();
        if (!mayAnswer && state !== 'WITHDRAWN') throw userError('MAY_NOT_ANSWER', 'joinRequestId');
        // The request is read again, because it may have been answered before this transaction got the lock of the
        // team.
        const request = await tx.joinRequest.findUniqueOrThrow({ where: { id: named?.id ?? '' } });
        if (request.state === state) return request; // a repeated request
        const closed = request.state === 'PENDING' && (await close(change, request, userId));
        if (!closed) throw userError('JOIN_REQUEST_NOT_OPEN', 'joinRequestId');
        return closed;
      };
      return changeTeam(tx, emit, named?.teamId, missing, work, { alsoDisbanded: true });
    });
  }

  /**
   * The team's join requests, newest first. Null unless the viewer may answer them.
   * @throws BAD_USER_INPUT, INVALID_CURSOR
   */
  async page(
    viewer: Principal,
    { teamId: globalId, state, ...args }: JoinRequestsArgs & { readonly teamId: string },
  ): Promise<Counted<JoinRequest> | null> {
    const teamId = fromGlobalId('Team', globalId);
    if (!teamId || !(await this.#answerable(viewer, [teamId])).has(teamId)) return null;
    const filter: Prisma.JoinRequestWhereInput = { teamId, ...(state ? { state } : {}) };
    return newestFirst(this.prisma.joinRequest, filter, teamCursors, { team: globalId, state }, args);
  }

  /** The join requests of the viewer, newest first. Null for a guest. @throws BAD_USER_INPUT, INVALID_CURSOR */
  async pageOfViewer(viewer: Principal, { state, ...args }: JoinRequestsArgs): Promise<Counted<JoinRequest> | null> {
    const userId = viewerOf(viewer);
    if (!userId) return null;
    const filter: Prisma.JoinRequestWhereInput = { userId, ...(state ? { state } : {}) };
    return newestFirst(this.prisma.joinRequest, filter, ownCursors, { user: userId, state }, args);
  }

  /** The join requests among these that the viewer sent or may answer. */
  async byIds(viewer: Principal, ids: readonly string[]): Promise<Map<string, JoinRequest>> {
    const userId = viewerOf(viewer);
    if (!userId) return new Map();
    const requests = await this.prisma.joinRequest.findMany({ where: { id: { in: [...ids] } } });
    const teams = await this.#answerable(viewer, [...new Set(requests.map(({ teamId }) => teamId))]);
    const shown = requests.filter((request) => request.userId === userId || teams.has(request.teamId));
    return new Map(shown.map((request) => [request.id, request]));
  }

  /** The teams among these whose join requests the viewer may answer. */
  async #answerable(viewer: Principal, teamIds: readonly string[]): Promise<Set<string>> {
    const userId = viewerOf(viewer);
    if (!userId) return new Set();
    if (hasRole(viewer, 'admin')) return new Set(teamIds);
    const led = await this.prisma.membership.findMany({
      where: { teamId: { in: [...teamIds] }, userId, leftAt: null, role: { in: LEADING } },
    });
    return new Set(led.map(({ teamId }) => teamId));
  }
}

interface JoinRequestsArgs extends PageArgs {
  readonly state?: JoinRequestState | null;
}
