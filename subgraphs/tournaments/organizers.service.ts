import { Inject, Injectable } from '@nestjs/common';
import { fromGlobalId } from '../../platform/graphql/global-id.ts';
import { parseInput } from '../../platform/graphql/input.ts';
import { type Principal, requireUser } from '../../platform/identity/principal.ts';
import { OUTBOX, QUESTIONS } from '../../platform/injection/tokens.ts';
import type { Outbox } from '../../platform/messaging/outbox/outbox.ts';
import { answerOf, type Questions } from '../../platform/questions/questions.ts';
import { OrganizersChanged } from '../../schema/messages/tournaments.ts';
import { UserExists } from '../../schema/questions/users.ts';
import { PrismaClient, type Tournament } from './generated/prisma/client.ts';
import { organizerInput } from './inputs.ts';
import { userError } from './reasons.ts';
import { append, factsOf, happened, type Happening, lockAsOrganizer, requireNotOver } from './record.ts';

const MAX_ORGANIZERS = 20;

/** Appoints and removes organizers, who may change a tournament. The creator always stays an organizer. */
@Injectable()
export class OrganizersService {
  constructor(
    private readonly prisma: PrismaClient,
    @Inject(OUTBOX) private readonly outbox: Outbox,
    @Inject(QUESTIONS) private readonly questions: Questions,
  ) {}

  /**
   * Makes a user an organizer. Organizers and administrators may do this, unless the tournament is archived or
   * cancelled; only organizers may change a draft. Refused if the tournament has 20 organizers. A user who is an
   * organizer already stays one.
   * @throws UserErrors; NoAnswer when users cannot answer now
   */
  async appoint(viewer: Principal, input: unknown): Promise<Tournament> {
    const { userId: appointedBy } = requireUser(viewer);
    const { tournamentId, userId: globalId } = parseInput(organizerInput, input);
    const userId = fromGlobalId('User', globalId);
    const [exists] = await Promise.allSettled([userId !== null && this.questions.ask(UserExists, globalId)]);
    return this.outbox.transaction(this.prisma, async (tx, emit) => {
      const tournament = await lockAsOrganizer(tx, viewer, tournamentId);
      requireNotOver(tournament, 'tournamentId', 'COMPLETED');
      if (!answerOf(exists) || userId === null) throw userError('USER_NOT_FOUND', 'userId');
      const organizers = await tx.organizer.findMany({ where: { tournamentId: tournament.id } });
      if (organizers.some((one) => one.userId === userId)) return tournament;
      if (organizers.length >= MAX_ORGANIZERS) throw userError('TOO_MANY', { max: MAX_ORGANIZERS }, 'userId');
      await tx.organizer.create({ data: { tournamentId: tournament.id, userId, appointedBy } });
      const facts = factsOf(tournament, [...organizers, { userId }]);
      return append(tx, emit, tournament, [
        happened(OrganizersChanged, { ...facts, appointed: userId, removed: null }) as Happening,
      ]);
    });
  }

  /**
   * Removes an organizer, but never the creator. Organizers and administrators may do this, unless the tournament is
   * archived or cancelled; only organizers may change a draft. An organizer may also remove themselves.
   * @throws UserErrors
   */
  async remove(viewer: Principal, input: unknown): Promise<Tournament> {
    requireUser(viewer);
    const { tournamentId, userId: globalId } = parseInput(organizerInput, input);
    const userId = fromGlobalId('User', globalId);
    return this.outbox.transaction(this.prisma, async (tx, emit) => {
      const tournament = await lockAsOrganizer(tx, viewer, tournamentId);
      requireNotOver(tournament, 'tournamentId', 'COMPLETED');
      if (userId === tournament.creatorId) throw userError('CREATOR_STAYS', 'userId');
      const organizers = await tx.organizer.findMany({ where: { tournamentId: tournament.id } });
      const rest = organizers.filter((one) => one.userId !== userId);
      if (userId === null || rest.length === organizers.length) throw userError('USER_NOT_FOUND', 'userId');
      await tx.organizer.delete({ where: { tournamentId_userId: { tournamentId: tournament.id, userId } } });
      return append(tx, emit, tournament, [
        happened(OrganizersChanged, { ...factsOf(tournament, rest), appointed: null, removed: userId }) as Happening,
      ]);
    });
  }
}
