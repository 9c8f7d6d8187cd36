// Two people do the same at the same time, on a real PostgreSQL: one succeeds, and the other gets CONFLICT or the same
// answer.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { UserErrors } from '../../platform/graphql/user-errors.ts';
import { person } from '../../platform/testing/service.testing.ts';
import { entryIdOf, openTournaments, type Person, tournamentIdOf } from './tournaments.fixture.ts';

let t: Awaited<ReturnType<typeof openTournaments>>;
beforeAll(async () => {
  t = await openTournaments();
});
afterAll(() => t.close());

const olga = person();
/** The outcome of each of several concurrent calls: `done`, or the reason of the refusal. */
async function outcomes(work: readonly Promise<unknown>[]): Promise<string[]> {
  return (await Promise.allSettled(work)).map((one) => {
    if (one.status === 'fulfilled') return 'done';
    assert.ok(one.reason instanceof UserErrors, String(one.reason));
    return one.reason.errors[0]?.reason ?? 'none';
  });
}
const typesOf = async (tournament: Parameters<typeof t.toldOf>[0]): Promise<string[]> =>
  (await t.toldOf(tournament)).map(({ type }) => type);

describe('at once', () => {
  it('two organizers approve one entry: it has one place, and one event', async () => {
    const tournament = await t.published(olga, { maxTeams: 2, mode: 'APPROVAL' });
    const [first] = await t.filled(tournament, 1);
    const before = (await typesOf(tournament)).length;
    const approve = () => t.entering.approve(olga, { entryId: entryIdOf(first!.entry) });
    assert.deepEqual(await outcomes([approve(), approve(), approve()]), ['done', 'done', 'done']);
    assert.deepEqual(await t.states(tournament), ['ACCEPTED']);
    assert.equal((await typesOf(tournament)).length, before + 1);
  });

  it('two entries are approved for the last place: one gets it', async () => {
    const tournament = await t.published(olga, { maxTeams: 2, mode: 'APPROVAL' });
    const teams = await t.filled(tournament, 4);
    const approve = ({ entry }: (typeof teams)[number]) => t.entering.approve(olga, { entryId: entryIdOf(entry) });
    await approve(teams[0]!);
    const answers = await outcomes(teams.slice(1).map(approve));
    assert.deepEqual(answers.toSorted(), ['TOURNAMENT_FULL', 'TOURNAMENT_FULL', 'done']);
    assert.deepEqual((await t.states(tournament)).toSorted(), ['ACCEPTED', 'ACCEPTED', 'PENDING', 'PENDING']);
  });

  it('an entry is approved and rejected: it ends in one state, with one event', async () => {
    const tournament = await t.published(olga, { maxTeams: 4, mode: 'APPROVAL' });
    const [first] = await t.filled(tournament, 1);
    const before = (await typesOf(tournament)).length;
    const entryId = entryIdOf(first!.entry);
    const answers = await outcomes([t.entering.approve(olga, { entryId }), t.entering.reject(olga, { entryId })]);
    assert.deepEqual(answers.toSorted(), ['ENTRY_STATE', 'done']);
    assert.deepEqual(await t.states(tournament), [answers[0] === 'done' ? 'ACCEPTED' : 'REJECTED']);
    assert.equal((await typesOf(tournament)).length, before + 1);
  });

  it('two organizers set stages: those of one are stored, whole', async () => {
    const tournament = await t.made(olga, { maxTeams: 8 });
    const league = [{ name: 'League', format: { roundRobin: {} } }];
    const cups = [
      { name: 'Groups', format: { roundRobin: { groups: 2 } } },
      { name: 'Cup', format: { singleElimination: {} }, entrants: [{ top: { stage: 1, places: 2 } }] },
    ];
    const set = (stages: readonly object[]) => t.stages.set(olga, { tournamentId: tournamentIdOf(tournament), stages });
    await outcomes(Array.from({ length: 6 }, (_, index) => set(index % 2 === 0 ? league : cups)));
    const stored = await t.prisma.stage.findMany({
      where: { tournamentId: tournament.id },
      orderBy: { number: 'asc' },
    });
    const names = stored.map(({ name }) => name);
    assert.ok(names.join() === 'League' || names.join() === 'Groups,Cup', names.join());
  });

  it('stages are set while the tournament is drawn: the draw has the old ones or the new ones, whole', async () => {
    const tournament = await t.published(olga, { maxTeams: 4 });
    await t.filled(tournament, 4);
    const input = { tournamentId: tournamentIdOf(tournament) };
    await t.life.closeRegistration(olga, input);
    const cup = [{ name: 'Cup', format: { singleElimination: {} } }];
    const [set] = await outcomes([t.stages.set(olga, { ...input, stages: cup }), t.life.draw(olga, input)]);
    const stages = await t.prisma.stage.findMany({ where: { tournamentId: tournament.id }, include: { slots: true } });
    assert.deepEqual(
      stages.map(({ name, slots }) => [name, slots.length]),
      set === 'done' ? [['Cup', 3]] : [['League', 6]],
    );
    if (set !== 'done') assert.equal(set, 'TOURNAMENT_STATE');
  });

  it('a schedule is applied while a time is set by hand: no match has two places, and no rule is broken', async () => {
    const { tournament, runId, slots, pitchId } = await scheduled(olga);
    const byHand = slots[0]!;
    const kickoffAt = new Date('2030-06-01T16:00:00Z');
    const answers = await outcomes([
      t.kickoffs.apply(olga, { runId }),
      t.kickoffs.set(olga, { slotId: toGlobalId('BracketSlot', byHand.id), kickoffAt, pitchId }),
    ]);
    // The time by hand is always set. The schedule is applied only if it is applied first. Otherwise the plan has
    // changed since the run was requested.
    assert.equal(answers[1], 'done');
    assert.ok(answers[0] === 'done' || answers[0] === 'PLAN_CHANGED', answers[0]);
    const rows = await t.prisma.slot.findMany({ where: { stage: { tournamentId: tournament.id } } });
    assert.deepEqual(rows.find(({ id }) => id === byHand.id)?.kickoffAt, kickoffAt);
    const times = rows.filter((row) => row.kickoffAt !== null).map((row) => row.kickoffAt!.getTime());
    assert.equal(new Set(times).size, times.length, 'one court has one match at a time');
    assert.equal(times.length, answers[0] === 'done' ? rows.length : 1);
  });
});

/** A running cup of 4 with one court, and a schedule that is computed but not applied. */
async function scheduled(owner: Person) {
  const made = await t.made(owner, { maxTeams: 4 });
  const input = { tournamentId: tournamentIdOf(made) };
  await t.stages.set(owner, { ...input, stages: [{ name: 'Cup', format: { singleElimination: {} } }] });
  const tournament = await t.life.publish(owner, input);
  await t.filled(tournament, 4);
  await t.life.closeRegistration(owner, input);
  await t.life.draw(owner, input);
  const hours = [{ firstDay: '2030-06-01', lastDay: '2030-06-01', opens: '10:00', closes: '22:00' }];
  await t.venues.add(owner, { ...input, clientId: 'hall', name: 'Hall', pitches: [{ name: 'Court 1', hours }] });
  const run = await t.runs.plan(owner, { ...input, clientId: 'run', matchMinutes: 30 });
  await t.work.compute({ tournamentId: tournament.id, runId: run.id });
  const slots = await t.prisma.slot.findMany({
    where: { stage: { tournamentId: tournament.id } },
    orderBy: [{ round: 'desc' }, { position: 'asc' }],
  });
  const pitch = await t.prisma.pitch.findFirstOrThrow({ where: { venue: { tournamentId: tournament.id } } });
  return { tournament, runId: toGlobalId('ScheduleRun', run.id), slots, pitchId: toGlobalId('Pitch', pitch.id) };
}
