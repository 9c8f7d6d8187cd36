import { createHash, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { fromGlobalId, toGlobalId } from '../../platform/graphql/global-id.ts';
import {
  boundsOf,
  type Counted,
  counted,
  cursorsOf,
  type PageArgs,
  readPage,
  toConnection,
} from '../../platform/graphql/connection.ts';
import { parseInput } from '../../platform/graphql/input.ts';
import { hasRole, type Principal, requireUser, viewerOf } from '../../platform/identity/principal.ts';
import type { Outbox } from '../../platform/messaging/outbox/outbox.ts';
import { answerOf, type Questions } from '../../platform/questions/questions.ts';
import type { RateLimits } from '../../platform/http/rate-limits.ts';
import type { LimitsOf } from '../../platform/manifest/manifest.ts';
import { OUTBOX, QUESTIONS, RATE_LIMITS } from '../../platform/injection/tokens.ts';
import { MemberJoinedTeam } from '../../schema/messages/teams.ts';
import { UserExists } from '../../schema/questions/users.ts';
import { type Invitation, type Prisma, PrismaClient, type Team } from './generated/prisma/client.ts';
import type { InvitationState } from './generated/prisma/enums.ts';
import { INVITING, inState, mayStillInvite, stateOf } from './invitations.ts';
import { userError } from './reasons.ts';
import { lockTeam, nextEvent } from './teams.service.ts';
import type manifest from './subgraph.ts';

export const inviteInput = z.object({
  teamId: z.string(),
  userId: z.string(),
  role: z.enum(['CAPTAIN', 'COACH', 'PLAYER']),
  squadNumber: z.int().min(0).max(99).nullish(),
});
export const acceptInput = z.object({ token: z.string().max(100) });
export const revokeInput = z.object({ invitationId: z.string() });
const invitationCursors = cursorsOf('Query.invitations by id', z.tuple([z.uuid()]));

/** How long an invitation can be accepted. Milliseconds. */
const VALID_MS = 14 * 24 * 3_600_000;
const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

@Injectable()
export class InvitationsService {
  constructor(
    private readonly prisma: PrismaClient,
    @Inject(OUTBOX) private readonly outbox: Outbox,
    @Inject(RATE_LIMITS) private readonly limits: RateLimits<LimitsOf<typeof manifest>>,
    @Inject(QUESTIONS) private readonly questions: Questions,
  ) {}

  /**
   * Invites a user. Owners and captains may invite. Failed attempts count towards the limit too.
   * @throws UserErrors, RATE_LIMITED; NoAnswer when users does not answer whether the invitee exists
   */
  async invite(viewer: Principal, input: unknown): Promise<{ invitation: Invitation; token: string }> {
    const { userId } = requireUser(viewer);
    const { teamId: teamGlobalId, userId: inviteeGlobalId, role, squadNumber } = parseInput(inviteInput, input);
    await this.limits.take('inviteToTeam', userId, viewer.clientAddress);
    const teamId = fromGlobalId('Team', teamGlobalId);
    const inviteeId = fromGlobalId('User', inviteeGlobalId);
    if (!inviteeId) throw userError('USER_NOT_FOUND', 'userId');
    const token = randomBytes(24).toString('base64url');
    const now = new Date();
    // Asked before the team is locked. Otherwise other changes of the team would wait for the answer too.
    const [exists] = await Promise.allSettled([this.questions.ask(UserExists, toGlobalId('User', inviteeId))]);
    return this.prisma.$transaction(async (tx) => {
      const team = await lockTeam(tx, teamId);
      if (!team) throw userError('TEAM_NOT_FOUND', 'teamId');
      const memberships = await tx.membership.findMany({
        where: { teamId: team.id, leftAt: null, userId: { in: [userId, inviteeId] } },
      });
      const mine = memberships.find((membership) => membership.userId === userId);
      const asAdmin = !mine || !INVITING.includes(mine.role);
      if (asAdmin && !hasRole(viewer, 'admin')) throw userError('MAY_NOT_INVITE', 'teamId');
      if (!answerOf(exists)) throw userError('USER_NOT_FOUND', 'userId');
      if (memberships.some((membership) => membership.userId === inviteeId))
        throw userError('ALREADY_A_MEMBER', 'userId');
      const pending = { teamId: team.id, inviteeId, state: 'PENDING' as const };
      await tx.invitation.updateMany({ where: { ...pending, expiresAt: { lte: now } }, data: { state: 'EXPIRED' } });
      // A new invitation replaces a pending one, so an inviter whose invitee lost the token, or whose squad number is
      // taken by now, invites again.
      await tx.invitation.updateMany({ where: pending, data: { state: 'REVOKED' } });
      const expiresAt = new Date(now.getTime() + VALID_MS);
      const invitation = await tx.invitation.create({
        data: {
          ...pending,
          inviterId: userId,
          asAdmin,
          role,
          squadNumber: squadNumber ?? null,
          tokenHash: hashOf(token),
          expiresAt,
        },
      });
      return { invitation, token };
    });
  }

  /**
   * Only the invited user may accept, and only while the inviter may still invite. So a leaked token lets nobody else
   * in, and a token does not outlive its sender's right. @throws UserErrors
   */
  async accept(viewer: Principal, input: unknown): Promise<Team> {
    const { userId } = requireUser(viewer);
    const { token } = parseInput(acceptInput, input);
    return this.outbox.transaction(this.prisma, async (tx, emit) => {
      const invitation = await tx.invitation.findUnique({ where: { tokenHash: hashOf(token) } });
      if (invitation?.inviteeId !== userId) throw userError('INVITATION_NOT_FOUND', 'token');
      const { teamId, role, squadNumber: wanted } = invitation;
      const team = await lockTeam(tx, teamId);
      if (!team) throw userError('INVITATION_NOT_FOUND', 'token');
      const member = await tx.membership.findFirst({ where: { teamId, userId, leftAt: null } });
      // Changed under the team's lock, because the user may accept in two tabs at the same time.
      const accepted = await tx.invitation.updateMany({
        where: { id: invitation.id, state: 'PENDING', expiresAt: { gt: new Date() } },
        data: { state: 'ACCEPTED' },
      });
      if (accepted.count === 0) {
        const { state } = await tx.invitation.findUniqueOrThrow({ where: { id: invitation.id } });
        if (state === 'ACCEPTED' && member) return team; // a repeated request
        throw userError('INVITATION_NOT_OPEN', 'token');
      }
      if (!(await mayStillInvite(tx, invitation))) throw userError('INVITATION_NOT_OPEN', 'token');
      if (member) throw userError('ALREADY_A_MEMBER', 'token');
      const worn =
        wanted !== null && (await tx.membership.findFirst({ where: { teamId, squadNumber: wanted, leftAt: null } }));
      await tx.membership.create({ data: { teamId, userId, role, squadNumber: worn ? null : wanted } });
      const { lastSeq: seq } = await nextEvent(tx, teamId);
      emit(MemberJoinedTeam, { seq, payload: { teamId, userId, role } });
      return team;
    });
  }

  /**
   * The invitations, newest first. Null for a viewer who may not see any: see {@link InvitationsService.#visibleTo}.
   * @throws BAD_USER_INPUT, INVALID_CURSOR
   */
  async page(
    viewer: Principal,
    { teamId: globalId, state, ...args }: InvitationsArgs,
  ): Promise<Counted<Invitation> | null> {
    const shown = await this.#visibleTo(this.prisma, viewer, fromGlobalId('Team', globalId));
    if (!shown) return null;
    const page = readPage(args);
    const scope = { team: globalId, state };
    const { after: [after] = [], before: [before] = [] } = boundsOf(invitationCursors, scope, page);
    const filter: Prisma.InvitationWhereInput = { AND: [shown, state ? inState(state) : {}] };
    const invitations = await this.prisma.invitation.findMany({
      where: { AND: [filter, after ? { id: { lt: after } } : {}, before ? { id: { gt: before } } : {}] },
      orderBy: { id: page.backwards ? 'asc' : 'desc' },
      take: page.size + 1,
    });
    const connection = toConnection(invitations, page, (invitation) =>
      invitationCursors.encode(scope, [invitation.id]),
    );
    return counted(connection, (take) => this.prisma.invitation.count({ where: filter, take }));
  }

  /** Revokes an invitation. Every viewer who may see it may do so. A revoked one stays revoked. @throws UserErrors */
  async revoke(viewer: Principal, input: unknown): Promise<Invitation> {
    requireUser(viewer);
    const id = fromGlobalId('Invitation', parseInput(revokeInput, input).invitationId);
    return this.prisma.$transaction(async (tx) => {
      const named = id ? await tx.invitation.findUnique({ where: { id } }) : null;
      // With the lock, a concurrent acceptance happens completely before this change or completely after it.
      if (named) await lockTeam(tx, named.teamId);
      const shown = await this.#visibleTo(tx, viewer, named?.teamId ?? null);
      const invitation =
        named && shown && (await tx.invitation.findFirst({ where: { AND: [{ id: named.id }, shown] } }));
      if (!invitation) throw userError('INVITATION_NOT_FOUND', 'invitationId');
      const state = stateOf(invitation);
      if (state === 'REVOKED') return invitation; // a repeated request
      if (state !== 'PENDING') throw userError('INVITATION_NOT_OPEN', 'invitationId');
      return tx.invitation.update({ where: { id: invitation.id }, data: { state: 'REVOKED' } });
    });
  }

  /** The invitations among these that the viewer may see. */
  async byIds(viewer: Principal, ids: readonly string[]): Promise<Map<string, Invitation>> {
    const invitations = await this.prisma.invitation.findMany({ where: { id: { in: [...ids] } } });
    const shown = await this.#visibleByTeam(this.prisma, viewer, [...new Set(invitations.map(({ teamId }) => teamId))]);
    const isShown = ({ teamId, inviterId }: Invitation): boolean => {
      const by = shown.get(teamId);
      return by !== undefined && (by.inviterId === undefined || by.inviterId === inviterId);
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

  /** {@link InvitationsService.#visibleTo} by team. */
  async #visibleByTeam(
    db: Prisma.TransactionClient,
    viewer: Principal,
    teamIds: readonly string[],
  ): Promise<Map<string, Visible>> {
    const userId = viewerOf(viewer);
    if (!userId) return new Map();
    if (hasRole(viewer, 'admin')) return new Map(teamIds.map((teamId) => [teamId, { teamId }]));
    const memberships = await db.membership.findMany({
      where: { teamId: { in: [...teamIds] }, userId, leftAt: null, role: { in: INVITING } },
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
