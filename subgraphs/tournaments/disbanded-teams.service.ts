import { Inject, Injectable } from '@nestjs/common';
import { TIMERS } from '../../platform/injection/tokens.ts';
import type { Emit } from '../../platform/messaging/outbox/outbox.ts';
import type { Timers } from '../../platform/messaging/timers/timers.ts';
import { isOneOf, OPEN } from './entries.ts';
import type { Prisma } from './generated/prisma/client.ts';
import { leave } from './leaving.ts';
import { userError } from './reasons.ts';
import { lock } from './record.ts';
import { WithdrawDisbanded } from './timers.ts';

type Tx = Prisma.TransactionClient;

/** The states in which a team can leave a tournament. */
export const LEAVABLE = ['REGISTRATION', 'CHECK_IN', 'SEEDED', 'RUNNING'] as const;

/** Withdraws disbanded teams from tournaments. */
@Injectable()
export class DisbandedTeamsService {
  constructor(@Inject(TIMERS) private readonly timers: Timers) {}

  /**
   * Notes that the team is disbanded, and sets a timer for each entry that must be withdrawn. Each has a transaction
   * of its own, because a withdrawal locks its tournament and may change every match of a stage.
   */
  async note(tx: Tx, { teamId, disbandedAt }: { teamId: string; disbandedAt: string }): Promise<void> {
    await lockTeam(tx, teamId);
    const at = new Date(disbandedAt);
    await tx.disbandedTeam.createMany({ data: [{ id: teamId, disbandedAt: at }], skipDuplicates: true });
    const entries = await tx.entry.findMany({
      where: { teamId, state: { in: [...OPEN] }, tournament: { state: { in: [...LEAVABLE] } } },
      select: { id: true },
    });
    for (const { id: entryId } of entries)
      await this.timers.set(tx, WithdrawDisbanded, { key: entryId, after: 0, payload: { entryId } });
  }
}

/** The handler of {@link WithdrawDisbanded}: withdraws the entry by the rules for a team that withdraws itself. */
export async function withdrawDisbanded(tx: Tx, emit: Emit, entryId: string): Promise<void> {
  const found = await tx.entry.findUnique({ where: { id: entryId } });
  const tournament = found && (await lock(tx, found.tournamentId));
  const entry = tournament && (await tx.entry.findUnique({ where: { id: entryId } }));
  if (!entry || !isOneOf(OPEN, entry.state) || !(LEAVABLE as readonly string[]).includes(tournament.state)) return;
  await leave(tx, emit, tournament, entry, 'WITHDRAWN', null);
}

/**
 * Refuses a disbanded team. The caller has called {@link lockTeam} at the beginning of the transaction.
 * @throws UserErrors CONFLICT
 */
export async function refuseDisbanded(tx: Tx, teamId: string): Promise<void> {
  if (await tx.disbandedTeam.findUnique({ where: { id: teamId } })) throw userError('TEAM_DISBANDED', 'teamId');
}

/**
 * Lets an entry and the end of its team happen one after the other. So an entry is either refused, or found and
 * withdrawn. There is no row for every team, so this locks the name. Lock it before the tournament.
 */
export async function lockTeam(tx: Tx, teamId: string): Promise<void> {
  await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended('tournaments.teams.' || ${teamId}::text, 0))::text`;
}
