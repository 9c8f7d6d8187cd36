import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { GraphQLError } from 'graphql';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { UserErrors } from '../../platform/graphql/user-errors.ts';
import { ANONYMOUS, type Principal } from '../../platform/identity/principal.ts';
import { person } from '../../platform/testing/service.testing.ts';
import { entryIdOf, openTournaments, tournamentIdOf, yardCup } from './tournaments.fixture.ts';

let t: Awaited<ReturnType<typeof openTournaments>>;
beforeAll(async () => {
  t = await openTournaments();
});
afterAll(() => t.close());

const ROLES = [
  'guest',
  'user',
  'member',
  'captain',
  'owner',
  'organizer',
  'appointed organizer',
  'organizer of another tournament',
  'referee',
  'admin',
] as const;
type Role = (typeof ROLES)[number];

/** A tournament in the given state, with a team in it and a person of each role except guest. */
async function scene(state: 'DRAFT' | 'REGISTRATION' | 'CHECK_IN' | 'SEEDED' | 'COMPLETED') {
  const people: Record<Exclude<Role, 'guest'>, ReturnType<typeof person>> = {
    user: person('player'),
    member: person('player'),
    captain: person('captain'),
    owner: person(),
    organizer: person(),
    'appointed organizer': person(),
    'organizer of another tournament': person('organizer'),
    referee: person('referee'),
    admin: person('admin'),
  };
  const { organizer, owner } = people;
  const team = t.team(owner);
  team.roles.set(people.member.userId, 'PLAYER').set(people.captain.userId, 'CAPTAIN');
  const tournament = await t.planned(organizer);
  await t.published(people['organizer of another tournament']);
  const input = { tournamentId: tournamentIdOf(tournament) };
  const appointed = toGlobalId('User', people['appointed organizer'].userId);
  await t.organizers.appoint(organizer, { ...input, userId: appointed });
  let entryId = 'none';
  if (state !== 'DRAFT') {
    await t.life.publish(organizer, input);
    await t.filled(tournament, 2);
    entryId = entryIdOf(await t.enter(owner, tournament, team));
    await t.put(tournament, state);
  }
  return { tournament, input, team, entryId, people };
}
type Scene = Awaited<ReturnType<typeof scene>>;

const ORGANIZERS: readonly Role[] = ['organizer', 'appointed organizer'];
const DECIDERS: readonly Role[] = [...ORGANIZERS, 'admin'];
const LEADERS: readonly Role[] = ['captain', 'owner', 'admin'];
const USERS = ROLES.filter((role) => role !== 'guest');
const pending = ({ tournament }: Scene) =>
  t.prisma.entry.updateMany({ where: { tournamentId: tournament.id }, data: { state: 'PENDING' } });

const MUTATIONS: Readonly<
  Record<
    string,
    [
      allowed: readonly Role[],
      state: Parameters<typeof scene>[0],
      run: (viewer: Principal, of: Scene) => Promise<unknown>,
    ]
  >
> = {
  createTournament: [USERS, 'DRAFT', (viewer) => t.service.create(viewer, { clientId: randomUUID(), ...yardCup })],
  deleteTournament: [ORGANIZERS, 'DRAFT', (viewer, { input }) => t.service.delete(viewer, input)],
  publishTournament: [ORGANIZERS, 'DRAFT', (viewer, { input }) => t.life.publish(viewer, input)],
  updateTournament: [DECIDERS, 'REGISTRATION', (viewer, { input }) => t.life.update(viewer, { ...input, name: 'New' })],
  closeRegistration: [DECIDERS, 'REGISTRATION', (viewer, { input }) => t.life.closeRegistration(viewer, input)],
  endCheckIn: [DECIDERS, 'CHECK_IN', (viewer, { input }) => t.life.endCheckIn(viewer, input)],
  drawTournament: [
    DECIDERS,
    'REGISTRATION',
    async (viewer, { input, people }) => {
      await t.life.closeRegistration(people.organizer, input);
      return t.life.draw(viewer, input);
    },
  ],
  startTournament: [DECIDERS, 'SEEDED', (viewer, { input }) => t.life.start(viewer, input)],
  cancelTournament: [DECIDERS, 'SEEDED', (viewer, { input }) => t.life.cancel(viewer, input)],
  archiveTournament: [DECIDERS, 'COMPLETED', (viewer, { input }) => t.life.archive(viewer, input)],
  appointOrganizer: [
    DECIDERS,
    'REGISTRATION',
    (viewer, { input }) => t.organizers.appoint(viewer, { ...input, userId: toGlobalId('User', randomUUID()) }),
  ],
  removeOrganizer: [
    DECIDERS,
    'REGISTRATION',
    (viewer, { input, people }) =>
      t.organizers.remove(viewer, { ...input, userId: toGlobalId('User', people['appointed organizer'].userId) }),
  ],
  inviteTeamToTournament: [
    DECIDERS,
    'REGISTRATION',
    (viewer, { input, team }) => t.entering.invite(viewer, { ...input, teamId: team.id }),
  ],
  enterTournament: [
    LEADERS,
    'REGISTRATION',
    (viewer, { input, team }) => t.entering.enter(viewer, { ...input, teamId: team.id }),
  ],
  withdrawEntry: [LEADERS, 'REGISTRATION', (viewer, { entryId }) => t.entering.withdraw(viewer, { entryId })],
  checkIn: [LEADERS, 'CHECK_IN', (viewer, { entryId }) => t.entering.checkIn(viewer, { entryId })],
  approveEntry: [
    DECIDERS,
    'REGISTRATION',
    async (viewer, of) => {
      await pending(of);
      return t.entering.approve(viewer, { entryId: of.entryId });
    },
  ],
  rejectEntry: [
    DECIDERS,
    'REGISTRATION',
    async (viewer, of) => {
      await pending(of);
      return t.entering.reject(viewer, { entryId: of.entryId });
    },
  ],
  disqualifyEntry: [DECIDERS, 'SEEDED', (viewer, { entryId }) => t.entering.disqualify(viewer, { entryId })],
};

describe('the rights on a tournament', () => {
  for (const [mutation, [allowed, state, run]] of Object.entries(MUTATIONS))
    it(`${mutation} is for: ${allowed.join(', ')}`, async () => {
      for (const role of ROLES) {
        const of = await scene(state);
        const viewer = role === 'guest' ? ANONYMOUS : of.people[role];
        const outcome = await run(viewer, of).then(
          () => 'done',
          (error: unknown) => {
            if (error instanceof UserErrors) return error.errors[0]?.code;
            return error instanceof GraphQLError ? error.extensions['code'] : error;
          },
        );
        const isHidden = state === 'DRAFT';
        const refusal = role === 'guest' ? 'UNAUTHENTICATED' : isHidden ? 'NOT_FOUND' : 'FORBIDDEN';
        assert.equal(outcome, allowed.includes(role) ? 'done' : refusal, role);
      }
    });

  it('go with the appointment, and the creator keeps them', async () => {
    const { input, people, tournament } = await scene('REGISTRATION');
    const appointed = people['appointed organizer'];
    const remove = (who: { userId: string }) =>
      t.organizers.remove(appointed, { ...input, userId: toGlobalId('User', who.userId) });
    const reason = async (work: Promise<unknown>) =>
      work.then(
        () => null,
        (error: unknown) => (error as UserErrors).errors[0]?.reason,
      );
    assert.equal(await reason(remove(people.organizer)), 'CREATOR_STAYS');
    assert.equal(await reason(remove(people.user)), 'USER_NOT_FOUND');
    await remove(appointed);
    assert.equal(await reason(t.life.closeRegistration(appointed, input)), 'NOT_ITS_ORGANIZER');
    const told = (await t.toldOf(tournament)).filter(({ type }) => type === 'OrganizersChanged');
    assert.deepEqual(
      told.map(({ payload }) => payload as Record<string, unknown>).map((one) => [one['appointed'], one['removed']]),
      [
        [appointed.userId, null],
        [null, appointed.userId],
      ],
    );
    t.elsewhere.missing.add('nobody');
    const nobody = t.organizers.appoint(people.organizer, { ...input, userId: 'nobody' });
    assert.equal(await reason(nobody), 'USER_NOT_FOUND');
  });

  it('are for twenty at most', async () => {
    const { input, people } = await scene('REGISTRATION');
    const appoint = () =>
      t.organizers.appoint(people.organizer, { ...input, userId: toGlobalId('User', randomUUID()) });
    for (let n = 2; n < 20; n++) await appoint();
    await assert.rejects(appoint(), UserErrors);
  });
});
