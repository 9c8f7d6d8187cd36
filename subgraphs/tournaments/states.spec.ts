// Which mutation may change a tournament in which state.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { UserErrors } from '../../platform/graphql/user-errors.ts';
import { person } from '../../platform/testing/service.testing.ts';
import { AwardsService } from './awards.service.ts';
import { TournamentState } from './generated/prisma/enums.ts';
import { MutationResolver } from './resolvers/Mutation.ts';
import { RulingsService } from './rulings.service.ts';
import { entryIdOf, openTournaments, tournamentIdOf } from './tournaments.fixture.ts';

let t: Awaited<ReturnType<typeof openTournaments>>;
let rulings: RulingsService;
let awards: AwardsService;
beforeAll(async () => {
  t = await openTournaments();
  rulings = new RulingsService(t.prisma, t.outbox);
  awards = new AwardsService(t.prisma, t.outbox, t.questions);
});
afterAll(() => t.close());

const owner = person();
const hours = [{ firstDay: '2030-06-01', lastDay: '2030-06-01', opens: '10:00', closes: '22:00' }];
const kickoffAt = new Date('2030-06-01T12:00:00Z');

/** A tournament of two teams that was drawn, with a third team that waits for approval, a venue and a schedule. */
async function scene(state: TournamentState) {
  const tournament = await t.published(owner, { maxTeams: 4 });
  const { id: tournamentId } = tournament;
  const input = { tournamentId: tournamentIdOf(tournament) };
  const [one] = [await t.enter(owner, tournament, t.team(owner)), await t.enter(owner, tournament, t.team(owner))];
  await t.life.closeRegistration(owner, input);
  await t.life.draw(owner, input);
  const rest = { state: 'PENDING', number: 99, enteredBy: owner.userId, enteredAt: new Date() } as const;
  const team = t.team(owner);
  const pending = await t.prisma.entry.create({ data: { tournamentId, teamId: uuidOf(team.id), ...rest } });
  const venue = await t.venues.add(owner, {
    ...input,
    clientId: 'venue',
    name: 'Hall',
    pitches: [{ name: '1', hours }],
  });
  const run = await t.prisma.scheduleRun.create({
    data: {
      ...{ tournamentId, clientId: 'run', requestedBy: owner.userId, createdAs: '', digest: '', seed: 1 },
      settings: { matchMinutes: 10, pauseMinutes: 0, restMinutes: 0, notBefore: 0, keepPlanned: false, referees: [] },
      ...{ state: 'DONE', places: [] },
    },
  });
  const slot = await t.prisma.slot.findFirstOrThrow({ where: { stage: { tournamentId } } });
  await t.put(tournament, state);
  return {
    ...{ tournament, input },
    entryId: entryIdOf(one),
    pendingId: entryIdOf(pending),
    venueId: toGlobalId('Venue', venue.id),
    runId: toGlobalId('ScheduleRun', run.id),
    slotId: toGlobalId('BracketSlot', slot.id),
  };
}
type Scene = Awaited<ReturnType<typeof scene>>;

const uuidOf = (globalId: string): string => Buffer.from(globalId, 'base64url').toString().split(':')[1] ?? '';
const user = () => toGlobalId('User', randomUUID());
const all = Object.values(TournamentState);
const until = (last: TournamentState): TournamentState[] => all.slice(0, all.indexOf(last) + 1);
const open = until('COMPLETED');

/**
 * The states in which each mutation is not refused for the state of the tournament. These include the state that a
 * repeated request finds, in which nothing changes.
 */
const TABLE: Readonly<Record<string, [from: readonly TournamentState[], run: (of: Scene) => Promise<unknown>]>> = {
  updateTournament: [open, ({ input }) => t.life.update(owner, { ...input, name: randomUUID().slice(0, 8) })],
  publishTournament: [['DRAFT', 'REGISTRATION'], ({ input }) => t.life.publish(owner, input)],
  closeRegistration: [['REGISTRATION', 'CHECK_IN'], ({ input }) => t.life.closeRegistration(owner, input)],
  endCheckIn: [['CHECK_IN'], ({ input }) => t.life.endCheckIn(owner, input)],
  startTournament: [['SEEDED', 'RUNNING'], ({ input }) => t.life.start(owner, input)],
  archiveTournament: [['COMPLETED', 'ARCHIVED', 'CANCELLED'], ({ input }) => t.life.archive(owner, input)],
  cancelTournament: [
    ['REGISTRATION', 'CHECK_IN', 'SEEDED', 'RUNNING', 'CANCELLED'],
    ({ input }) => t.life.cancel(owner, input),
  ],
  appointOrganizer: [open, ({ input }) => t.organizers.appoint(owner, { ...input, userId: user() })],
  removeOrganizer: [open, ({ input }) => t.organizers.remove(owner, { ...input, userId: user() })],
  inviteTeamToTournament: [
    ['DRAFT', 'REGISTRATION'],
    ({ input }) => t.entering.invite(owner, { ...input, teamId: t.team(owner).id }),
  ],
  enterTournament: [['REGISTRATION'], ({ tournament }) => t.enter(owner, tournament, t.team(owner))],
  checkIn: [['CHECK_IN'], ({ entryId }) => t.entering.checkIn(owner, { entryId })],
  approveEntry: [['REGISTRATION', 'CHECK_IN'], ({ pendingId: entryId }) => t.entering.approve(owner, { entryId })],
  rejectEntry: [['REGISTRATION', 'CHECK_IN'], ({ pendingId: entryId }) => t.entering.reject(owner, { entryId })],
  disqualifyEntry: [
    ['REGISTRATION', 'CHECK_IN', 'SEEDED', 'RUNNING'],
    ({ pendingId: entryId }) => t.entering.disqualify(owner, { entryId }),
  ],
  withdrawEntry: [
    ['REGISTRATION', 'CHECK_IN', 'SEEDED', 'RUNNING'],
    ({ entryId }) => t.entering.withdraw(owner, { entryId }),
  ],
  deductPoints: [
    open,
    ({ input, entryId }) =>
      rulings.deductPoints(owner, { ...input, clientId: randomUUID(), entryId, points: -1, reason: 'Late' }),
  ],
  recordFairPlay: [open, ({ input, entryId }) => rulings.recordFairPlay(owner, { ...input, entryId, points: -1 })],
  ...Object.fromEntries(
    (['RANKING', 'LOTS', 'PLAY_OFF'] as const).map((kind) => [
      { RANKING: 'recordRanking', LOTS: 'recordLots', PLAY_OFF: 'recordPlayOff' }[kind],
      [
        open,
        ({ input, entryId, pendingId }: Scene) =>
          rulings.recordOrder(owner, kind, { ...input, entryIds: [entryId, pendingId] }),
      ],
    ]),
  ),
  drawLots: [open, ({ input }) => rulings.drawLots(owner, input)],
  chooseBestPlayer: [open, ({ input }) => awards.chooseBestPlayer(owner, { ...input, playerId: null })],
  addVenue: [
    open,
    ({ input }) => t.venues.add(owner, { ...input, clientId: 'two', name: 'Two', pitches: [{ name: '1', hours }] }),
  ],
  removeVenue: [open, ({ venueId }) => t.venues.remove(owner, { venueId })],
  planSchedule: [
    until('RUNNING'),
    ({ input }) => t.runs.plan(owner, { ...input, clientId: randomUUID(), matchMinutes: 10 }),
  ],
  // A computation that still runs must be stoppable. It changes nothing else in the tournament.
  cancelScheduleRun: [all, ({ runId }) => t.runs.cancel(owner, { runId })],
  applySchedule: [open, ({ runId }) => t.kickoffs.apply(owner, { runId })],
  setKickoff: [open, ({ slotId }) => t.kickoffs.set(owner, { slotId, kickoffAt })],
  drawTournament: [['CHECK_IN'], ({ input }) => t.life.draw(owner, input)],
  setStages: [
    ['DRAFT', 'REGISTRATION', 'CHECK_IN'],
    ({ input }) => t.stages.set(owner, { ...input, stages: [{ name: 'Cup', format: { singleElimination: {} } }] }),
  ],
  deleteTournament: [['DRAFT'], ({ input }) => t.service.delete(owner, input)],
};

const reasonOf = (work: Promise<unknown>): Promise<string | null> =>
  work.then(
    () => null,
    (error: unknown) => {
      assert.ok(error instanceof UserErrors, String(error));
      return error.errors[0]?.reason ?? '';
    },
  );
const OF_THE_STATE: readonly (string | null)[] = ['TOURNAMENT_STATE', 'FIXED_NOW'];

const stored = ({ tournament: { id } }: Scene) =>
  t.prisma.tournament.findUniqueOrThrow({
    where: { id },
    include: {
      ...{ organizers: true, invited: true, venues: true, scheduleRuns: true, rulings: true, events: true },
      entries: { orderBy: { number: 'asc' } },
      stages: { include: { slots: { orderBy: { key: 'asc' } } } },
    },
  });

describe('a tournament', () => {
  it('has every mutation in the table', () => {
    const fields = Object.getOwnPropertyNames(MutationResolver.prototype).filter((name) => name !== 'constructor');
    assert.deepEqual(Object.keys(TABLE).toSorted(), fields.filter((name) => name !== 'createTournament').toSorted());
  });

  for (const state of all)
    it(`in the state ${state} takes only what the table says, and what is refused changes nothing`, async () => {
      const of = await scene(state);
      const before = await stored(of);
      for (const [mutation, [from, run]] of Object.entries(TABLE))
        if (!from.includes(state)) {
          // A drawn tournament is not drawn again, in any state.
          const reasons = mutation === 'drawTournament' ? ['ALREADY_DRAWN'] : OF_THE_STATE;
          assert.ok(reasons.includes(await reasonOf(run(of))), `${mutation} in ${state}`);
        }
      assert.deepEqual(await stored(of), before);
      for (const [mutation, [from, run]] of Object.entries(TABLE))
        if (from.includes(state)) {
          assert.ok(!OF_THE_STATE.includes(await reasonOf(run(of))), `${mutation} in ${state}`);
          if (mutation !== 'deleteTournament') await t.put(of.tournament, state);
        }
    });
});
