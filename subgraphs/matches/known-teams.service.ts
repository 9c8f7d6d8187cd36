import { Inject, Injectable } from '@nestjs/common';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { readOwnCopy } from '../../platform/questions/own-copy.ts';
import { NoAnswer } from '../../platform/questions/definition.ts';
import { type Questions, whereTrue } from '../../platform/questions/questions.ts';
import { QUESTIONS, TIMERS } from '../../platform/injection/tokens.ts';
import type { Timers } from '../../platform/messaging/timers/timers.ts';
import { TeamExists } from '../../schema/questions/teams.ts';
import { CancelFriendlies } from './disbanded-teams.ts';
import { type KnownTeam, type Prisma, PrismaClient } from './generated/prisma/client.ts';

/** This subgraph's copy of teams, built from their events. */
@Injectable()
export class KnownTeamsService {
  constructor(
    private readonly prisma: PrismaClient,
    @Inject(QUESTIONS) private readonly questions: Questions,
    @Inject(TIMERS) private readonly timers: Timers,
  ) {}

  /**
   * The teams with these ids. The map lacks teams that do not exist. If the own copy lacks a team that the subgraph
   * teams has, the event is still on its way: this method waits for it, at most 2 s.
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

  /** Stores a team. If it is disbanded, its friendlies that have not begun are cancelled afterwards. */
  async keep(
    tx: Prisma.TransactionClient,
    { teamId: id, name, sport, disbandedAt }: { teamId: string; name: string; sport: string; disbandedAt?: string },
  ): Promise<void> {
    await tx.knownTeam.upsert({ where: { id }, create: { id, name, sport }, update: { name, sport } });
    if (disbandedAt !== undefined) await this.disband(tx, { teamId: id, disbandedAt });
  }

  /** Notes that the team is disbanded. Its friendlies that have not begun are cancelled afterwards. */
  async disband(
    tx: Prisma.TransactionClient,
    { teamId, disbandedAt }: { teamId: string; disbandedAt: string },
  ): Promise<void> {
    // Waits for `refuseDisbanded` of transactions that schedule a match of the team. So the timer sees these matches.
    await tx.knownTeam.updateMany({ where: { id: teamId }, data: { disbandedAt: new Date(disbandedAt) } });
    await this.timers.set(tx, CancelFriendlies, { key: teamId, after: 0, payload: { teamId } });
  }
}
