import type { EventDefinition } from '../../platform/messaging/definitions.ts';
import type { Emit } from '../../platform/messaging/outbox/outbox.ts';
import type { Membership, Prisma, Team } from './generated/prisma/client.ts';
import { userError } from './reasons.ts';

/** The payload of an event of a team, without the team's id. */
type Told<D> = D extends EventDefinition<infer T> ? Omit<T, 'teamId'> : never;

/** A change of one team inside a transaction. The team is locked until the transaction ends. */
export class TeamChange {
  #seq: number;

  constructor(
    readonly tx: Prisma.TransactionClient,
    readonly team: Team,
    private readonly emit: Emit,
  ) {
    this.#seq = team.lastSeq;
  }

  /**
   * Emits the next event of the team. {@link changeTeam} stores the `seq` of the last event when the change is done.
   */
  tell<D extends EventDefinition<unknown>>(definition: D, payload: Told<D>): void {
    this.emit<EventDefinition<unknown>>(definition, {
      seq: ++this.#seq,
      payload: { teamId: this.team.id, ...(payload as object) },
    });
  }

  /** The active membership of the user. Null when the user is not a member. */
  memberOf(userId: string): Promise<Membership | null> {
    return this.tx.membership.findFirst({ where: { teamId: this.team.id, userId, leftAt: null } });
  }

  async end(): Promise<void> {
    const { id, lastSeq } = this.team;
    if (this.#seq > lastSeq) await this.tx.team.update({ where: { id }, data: { lastSeq: this.#seq } });
  }
}

/**
 * Locks the team and changes it, so that changes of its members, invitations and join requests happen one after the
 * other, and `seq` has no gaps.
 *
 * @param options.alsoDisbanded whether `work` runs for a disbanded team too. Such a team has no members, and no open
 *   invitations or join requests: so this is for work that can only find that nothing is left to do.
 * @throws the error of `missing` when there is no such team; UserErrors CONFLICT at `teamId` when it is disbanded
 */
export async function changeTeam<R>(
  tx: Prisma.TransactionClient,
  emit: Emit,
  teamId: string | null | undefined,
  missing: () => Error,
  work: (change: TeamChange) => Promise<R>,
  { alsoDisbanded = false }: { readonly alsoDisbanded?: boolean } = {},
): Promise<R> {
  if (!teamId) throw missing();
  // The row is locked and read by two statements. The second one sees changes that were committed while the first one
  // waited for the lock.
  await tx.$queryRaw`SELECT id FROM teams.teams WHERE id = ${teamId}::uuid FOR NO KEY UPDATE`;
  const team = await tx.team.findUnique({ where: { id: teamId } });
  if (!team) throw missing();
  if (team.disbandedAt && !alsoDisbanded) throw userError('TEAM_DISBANDED', 'teamId');
  const change = new TeamChange(tx, team, emit);
  const result = await work(change);
  await change.end();
  return result;
}
