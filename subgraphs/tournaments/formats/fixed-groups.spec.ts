import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { named, planOf } from './formats.testing.ts';

const match = (home: number, away: number, more: object = {}) => ({ home, away, ...more });
const group = (name: string, size: number, ...rounds: object[][]) => ({
  name,
  size,
  rounds: rounds.map((matches, index) => ({ name: `Matchday ${index + 1}`, matches })),
});
const ROUNDS = [[match(2, 1)], [match(3, 2)], [match(1, 3)]];
const draw = (given: object, names = named('A', 'B', 'C', 'D', 'E'), legs = 1) =>
  planOf('ROUND_ROBIN', names, { legs, given });

describe('groups that are given', () => {
  it('have their own sizes, names, rounds, homes and times', () => {
    const kickoffAt = '1950-06-24T12:00:00.000Z';
    const plan = draw({
      groups: [group('Group 1', 3, ...ROUNDS), group('Group 2', 2, [match(1, 2, { kickoffAt, venue: 'Yard' })])],
    });
    assert.deepEqual(
      plan.slots.map(({ key, home, away }) => [key, ...[home, away].map((side) => 'entrant' in side && side.entrant)]),
      [
        ['G1-R1-M1', 'B', 'A'],
        ['G1-R2-M1', 'C', 'B'],
        ['G1-R3-M1', 'A', 'C'],
        ['G2-R1-M1', 'D', 'E'],
      ],
    );
    assert.deepEqual(plan.slots[3]?.appointment, { kickoffAt, venue: 'Yard', matchId: null });
    assert.deepEqual(
      plan.rounds.map(({ group: of, number, name }) => [of, number, name]),
      [
        [1, 1, 'Matchday 1'],
        [1, 2, 'Matchday 2'],
        [1, 3, 'Matchday 3'],
        [2, 1, 'Matchday 1'],
      ],
    );
    assert.equal('given' in plan.config, false);
  });

  it('are refused when they cannot be played', () => {
    const refused = (given: object, code: string, field: string, legs = 1): void =>
      assert.throws(() => draw(given, named('A', 'B', 'C'), legs), { code, field });
    const at = 'config.roundRobin.given.groups.0';
    refused({ groups: [group('A', 4, ...ROUNDS)] }, 'WRONG_NUMBER_OF_ENTRANTS', 'entrants');
    refused({ groups: [group('A', 3, [match(1, 2)])] }, 'WRONG_MEETINGS', at);
    refused({ groups: [group('A', 3, ...ROUNDS)] }, 'WRONG_MEETINGS', at, 2);
    refused({ uneven: true, groups: [group('A', 3, [match(1, 1)])] }, 'PLAYS_ITSELF', `${at}.rounds.0.matches.0.away`);
    refused(
      { uneven: true, groups: [group('A', 3, [match(1, 4)])] },
      'UNKNOWN_ENTRANT',
      `${at}.rounds.0.matches.0.away`,
    );
    assert.equal(draw({ uneven: true, groups: [group('A', 3, [match(1, 2)])] }, named('A', 'B', 'C')).slots.length, 1);
  });
});

describe('a bracket that a config gives', () => {
  const entrant = (number: number) => ({ kind: 'ENTRANT', entrant: number });
  const winner = (tie: string) => ({ kind: 'WINNER', tie });
  const tie = (key: string, home: object, away: object, more: object = {}) => ({
    key,
    home,
    away,
    legs: [{}],
    ...more,
  });
  const bracket = (...ties: object[]) => ({ rounds: [{ name: 'Round', ties }] });
  const drawn = (given: object) => planOf('SINGLE_ELIMINATION', named('A', 'B', 'C'), { given });

  it('places every entrant once, and a draw may be played again', () => {
    const plan = drawn({
      rounds: [
        { name: 'Semi-final', ties: [tie('1', entrant(2), entrant(1), { replays: true })] },
        { name: 'Final', ties: [tie('2', winner('1'), entrant(3), { legs: [{}, {}] })] },
      ],
    });
    assert.deepEqual(
      plan.slots.map(({ key, needsWinner, replays = false }) => [key, needsWinner, replays]),
      [
        ['1', false, true],
        ['2-A', false, false],
        ['2', false, false],
      ],
    );
  });

  it('is refused when somebody has two places, or none', () => {
    const refused = (given: object, code: string): void => assert.throws(() => drawn(given), { code });
    refused(bracket(tie('1', entrant(1), entrant(2))), 'UNPLACED_ENTRANT');
    refused(bracket(tie('1', entrant(1), entrant(1))), 'DUPLICATE_ENTRANT');
    refused(bracket(tie('1', entrant(1), entrant(4))), 'UNKNOWN_ENTRANT');
    refused(
      {
        rounds: [
          ...bracket(tie('1', entrant(1), entrant(2))).rounds,
          ...bracket(tie('2', winner('1'), entrant(3)), tie('3', winner('1'), winner('2'))).rounds,
        ],
      },
      'OUTCOME_TAKEN_TWICE',
    );
  });
});
