import { randomUUID } from 'node:crypto';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { openService, type person, rateLimits } from '../../platform/testing/service.testing.ts';
import { EntriesService } from './entries.service.ts';
import { EventsService } from './events.service.ts';
import { PrismaClient, type Tournament } from './generated/prisma/client.ts';
import { PlanService } from './plan.service.ts';
import { TournamentsService } from './tournaments.service.ts';

export type Person = ReturnType<typeof person>;
export const tournamentIdOf = ({ id }: Pick<Tournament, 'id'>): string => toGlobalId('Tournament', id);

/** The least input of createTournament. */
export const yardCup = {
  name: 'Yard Cup',
  sport: 'FOOTBALL',
  timeZone: 'Europe/Berlin',
  startsAt: new Date('2030-06-01T08:00:00Z'),
};

/** The services on a database of their own. */
export async function openTournaments(limits = rateLimits()) {
  const opened = await openService('tournaments', PrismaClient);
  const { prisma, outbox } = opened;
  const service = new TournamentsService(prisma, outbox, limits);
  return {
    ...opened,
    service,
    entries: new EntriesService(prisma),
    plan: new PlanService(prisma),
    events: new EventsService(prisma, opened.live),
    made: (owner: Person, more: object = {}): Promise<Tournament> =>
      service.create(owner, { clientId: randomUUID(), ...yardCup, ...more }),
    /** Writes the state into the row. */
    put: ({ id }: Tournament, state: Tournament['state']): Promise<Tournament> =>
      prisma.tournament.update({ where: { id }, data: { state } }),
    async toldOf({ id }: Pick<Tournament, 'id'>) {
      return (await opened.told()).events.filter(({ key }) => key === id);
    },
  };
}
