import { Inject, Injectable } from '@nestjs/common';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { readOwnCopy } from '../../platform/questions/own-copy.ts';
import { NoAnswer } from '../../platform/questions/definition.ts';
import { type Questions, whereTrue } from '../../platform/questions/questions.ts';
import { QUESTIONS } from '../../platform/injection/tokens.ts';
import { TeamExists } from '../../schema/questions/teams.ts';
import { type KnownTeam, type Prisma, PrismaClient } from './generated/prisma/client.ts';

/** This subgraph's copy of teams, built from their events. */
@Injectable()
export class KnownTeamsService {
  constructor(
    private readonly prisma: PrismaClient,
    @Inject(QUESTIONS) private readonly questions: Questions,
  ) {}

  /**
   * The teams with these ids. Teams that do not exist are missing. A team may be so new that its event has not arrived:
   * if the subgraph teams has it, this method waits for the event.
   * @throws NoAnswer when teams does not answer, or when the event does not arrive in time
   */
  async byIds(ids: readonly string[]): Promise<ReadonlyMap<string, KnownTeam>> {
    const read = async (): Promise<Map<string, KnownTeam>> =>
      new Map(
        (await this.prisma.knownTeam.findMany({ where: { id: { in: [...ids] } } })).map((team) => [team.id, team]),
      );
    const known = await read();
    const unknown = ids.filter((id) => !known.has(id));
    if (unknown.length === 0) return known;
    const coming = await whereTrue(
      unknown,
      this.questions.askAll(
        TeamExists,
        unknown.map((id) => toGlobalId('Team', id)),
      ),
    );
    if (coming.length === 0) return known;
    const caughtUp = await readOwnCopy(read, (teams) => coming.every((id) => teams.has(id)));
    const late = coming.filter((id) => !caughtUp.has(id));
    if (late.length > 0) throw new NoAnswer(`the events of the teams ${late.join(', ')} have not come yet`);
    return caughtUp;
  }

  async keep(
    tx: Prisma.TransactionClient,
    { teamId: id, name, sport }: { teamId: string; name: string; sport: string },
  ): Promise<void> {
    await tx.knownTeam.upsert({ where: { id }, create: { id, name, sport }, update: { name, sport } });
  }
}
