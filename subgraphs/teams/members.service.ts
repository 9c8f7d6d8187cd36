import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { fromGlobalId } from '../../platform/graphql/global-id.ts';
import { parseInput } from '../../platform/graphql/input.ts';
import type { RateLimits } from '../../platform/http/rate-limits.ts';
import { hasRole, type Principal, requireUser } from '../../platform/identity/principal.ts';
import { OUTBOX, RATE_LIMITS } from '../../platform/injection/tokens.ts';
import type { LimitsOf } from '../../platform/manifest/manifest.ts';
import type { Outbox } from '../../platform/messaging/outbox/outbox.ts';
import { MemberLeftTeam, MemberRoleChanged, TeamDisbanded } from '../../schema/messages/teams.ts';
import { closeJoinRequests } from './admission.ts';
import { type Membership, PrismaClient, type Team } from './generated/prisma/client.ts';
import type { MembershipRole } from './generated/prisma/enums.ts';
import { closeInvitations, leads, revokeSentBy } from './invitations.ts';
import { userError } from './reasons.ts';
import type manifest from './subgraph.ts';
import { changeTeam, type TeamChange } from './team-changes.ts';

export const leaveInput = z.object({ teamId: z.string() });
export const disbandInput = z.object({ teamId: z.string() });
export const memberInput = z.object({ teamId: z.string(), userId: z.string() });
export const changeRoleInput = memberInput.extend({ role: z.enum(['CAPTAIN', 'COACH', 'PLAYER']) });

/** Changes of members: their roles, and how they leave, also all of them. Invitations and join requests admit members. */
@Injectable()
export class MembersService {
  constructor(
    private readonly prisma: PrismaClient,
    @Inject(OUTBOX) private readonly outbox: Outbox,
    @Inject(RATE_LIMITS) private readonly limits: RateLimits<LimitsOf<typeof manifest>>,
  ) {}

  /**
   * Ends the viewer's membership. A repeated call changes nothing.
   * @throws UserErrors, also CONFLICT for the owner, who can transfer the ownership or disband the team; RATE_LIMITED
   */
  async leave(viewer: Principal, input: unknown): Promise<Team> {
    const { userId } = requireUser(viewer);
    const { teamId } = parseInput(leaveInput, input);
    await this.limits.take('changeMembers', userId, viewer.clientAddress);
    const work = async (change: TeamChange): Promise<Team> => {
      const membership = await newestOf(change, userId);
      if (!membership) throw userError('NOT_A_MEMBER', 'teamId');
      // Otherwise the request is a repeated one.
      if (!membership.leftAt) await this.#end(change, membership, userId, 'teamId');
      return change.team;
    };
    return this.#change(teamId, 'NOT_A_MEMBER', work, { alsoDisbanded: true });
  }

  /**
   * Ends the team: its memberships, invitations and join requests. The owner of the team and administrators of the
   * platform may do this. A repeated request of the former owner or of an administrator changes nothing. Other services
   * follow TeamDisbanded, which is the last event of the team.
   * @throws UserErrors, RATE_LIMITED
   */
  async disband(viewer: Principal, input: unknown): Promise<Team> {
    const { userId } = requireUser(viewer);
    const { teamId } = parseInput(disbandInput, input);
    await this.limits.take('changeMembers', userId, viewer.clientAddress);
    const work = async (change: TeamChange): Promise<Team> => {
      // The membership of the last owner ended when the team was disbanded, and keeps its role.
      const mine = await newestOf(change, userId);
      const isOwner = mine?.role === 'OWNER' && (mine.leftAt === null || change.team.disbandedAt !== null);
      if (!isOwner && !hasRole(viewer, 'admin')) throw userError('NOT_THE_OWNER', 'teamId');
      return change.team.disbandedAt ? change.team : this.#disband(change, userId);
    };
    return this.#change(teamId, 'TEAM_NOT_FOUND', work, { alsoDisbanded: true });
  }

  async #disband(change: TeamChange, byUserId: string): Promise<Team> {
    const { tx, team } = change;
    const disbandedAt = new Date();
    await closeInvitations(change, { expiresAt: { lte: disbandedAt } }, 'EXPIRED', null);
    await closeInvitations(change, {}, 'REVOKED', byUserId);
    await closeJoinRequests(change, {}, 'DECLINED', byUserId);
    const ended = await tx.membership.updateManyAndReturn({
      where: { teamId: team.id, leftAt: null },
      data: { leftAt: disbandedAt },
    });
    for (const { userId, role } of ended)
      change.tell(MemberLeftTeam, {
        userId,
        role,
        ...(userId === byUserId ? {} : { removedById: byUserId }),
        disbanded: true,
      });
    const disbanded = await tx.team.update({ where: { id: team.id }, data: { disbandedAt } });
    change.tell(TeamDisbanded, { byUserId, disbandedAt: disbandedAt.toISOString() });
    return disbanded;
  }

  /**
   * Removes a member. The owner of the team and administrators of the platform may remove all members except the owner.
   * A captain may remove players and coaches. All members except the owner may remove themselves. A repeated request
   * changes nothing.
   * @throws UserErrors, RATE_LIMITED
   */
  async remove(viewer: Principal, input: unknown): Promise<Team> {
    const { userId } = requireUser(viewer);
    const { teamId, userId: globalId } = parseInput(memberInput, input);
    await this.limits.take('changeMembers', userId, viewer.clientAddress);
    return this.#change(teamId, 'TEAM_NOT_FOUND', async (change) => {
      const target = fromGlobalId('User', globalId);
      const isSelf = target === userId;
      const mine = await change.memberOf(userId);
      if (!isSelf) requireLeader(viewer, mine);
      const membership = target === null ? null : await newestOf(change, target);
      if (!membership) throw userError('MEMBER_NOT_FOUND', 'userId');
      if (membership.leftAt) return change.team;
      if (!isSelf) requireOver(viewer, mine, membership, 'OWNER_CANNOT_LEAVE');
      await this.#end(change, membership, userId, 'userId');
      return change.team;
    });
  }

  /**
   * Gives a member another role. The owner of the team and administrators of the platform may do this with all members
   * except the owner. A captain may do it with players and coaches, and may make them captains too, because a captain
   * may also invite captains. A captain may also give up the role of captain. A repeated request changes nothing.
   * @throws UserErrors, RATE_LIMITED
   */
  async changeRole(viewer: Principal, input: unknown): Promise<Membership> {
    const { userId } = requireUser(viewer);
    const { teamId, userId: globalId, role } = parseInput(changeRoleInput, input);
    await this.limits.take('changeMembers', userId, viewer.clientAddress);
    return this.#change(teamId, 'TEAM_NOT_FOUND', async (change) => {
      const target = fromGlobalId('User', globalId);
      const isSelf = target === userId;
      const mine = await change.memberOf(userId);
      if (isSelf && mine?.role === role) return mine; // a captain who gave up the role asks again
      requireLeader(viewer, mine);
      const membership = target === null ? null : await change.memberOf(target);
      if (!membership) throw userError('MEMBER_NOT_FOUND', 'userId');
      if (membership.role === role) return membership;
      if (!isSelf || membership.role === 'OWNER') requireOver(viewer, mine, membership, 'OWNER_KEEPS_ROLE');
      return this.#give(change, membership, role, userId);
    });
  }

  /**
   * Makes another member the owner. The owner of the team and administrators of the platform may do this. The previous
   * owner becomes a captain. A repeated request changes nothing.
   * @throws UserErrors, RATE_LIMITED
   */
  async transfer(viewer: Principal, input: unknown): Promise<Team> {
    const { userId } = requireUser(viewer);
    const { teamId, userId: globalId } = parseInput(memberInput, input);
    await this.limits.take('changeMembers', userId, viewer.clientAddress);
    return this.#change(teamId, 'TEAM_NOT_FOUND', async (change) => {
      const mine = await change.memberOf(userId);
      const target = fromGlobalId('User', globalId);
      const membership = target === null ? null : await change.memberOf(target);
      // A repeated request of the previous owner, who is a captain now, gets the same answer.
      if (membership?.role === 'OWNER' && (leads(mine) || hasRole(viewer, 'admin'))) return change.team;
      if (mine?.role !== 'OWNER' && !hasRole(viewer, 'admin')) throw userError('NOT_THE_OWNER', 'teamId');
      if (!membership) throw userError('MEMBER_NOT_FOUND', 'userId');
      const owner = await change.tx.membership.findFirst({
        where: { teamId: change.team.id, role: 'OWNER', leftAt: null },
      });
      // The old owner loses the role before the new one gets it, because a unique index allows one owner at a time.
      if (owner) await this.#give(change, owner, 'CAPTAIN', userId);
      await this.#give(change, membership, 'OWNER', userId);
      return change.team;
    });
  }

  #change<R>(
    teamId: string,
    missing: 'TEAM_NOT_FOUND' | 'NOT_A_MEMBER',
    work: (change: TeamChange) => Promise<R>,
    options: Parameters<typeof changeTeam>[5] = {},
  ): Promise<R> {
    return this.outbox.transaction(this.prisma, (tx, emit) =>
      changeTeam(tx, emit, fromGlobalId('Team', teamId), () => userError(missing, 'teamId'), work, options),
    );
  }

  async #give(change: TeamChange, member: Membership, role: MembershipRole, byUserId: string): Promise<Membership> {
    const { id, userId, role: previousRole } = member;
    const changed = await change.tx.membership.update({ where: { id }, data: { role } });
    change.tell(MemberRoleChanged, { userId, role, previousRole, byUserId });
    if (!leads(changed)) await revokeSentBy(change, userId, byUserId);
    return changed;
  }

  /** @throws UserErrors for the owner */
  async #end(change: TeamChange, { id, userId, role }: Membership, byUserId: string, field: string): Promise<void> {
    if (role === 'OWNER') throw userError('OWNER_CANNOT_LEAVE', field);
    await change.tx.membership.update({ where: { id }, data: { leftAt: new Date() } });
    change.tell(MemberLeftTeam, { userId, role, ...(byUserId === userId ? {} : { removedById: byUserId }) });
    await revokeSentBy(change, userId, byUserId);
  }
}

/** The active membership first, then the newest ended one: a user may have joined and left several times. */
const newestOf = ({ tx, team }: TeamChange, userId: string): Promise<Membership | null> =>
  tx.membership.findFirst({
    where: { teamId: team.id, userId },
    orderBy: { leftAt: { sort: 'desc', nulls: 'first' } },
  });

/** Checks the right to change members. @throws UserErrors unless the viewer leads the team or is an administrator */
function requireLeader(viewer: Principal, mine: Membership | null): void {
  if (!leads(mine) && !hasRole(viewer, 'admin')) throw userError('MAY_NOT_CHANGE_MEMBERS', 'teamId');
}

/**
 * Checks the right to change this member. @throws UserErrors when the other member is the owner, or a captain and the
 * viewer is only a captain
 */
function requireOver(
  viewer: Principal,
  mine: Membership | null,
  { role }: Membership,
  reason: 'OWNER_CANNOT_LEAVE' | 'OWNER_KEEPS_ROLE',
): void {
  const isAbove = mine?.role === 'OWNER' || hasRole(viewer, 'admin');
  if (leads({ role }) && !isAbove) throw userError('MAY_NOT_CHANGE_LEADERS', 'userId');
  if (role === 'OWNER') throw userError(reason, 'userId');
}
