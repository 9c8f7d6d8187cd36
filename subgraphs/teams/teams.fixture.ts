import { randomUUID } from 'node:crypto';
import { createCache } from 'cache-manager';
import { countInto } from '../../platform/cache/cache.utils.ts';
import { memoryStore } from '../../platform/cache/memory-store.ts';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import type { Principal } from '../../platform/identity/principal.ts';
import { Timers } from '../../platform/messaging/timers/timers.ts';
import { NoAnswer } from '../../platform/questions/definition.ts';
import { questionsTo } from '../../platform/testing/questions.testing.ts';
import { ProfileHidden } from '../../schema/questions/users.ts';
import { openService, person, rateLimits } from '../../platform/testing/service.testing.ts';
import { Metrics } from '../../platform/observability/metrics.ts';
import { PrismaClient, type Team } from './generated/prisma/client.ts';
import { InvitationsService } from './invitations.service.ts';
import { JoinRequestsService } from './join-requests.service.ts';
import { MembersService } from './members.service.ts';
import { TeamsService } from './teams.service.ts';
import { TeamsTimers } from './timers.ts';

export type Person = ReturnType<typeof person>;
export const teamIdOf = ({ id }: Team): string => toGlobalId('Team', id);
export const userIdOf = ({ userId }: Person): string => toGlobalId('User', userId);

/** Creates the services with a database of their own. */
export async function openTeams(limits = rateLimits()) {
  const service = await openService('teams', PrismaClient);
  const cache = createCache({ stores: [memoryStore()] });
  countInto(new Metrics('teams'), cache);
  /**
   * Fakes the answers of users: all users exist except `missing`, and the profiles of `hidden` are hidden from all
   * viewers. `asked` records each question about profiles: the viewer and the number of profiles. While `away` is true,
   * no question is answered.
   */
  const elsewhere = {
    missing: new Set<string>(),
    hidden: new Set<string>(),
    away: false,
    asked: [] as [string | undefined, number][],
  };
  const questions = questionsTo(({ to, field }, ids, viewer) => {
    const isAboutProfiles = field === ProfileHidden.field;
    if (isAboutProfiles) elsewhere.asked.push([viewer?.userId, ids.length]);
    if (elsewhere.away) throw new NoAnswer(`${to} is away`);
    return ids.map((id) => (isAboutProfiles ? elsewhere.hidden.has(String(id)) : !elsewhere.missing.has(String(id))));
  });
  const teams = new TeamsService(service.prisma, service.outbox, cache, limits, questions);
  /** The time by the clock of timers. */
  const clock = { now: Date.now() };
  const timers = new Timers({ url: service.url, outbox: service.outbox, clock: () => clock.now });
  const invitations = new InvitationsService(service.prisma, service.outbox, limits, questions, timers);
  const joinRequests = new JoinRequestsService(service.prisma, service.outbox, limits);
  const members = new MembersService(service.prisma, service.outbox, limits);
  const runner = new TeamsTimers(timers, service.prisma, invitations).runner();

  const invite = (viewer: Principal, team: Team, invitee: Person, more: object = {}) =>
    invitations.invite(viewer, { teamId: teamIdOf(team), userId: userIdOf(invitee), role: 'PLAYER', ...more });
  return {
    ...service,
    cache,
    teams,
    invitations,
    joinRequests,
    members,
    timers,
    /** The events of a team: type, seq, payload. */
    async eventsOf({ id }: Team): Promise<[string, number, unknown][]> {
      const { events } = await service.told();
      return events.filter(({ key }) => key === id).map(({ type, seq, payload }) => [type, seq, payload]);
    },
    /** Fires the timers that are due at this time. */
    async fire(at: Date): Promise<void> {
      clock.now = at.getTime();
      await runner.fireDue();
    },
    invite,
    elsewhere,
    questions,
    createTeam: (owner: Person, more: object = {}): Promise<Team> =>
      teams.create(owner, { clientId: randomUUID(), name: 'Yard Foxes', sport: 'FOOTBALL', ...more }),
    async join(owner: Person, team: Team, member: Person, more: object = {}): Promise<void> {
      const { token } = await invite(owner, team, member, more);
      await invitations.accept(member, { token });
    },
    async close(): Promise<void> {
      await timers.close();
      await service.close();
    },
  };
}
