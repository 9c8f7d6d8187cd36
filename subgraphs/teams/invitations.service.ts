import { createHash, randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { Counted, PageArgs } from '../../platform/graphql/connection.ts';
import { fromGlobalId, toGlobalId } from '../../platform/graphql/global-id.ts';
import { because, parseInput, text } from '../../platform/graphql/input.ts';
import { hasRole, type Principal, requireUser, viewerOf } from '../../platform/identity/principal.ts';
import type { Emit, Outbox } from '../../platform/messaging/outbox/outbox.ts';
import type { Timers } from '../../platform/messaging/timers/timers.ts';
import { createOnce } from '../../platform/postgres/create-once.ts';
import { answerOf, type Questions } from '../../platform/questions/questions.ts';
import type { RateLimits } from '../../platform/http/rate-limits.ts';
import type { LimitsOf } from '../../platform/manifest/manifest.ts';
import { OUTBOX, QUESTIONS, RATE_LIMITS, TIMERS } from '../../platform/injection/tokens.ts';
import { InvitationSent } from '../../schema/messages/teams.ts';
import { UserExists } from '../../schema/questions/users.ts';
import { admit, closeJoinRequests } from './admission.ts';
import { ExpireInvitation } from './expiry-timer.ts';
import { type Invitation, type Prisma, PrismaClient, type Team } from './generated/prisma/client.ts';
import type { InvitationState, MembershipRole } from './generated/prisma/enums.ts';
import { closeInvitations, inState, leads, LEADING, mayStillInvite, stateOf } from './invitations.ts';
import { cursorsById, newestFirst } from './lists.ts';
import { userError } from './reasons.ts';
import type manifest from './subgraph.ts';
import { changeTeam, type TeamChange } from './team-changes.ts';

export const inviteInput = z.object({
  teamId: z.string(),
  userId: z.string(),
  role: z.enum(['CAPTAIN', 'COACH', 'PLAYER']),
  squadNumber: z.int().min(0).max(99).nullish(),
  clientId: text(100).nullish(),
});
export const acceptInput = z
  .object({ token: z.string().max(100).nullish(), invitationId: z.string().nullish() })
  .refine(
    ({ token, invitationId }) => (token == null) !== (invitationId == null),
    because(userError('NOT_EXACTLY_ONE', { fields: 'token, invitationId' })),
  );
export const invitationInput = z.object({ invitationId: z.string() });
const teamCursors = cursorsById('Query.invitations');
const ownCursors = cursorsById('Query.myInvitations');

/** How long an invitation can be accepted. Milliseconds. */
const VALID_MS = 14 * 24 * 3_600_000;
/**
 * The largest number of pending invitations of one team. A team that has so many cannot invite anybody. A team that has
 * more, from an earlier version, keeps them.
 */
export const MAX_PENDING_INVITATIONS = 100;
const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

/** The content of an invitation as the inviter's client sent it. */
interface Asked {
  readonly inviterId: string;
  readonly clientId: string | null;
  readonly teamId: string | null;
  readonly inviteeId: string;
  readonly role: MembershipRole;
  readonly squadNumber: number | null;
}

@Injectable()
export class InvitationsService {
  constructor(
    private readonly prisma: PrismaClient,
    @Inject(OUTBOX) private readonly outbox: Outbox,
    @Inject(RATE_LIMITS) private readonly limits: RateLimits<LimitsOf<typeof manifest>>,
    @Inject(QUESTIONS) private readonly questions: Questions,
    @Inject(TIMERS) private readonly timers: Timers,
  ) {}

  /**
   * Invites a user. The owner and captains of the team, and administrators, may do this. A user who has asked to join
   * becomes a member at once, because both sides agree. Failed attempts count towards the limit too. A repeated client
   * id returns the same invitation.
   * @returns the token is null when no token is needed, or when it was returned before
   * @throws UserErrors, RATE_LIMITED; NoAnswer when users does not answer whether the invitee exists
   */
  async invite(viewer: Principal, input: unknown): Promise<{ invitation: Invitation; token: string | null }> {
    const { userId } = requireUser(viewer);
    const {
      teamId,
      userId: inviteeGlobalId,
      role,
      squadNumber = null,
      clientId = null,
    } = parseInput(inviteInput, input);
    const inviteeId = fromGlobalId('User', inviteeGlobalId);
    if (!inviteeId) throw userError('USER_NOT_FOUND', 'userId');
    const asked = { inviterId: userId, clientId, teamId: fromGlobalId('Team', teamId), inviteeId, role, squadNumber };
    return createOnce(
      () => this.#findEarlier(asked),
      async () => {
        await this.limits.take('inviteToTeam', userId, viewer.clientAddress);
        // Asked before the team is locked. Otherwise other changes of the team would wait for the answer too.
        const [exists] = await Promise.allSettled([this.questions.ask(UserExists, toGlobalId('User', inviteeId))]);
        return this.outbox.transaction(this.prisma, (tx, emit) =>
          changeTeam(tx, emit, asked.teamId, missing('TEAM_NOT_FOUND', 'teamId'), async (change) => {
            const asAdmin = !leads(await change.memberOf(userId));
            if (asAdmin && !hasRole(viewer, 'admin')) throw userError('MAY_NOT_INVITE', 'teamId');
            if (!answerOf(exists)) throw userError('USER_NOT_FOUND', 'userId');
            return this.#invite(change, { ...asked, asAdmin });
          }),
        );
      },
    );
  }

  async #invite(
    change: TeamChange,
    asked: Asked & { asAdmin: boolean },
  ): Promise<{ invitation: Invitation; token: string | null }> {
    const { inviterId, inviteeId, role, squadNumber } = asked;
    const { tx, team } = change;
    if (await change.memberOf(inviteeId)) throw userError('ALREADY_A_MEMBER', 'userId');
    const now = new Date();
    await closeInvitations(change, { inviteeId, expiresAt: { lte: now } }, 'EXPIRED', null);
    // A new invitation replaces a pending one. So an inviter can change the role or the squad number.
    await closeInvitations(change, { inviteeId }, 'REVOKED', inviterId);
    const token = randomBytes(24).toString('base64url');
    const expiresAt = new Date(now.getTime() + VALID_MS);
    const data = { ...asked, teamId: team.id, tokenHash: hashOf(token), expiresAt };
    const hasAsked = await tx.joinRequest.findFirst({
      where: { teamId: team.id, userId: inviteeId, state: 'PENDING' },
    });
    if (hasAsked) {
      const invitation = await tx.invitation.create({ data: { ...data, state: 'ACCEPTED' } });
      await admit(change, { userId: inviteeId, role, squadNumber });
      await closeJoinRequests(change, { userId: inviteeId }, 'ACCEPTED', inviterId);
      return { invitation, token: null };
    }
    const pending = await tx.invitation.count({ where: { teamId: team.id, ...inState('PENDING') } });
    if (pending >= MAX_PENDING_INVITATIONS)
      throw userError('TOO_MANY_INVITATIONS', { max: MAX_PENDING_INVITATIONS }, 'teamId');
    const invitation = await tx.invitation.create({ data });
    const { id: invitationId } = invitation;
    await this.timers.set(tx, ExpireInvitation, { key: invitationId, at: expiresAt, payload: { invitationId } });
    change.tell(InvitationSent, {
      invitationId,
      userId: inviteeId,
      inviterId,
      role,
      expiresAt: expiresAt.toISOString(),
    });
    return { invitation, token };
  }

  /**
   * The invitation of an earlier request with this client id. Its token is not known any more: only its hash is stored.
   * @throws UserErrors CONFLICT when that request asked for something else
   */
  async #findEarlier({
    inviterId,
    clientId,
    ...asked
  }: Asked): Promise<{ invitation: Invitation; token: null } | null> {
    if (clientId === null) return null;
    const invitation = await this.prisma.invitation.findUnique({
      where: { inviterId_clientId: { inviterId, clientId } },
    });
    if (!invitation) return null;
    const { teamId, inviteeId, role, squadNumber } = invitation;
    if (!isDeepStrictEqual({ teamId, inviteeId, role, squadNumber }, asked))
      throw userError('CLIENT_ID_USED', 'clientId');
    return { invitation, token: null };
  }

  /**
   * Accepts an invitation. Only the invited user may do so, by the token or by the invitation's id, and only while the
   * inviter still has the right to invite. So a leaked token is useless to others, and an invitation ends with the
   * right of its sender. An administrator's right is checked only when the invitation is sent. @throws UserErrors
   */
  async accept(viewer: Principal, input: unknown): Promise<Team> {
    const { userId } = requireUser(viewer);
    const { token, invitationId } = parseInput(acceptInput, input);
    const field = token == null ? 'invitationId' : 'token';
    return this.#answer(
      userId,
      token == null ? byId(invitationId ?? '') : { tokenHash: hashOf(token) },
      field,
      async (change, invitation) => {
        const member = await change.memberOf(userId);
        if (invitation.state === 'ACCEPTED' && member) return change.team; // a repeated request
        if (stateOf(invitation) !== 'PENDING' || !(await mayStillInvite(change, invitation)))
          throw userError('INVITATION_NOT_OPEN', field);
        if (member) throw userError('ALREADY_A_MEMBER', field);
        await enter(change, invitation);
        return change.team;
      },
    );
  }

  /** Declines an invitation. Only the invited user may do so. A repeated call changes nothing. @throws UserErrors */
  async decline(viewer: Principal, input: unknown): Promise<Invitation> {
    const { userId } = requireUser(viewer);
    const which = byId(parseInput(invitationInput, input).invitationId);
    return this.#answer(userId, which, 'invitationId', async (change, invitation) => {
      const state = stateOf(invitation);
      if (state === 'DECLINED') return invitation; // a repeated request
      if (state !== 'PENDING') throw userError('INVITATION_NOT_OPEN', 'invitationId');
      return close(change, invitation, 'DECLINED', userId);
    });
  }

  /**
   * Runs `work` with the invitation while its team is locked.
   * @throws UserErrors unless it is an invitation of the user
   */
  #answer<R>(
    userId: string,
    which: Prisma.InvitationWhereUniqueInput | null,
    field: string,
    work: (change: TeamChange, invitation: Invitation) => Promise<R>,
  ): Promise<R> {
    return this.outbox.transaction(this.prisma, async (tx, emit) => {
      const named = which && (await tx.invitation.findUnique({ where: which }));
      if (named?.inviteeId !== userId) throw userError('INVITATION_NOT_FOUND', field);
      // Read again under the team's lock, because the user may answer in two tabs at the same time.
      return changeTeam(
        tx,
        emit,
        named.teamId,
        missing('INVITATION_NOT_FOUND', field),
        async (change) => work(change, await tx.invitation.findUniqueOrThrow({ where: { id: named.id } })),
        { alsoDisbanded: true },
      );
    });
  }

  /** Expires an invitation whose time has passed, unless it was answered or revoked before. Its timer calls this. */
  async expire(tx: Prisma.TransactionClient, emit: Emit, id: string): Promise<void> {
    const { teamId } = await tx.invitation.findUniqueOrThrow({ where: { id } });
    await changeTeam(
      tx,
      emit,
      teamId,
      missing('INVITATION_NOT_FOUND', 'invitationId'),
      (change) => closeInvitations(change, { id }, 'EXPIRED', null),
      { alsoDisbanded: true },
    );
  }

  /**
   * The team's invitations, newest first. Null for a viewer who may not see any: see
   * {@link InvitationsService.#visibleTo}. @throws BAD_USER_INPUT, INVALID_CURSOR
   */
  async page(
    viewer: Principal,
    { teamId: globalId, state, ...args }: InvitationsArgs,
  ): Promise<Counted<Invitation> | null> {
    const shown = await this.#visibleTo(this.prisma, viewer, fromGlobalId('Team', globalId));
    if (!shown) return null;
    const filter: Prisma.InvitationWhereInput = { AND: [shown, state ? inState(state) : {}] };
    return newestFirst(this.prisma.invitation, filter, teamCursors, { team: globalId, state }, args);
  }

  /** The invitations of the viewer, newest first. Null for a guest. @throws BAD_USER_INPUT, INVALID_CURSOR */
  async pageOfViewer(
    viewer: Principal,
    { state, ...args }: PageArgs & { readonly state?: InvitationState | null },
  ): Promise<Counted<Invitation> | null> {
    const inviteeId = viewerOf(viewer);
    if (!inviteeId) return null;
    const filter: Prisma.InvitationWhereInput = { AND: [{ inviteeId }, state ? inState(state) : {}] };
    return newestFirst(this.prisma.invitation, filter, ownCursors, { invitee: inviteeId, state }, args);
  }

  /**
   * Revokes an invitation. The owner and administrators may revoke every invitation to the team; a captain only
   * invitations that the captain sent. A revoked invitation stays revoked, without an error.
   * @throws UserErrors
   */
  async revoke(viewer: Principal, input: unknown): Promise<Invitation> {
    const { userId } = requireUser(viewer);
    const id = fromGlobalId('Invitation', parseInput(invitationInput, input).invitationId);
    return this.outbox.transaction(this.prisma, async (tx, emit) => {
      const named = id ? await tx.invitation.findUnique({ where: { id } }) : null;
      // With the lock, a concurrent acceptance happens completely before this change or completely after it.
      const work = async (change: TeamChange): Promise<Invitation> => {
        const shown = await this.#visibleTo(tx, viewer, change.team.id);
        const invitation =
          named && shown && (await tx.invitation.findFirst({ where: { AND: [{ id: named.id }, shown] } }));
        if (!invitation) throw userError('INVITATION_NOT_FOUND', 'invitationId');
        const state = stateOf(invitation);
        if (state === 'REVOKED') return invitation; // a repeated request
        if (state !== 'PENDING') throw userError('INVITATION_NOT_OPEN', 'invitationId');
        return close(change, invitation, 'REVOKED', userId);
      };
      const none = missing('INVITATION_NOT_FOUND', 'invitationId');
      return changeTeam(tx, emit, named?.teamId, none, work, { alsoDisbanded: true });
    });
  }

  /** The invitations among these that the viewer may see, as the invited user or by {@link #visibleTo}. */
  async byIds(viewer: Principal, ids: readonly string[]): Promise<Map<string, Invitation>> {
    const userId = viewerOf(viewer);
    if (!userId) return new Map();
    const invitations = await this.prisma.invitation.findMany({ where: { id: { in: [...ids] } } });
    const shown = await this.#visibleByTeam(this.prisma, viewer, [...new Set(invitations.map(({ teamId }) => teamId))]);
    const isShown = ({ teamId, inviterId, inviteeId }: Invitation): boolean => {
      const by = shown.get(teamId);
      return inviteeId === userId || (by !== undefined && (by.inviterId === undefined || by.inviterId === inviterId));
    };
    return new Map(invitations.flatMap((invitation) => (isShown(invitation) ? [[invitation.id, invitation]] : [])));
  }

  /**
   * A condition for the invitations of the team that the viewer may see and revoke: all for the owner and
   * administrators, their own for captains. Null for everybody else.
   */
  async #visibleTo(db: Prisma.TransactionClient, viewer: Principal, teamId: string | null): Promise<Visible | null> {
    return teamId === null ? null : ((await this.#visibleByTeam(db, viewer, [teamId])).get(teamId) ?? null);
  }

  /** {@link InvitationsService.#visibleTo} for several teams, by team id. A team without access is missing. */
  async #visibleByTeam(
    db: Prisma.TransactionClient,
    viewer: Principal,
    teamIds: readonly string[],
  ): Promise<Map<string, Visible>> {
    const userId = viewerOf(viewer);
    if (!userId) return new Map();
    if (hasRole(viewer, 'admin')) return new Map(teamIds.map((teamId) => [teamId, { teamId }]));
    const memberships = await db.membership.findMany({
      where: { teamId: { in: [...teamIds] }, userId, leftAt: null, role: { in: LEADING } },
    });
    return new Map(
      memberships.map(({ teamId, role }) => [teamId, role === 'OWNER' ? { teamId } : { teamId, inviterId: userId }]),
    );
  }
}

/** A condition on invitations. */
interface Visible {
  readonly teamId: string;
  readonly inviterId?: string;
}

interface InvitationsArgs extends PageArgs {
  readonly teamId: string;
  readonly state?: InvitationState | null;
}

/** Makes the invited user a member. */
export async function enter(change: TeamChange, invitation: Invitation): Promise<void> {
  const { inviteeId: userId, inviterId, role, squadNumber } = invitation;
  await admit(change, { userId, role, squadNumber });
  await close(change, invitation, 'ACCEPTED', userId);
  await closeJoinRequests(change, { userId }, 'ACCEPTED', inviterId);
}

async function close(
  change: TeamChange,
  { id }: Invitation,
  state: Exclude<InvitationState, 'PENDING'>,
  byUserId: string,
): Promise<Invitation> {
  const [closed] = await closeInvitations(change, { id }, state, byUserId);
  if (!closed) throw new Error('the invitation was closed although its team is locked');
  return closed;
}

const missing = (reason: 'TEAM_NOT_FOUND' | 'INVITATION_NOT_FOUND', field: string) => (): Error =>
  userError(reason, field);

function byId(globalId: string): { id: string } | null {
  const id = fromGlobalId('Invitation', globalId);
  return id === null ? null : { id };
}
