import { Inject, Injectable } from '@nestjs/common';
import { batched } from '../../platform/graphql/loader.ts';
import { type Principal, viewerOf } from '../../platform/identity/principal.ts';
import { type Questions } from '../../platform/questions/questions.ts';
import { QUESTIONS } from '../../platform/injection/tokens.ts';
import { PrismaClient, type Protest } from './generated/prisma/client.ts';
import type { MatchProtest } from './mappers.ts';
import { isOrganizer, teamRoles } from './rights.ts';

/** Protests against results. */
@Injectable()
export class ProtestsService {
  readonly ofMatch = batched((matchIds) => this.newest(matchIds));

  constructor(
    private readonly prisma: PrismaClient,
    @Inject(QUESTIONS) private readonly questions: Questions,
  ) {}

  /** The newest protest of each match. Everybody may read it, except its reason. */
  async newest(matchIds: readonly string[]): Promise<Map<string, Protest>> {
    const protests = await this.prisma.protest.findMany({
      where: { matchId: { in: [...matchIds] } },
      orderBy: [{ matchId: 'asc' }, { madeAt: 'desc' }],
      distinct: ['matchId'],
    });
    return new Map(protests.map((protest) => [protest.matchId, protest]));
  }

  /**
   * The reason, for the user who protested, organizers of the match, administrators, and captains and owners of its
   * teams. Null for other viewers.
   * @throws NoAnswer when teams does not answer
   */
  async reason(viewer: Principal, { match, reason, madeBy }: MatchProtest): Promise<string | null> {
    const userId = viewerOf(viewer);
    if (userId === undefined) return null;
    if (userId === madeBy || (await isOrganizer(this.prisma, viewer, match))) return reason;
    const roles = await teamRoles(this.questions, viewer, match);
    return roles.sides('OWNER', 'CAPTAIN').length > 0 ? reason : null;
  }
}
