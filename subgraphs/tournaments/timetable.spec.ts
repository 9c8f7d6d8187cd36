import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { person } from '../../platform/testing/service.testing.ts';
import type { Prisma } from './generated/prisma/client.ts';
import { schedule } from './schedule/schedule.ts';
import { NO_SETTINGS, type Settings, timetableOf } from './timetable.ts';
import { openTournaments } from './tournaments.fixture.ts';

let t: Awaited<ReturnType<typeof openTournaments>>;
beforeAll(async () => {
  t = await openTournaments();
});
afterAll(() => t.close());

type NewSlot = Omit<Prisma.SlotCreateWithoutStageInput, 'id'>;
const slot = (key: string, more: Partial<NewSlot> = {}): NewSlot => ({
  key,
  bracket: 'TABLE',
  group: null,
  round: 1,
  position: 1,
  home: { kind: 'ENTRANT', entrant: key },
  away: { kind: 'ENTRANT', entrant: key },
  ...more,
});
const game = (key: string, group: number, round: number): NewSlot =>
  slot(key, { group, round, homeEntryId: randomUUID(), awayEntryId: randomUUID() });
const knockOut = (key: string, round: number, home: object, away: object, more: Partial<NewSlot> = {}): NewSlot =>
  slot(key, { bracket: 'WINNERS', round, home, away, ...more });
const place = (group: number | null, at: number) => ({ kind: 'PLACE', stage: 1, group, place: at });

/** Creates a tournament with these stages. @returns its input for the scheduler */
async function planned(stages: readonly (readonly NewSlot[])[], more: Partial<Settings> = {}) {
  const { id } = await t.made(person());
  for (const [index, slots] of stages.entries())
    await t.prisma.stage.create({
      data: {
        tournamentId: id,
        number: index + 1,
        name: 'Stage',
        format: 'ROUND_ROBIN',
        config: {},
        slots: { create: [...slots] },
      },
    });
  const timetable = await timetableOf(t.prisma, id, { ...NO_SETTINGS, keepPlanned: false, ...more });
  const keys = new Map([...timetable.slots.values()].map((one) => [one.id, one.key]));
  const after = Object.fromEntries(
    timetable.input.matches.map((match) => [
      keys.get(match.id),
      match.after.map((before) => keys.get(before)).toSorted(),
    ]),
  );
  return {
    id,
    timetable,
    after,
    matches: new Map(timetable.input.matches.map((match) => [keys.get(match.id), match])),
  };
}

describe('the matches of a plan', () => {
  it('wait for the whole table, or the groups, that their teams come from', async () => {
    const { after, matches } = await planned([
      [game('A1', 1, 1), game('A2', 1, 2), game('B1', 2, 1), game('C1', 3, 1)],
      [
        knockOut('S1', 1, place(1, 1), place(2, 2)),
        knockOut('S2', 1, place(2, 1), { kind: 'BEST', stage: 1, place: 2, rank: 1, groups: [1, 3] }),
        knockOut('S3', 1, place(null, 1), { kind: 'BEST', stage: 1, place: 3, rank: 1, groups: null }, {}),
        knockOut('F', 2, { kind: 'WINNER', slot: 'S1' }, { kind: 'LOSER', slot: 'S2' }),
      ],
    ]);
    assert.deepEqual(after, {
      A1: [],
      A2: [],
      B1: [],
      C1: [],
      S1: ['A1', 'A2', 'B1'],
      S2: ['A1', 'A2', 'B1', 'C1'],
      S3: ['A1', 'A2', 'B1', 'C1'],
      F: ['S1', 'S2'],
    });
    assert.deepEqual([matches.get('A2')?.sequence, matches.get('B1')?.sequence], ['1/TABLE/1', '1/TABLE/2']);
    assert.deepEqual([matches.get('F')?.sequence, matches.get('F')?.round], ['2/WINNERS/', 2]);
  });

  it('wait no more for a side that is known, and play the second leg behind the first', async () => {
    const { after } = await planned([
      [
        knockOut('W1-1-A', 1, place(1, 1), place(1, 2), {
          homeEntryId: randomUUID(),
          awayEntryId: randomUUID(),
          leg: 1,
        }),
        knockOut('W1-1', 1, place(1, 2), place(1, 1), { homeEntryId: randomUUID(), awayEntryId: randomUUID(), leg: 2 }),
        knockOut('W1-2', 1, place(1, 3), place(1, 4)),
        knockOut(
          'W2-1',
          2,
          { kind: 'WINNER', slot: 'W1-1' },
          { kind: 'WINNER', slot: 'W1-2' },
          { homeEntryId: randomUUID() },
        ),
      ],
    ]);
    assert.deepEqual([after['W1-1'], after['W2-1']], [['W1-1-A'], ['W1-2']]);
  });

  it('are not those that nobody plays', async () => {
    const gone = (state: 'WALKED_OVER' | 'EMPTY' | 'NOT_NEEDED' | 'DECIDED') =>
      knockOut(state, 1, place(1, 1), place(1, 2), { state });
    const { after } = await planned([
      [
        gone('WALKED_OVER'),
        gone('EMPTY'),
        gone('NOT_NEEDED'),
        gone('DECIDED'),
        knockOut('F', 2, { kind: 'WINNER', slot: 'WALKED_OVER' }, { kind: 'WINNER', slot: 'EMPTY' }),
      ],
    ]);
    assert.deepEqual(after, { F: [] });
  });

  it('keep their times when they are set by hand, have begun, or all planned ones shall', async () => {
    const kickoffAt = new Date('2030-06-01T08:00:00Z');
    const matchId = randomUUID();
    const slots = [
      { ...game('free', 1, 1), kickoffAt },
      { ...game('hand', 1, 1), kickoffAt, kickoffIsFixed: true },
      { ...game('none', 1, 1) },
      {
        ...game('live', 1, 1),
        kickoffAt,
        matchId,
        results: {
          create: { matchId, homeEntryId: randomUUID(), awayEntryId: randomUUID(), state: 'LIVE', number: 1 },
        },
      },
    ];
    const fixed = ({ matches }: Awaited<ReturnType<typeof planned>>) =>
      [...matches].filter(([, match]) => match.fixed).map(([key]) => key);
    assert.deepEqual(fixed(await planned([slots.slice(0, 3)])), ['hand']);
    assert.deepEqual(fixed(await planned([slots])), ['hand', 'live']);
    const again = slots.map((one) => ({ ...one, results: undefined, matchId: undefined }) as NewSlot);
    assert.deepEqual(fixed(await planned([again], { keepPlanned: true })), ['free', 'hand', 'live']);
  });

  it('have pitches that are open in the venue’s own time, also when its clocks change', async () => {
    const { id } = await planned([[game('A', 1, 1)]]);
    const hours = [{ firstDay: '2030-03-30', lastDay: '2030-03-31', weekdays: [7], opens: '10:00', closes: '12:00' }];
    await t.prisma.venue.create({
      data: {
        tournamentId: id,
        clientId: 'one',
        createdAs: '',
        name: 'Garden',
        timeZone: 'America/New_York',
        pitches: { create: { name: 'Court', hours } },
      },
    });
    const settings = { ...NO_SETTINGS, notBefore: Date.parse('2030-03-01T00:00:00Z') };
    const { input } = await timetableOf(t.prisma, id, settings);
    // On this day, clocks change in Berlin. Those in New York changed on 10 March.
    assert.deepEqual(
      input.pitches.flatMap(({ windows }) => windows.map(({ from }) => new Date(from).toISOString())),
      ['2030-03-31T14:00:00.000Z'],
    );
    const { conflicts, assignment } = await schedule(input, { seed: 1, steps: 10 });
    assert.deepEqual([conflicts, assignment.size], [[], 1]);
  });
});
