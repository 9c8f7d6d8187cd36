import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { champion } from './champion.ts';
import { config, entrant, open, outside, pairing, playOut } from './formats.testing.ts';
import { drawGiven, type GivenRound } from './fixed-bracket.ts';
import { knockoutRanking } from './ranking.ts';
import type { SingleEliminationConfig } from './config.ts';
import type { Source } from './plan.ts';
import { resolve } from './resolve.ts';

const given = config('SINGLE_ELIMINATION') as SingleEliminationConfig;
const winner = (slot: string): Source => ({ kind: 'WINNER', slot });
const loser = (slot: string): Source => ({ kind: 'LOSER', slot });
const round = (name: string, ties: [string, Source, Source][], thirdPlace = false): GivenRound => ({
  name,
  thirdPlace,
  ties: ties.map(([key, home, away]) => ({ key, home, away, legs: 1 })),
});

describe('a bracket that is given', () => {
  // The ties are numbered by kick-off, as in published brackets. E has a bye in the first round.
  const rounds = [
    round('Quarter-finals', [
      ['57', entrant('C'), entrant('D')],
      ['58', entrant('A'), entrant('B')],
      ['59', entrant('F'), entrant('G')],
    ]),
    round('Semi-finals', [
      ['61', winner('58'), winner('57')],
      ['62', entrant('E'), winner('59')],
    ]),
    round('Match for third place', [['63', loser('61'), loser('62')]], true),
    round('Final', [['64', winner('61'), winner('62')]]),
  ];

  it('gets links, and positions whose lines do not cross', () => {
    const plan = drawGiven(given, rounds);
    assert.deepEqual(
      plan.slots.map(({ key, bracket, round: number, position, winnerTo }) =>
        [key, bracket, number, position, winnerTo && `${winnerTo.slot} ${winnerTo.side}`].join(' '),
      ),
      [
        '57 WINNERS 1 2 61 AWAY',
        '58 WINNERS 1 1 61 HOME',
        '59 WINNERS 1 4 62 AWAY',
        '61 WINNERS 2 1 64 HOME',
        '62 WINNERS 2 2 64 AWAY',
        '63 THIRD_PLACE 1 1 ',
        '64 WINNERS 3 1 ',
      ],
    );
    assert.deepEqual(
      plan.rounds.map(({ name, number }) => `${number} ${name}`),
      ['1 Quarter-finals', '2 Semi-finals', '1 Match for third place', '3 Final'],
    );
  });

  it('is played to its end, with all places', () => {
    const plan = drawGiven(given, rounds);
    const resolved = resolve(
      plan,
      playOut(plan, (home, away) => home < away),
      outside(),
    );
    assert.deepEqual(open(resolved), []);
    assert.equal(pairing(resolved, '63'), 'C-F');
    assert.deepEqual(champion(plan, resolved, 1, outside()), { entrant: 'A' });
    assert.deepEqual(
      knockoutRanking(plan, resolved)!.map(({ entrant: name, place }) => `${place} ${name}`),
      ['1 A', '2 E', '3 C', '4 F', '5 D', '5 B', '5 G'],
    );
  });

  it('has the winner of its final as champion, also with matches for other places', () => {
    const crowned = (...more: GivenRound[]) => {
      const plan = drawGiven(given, [
        round('Semi-finals', [
          ['1', entrant('A'), entrant('B')],
          ['2', entrant('C'), entrant('D')],
        ]),
        ...more,
      ]);
      const results = playOut(plan, (home, away) => home < away);
      return champion(plan, resolve(plan, results, outside()), 1, outside());
    };
    const final = round('Final', [['3', winner('1'), winner('2')]]);
    assert.deepEqual(crowned(final, round('Places 3 and 4', [['4', loser('1'), loser('2')]])), { entrant: 'A' });
    const others = round('Places 5 to 8', [
      ['4', loser('1'), entrant('E')],
      ['5', loser('2'), entrant('F')],
    ]);
    assert.deepEqual(crowned(others, final, round('Place 5', [['6', winner('4'), winner('5')]])), { entrant: 'A' });
    assert.deepEqual(crowned(), { none: 'NO_FINAL' });
    // Losers may have a second chance: then the only last match is the final.
    const second = round('Preliminary final', [['4', loser('1'), winner('2')]]);
    assert.deepEqual(crowned(second, round('Grand final', [['5', winner('1'), winner('4')]])), { entrant: 'A' });
  });

  it('is refused if matches are missing, doubled, or wait for each other', () => {
    const final =
      (...ties: [string, Source, Source][]) =>
      () =>
        drawGiven(given, [round('Final', ties)]);
    assert.throws(final(['1', winner('2'), entrant('A')]), { code: 'UNKNOWN_SLOT', params: { slot: '2' } });
    assert.throws(final(['1', entrant('A'), entrant('B')], ['1', entrant('C'), entrant('D')]), {
      code: 'DUPLICATE_SLOT',
    });
    assert.throws(final(['1', winner('2'), entrant('A')], ['2', winner('1'), entrant('B')]), {
      code: 'PROGRESSION_CYCLE',
    });
  });
});
