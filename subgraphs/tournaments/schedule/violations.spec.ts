import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import type { MatchToPlan, Place, ScheduleInput } from './input.ts';
import { at, inputOf, match, pitch } from './schedule.fixture.ts';
import { violations } from './violations.ts';

const referee = (id: string, entries: string[] = [], closes = '22:00') => ({
  id,
  entries,
  windows: [{ from: at('10:00'), to: at(closes) }],
});
const place = (time: string, rest: Partial<Place> = {}): Place => ({
  start: at(time),
  pitch: 'court',
  referee: null,
  ...rest,
});

type Case = [rule: string | null, matches: MatchToPlan[], places: Place[], rest?: Partial<ScheduleInput>];
const [a, b] = [match('a'), match('b')];
const next = match('b', { home: 'a-home', round: 2 });
const waits = match('b', { home: null, away: null, after: ['a'], round: 2 });
const two = { pitches: [pitch(), pitch('second')] };
const refereed = { ...two, referees: [referee('r', ['b-home']), referee('s', [], '10:20')] };
const by = (id: string, rest: Partial<Place> = {}) => ({ referee: id, ...rest });

describe('the hard rules', () => {
  it.each<Case>([
    [null, [a, b], [place('10:00'), place('10:30')]],
    ['PITCH_TAKEN', [a, b], [place('10:00'), place('10:29')]],
    ['PITCH_TAKEN', [a, b], [place('10:34'), place('10:00')], { pauseMinutes: 5 }],
    [null, [a, b], [place('10:35'), place('10:00')], { pauseMinutes: 5 }],
    [null, [a, b], [place('10:00'), place('10:00', { pitch: 'second' })], two],
    ['PITCH_CLOSED', [a], [place('09:59')]],
    ['PITCH_CLOSED', [a], [place('21:31')]],
    ['PITCH_CLOSED', [a], [place('10:00', { pitch: 'nowhere' })]],
    ['NO_PITCH', [a], [place('10:00', { pitch: null })]],
    ['TEAM_RESTS', [a, next], [place('10:00'), place('10:59')], { restMinutes: 30 }],
    [null, [a, next], [place('10:00'), place('11:00')], { restMinutes: 30 }],
    ['NOT_DECIDED_YET', [a, waits], [place('10:00'), place('10:59')], { restMinutes: 30 }],
    [null, [a, waits], [place('10:00'), place('11:00')], { restMinutes: 30 }],
    ['NOT_DECIDED_YET', [waits, a], [place('10:00')]],
    ['ROUND_ORDER', [a, match('b', { round: 2 })], [place('10:30'), place('10:00')]],
    [null, [a, match('b', { round: 2, sequence: 'other' })], [place('10:30'), place('10:00')]],
    ['DATES', [match('a', { notBefore: at('11:00') })], [place('10:59')]],
    ['DATES', [match('a', { notAfter: at('11:00') })], [place('10:31')]],
    ['TOO_EARLY', [a], [place('10:00')], { startsAt: at('10:01') }],
    ['NO_REFEREE', [a], [place('10:00')], refereed],
    ['REFEREE_AWAY', [a], [place('10:00', by('s'))], refereed],
    ['REFEREE_OWN_TEAM', [b], [place('10:00', by('r'))], refereed],
    ['REFEREE_OWN_TEAM', [match('w', { home: null, away: null })], [place('10:00', by('r'))], refereed],
    [null, [a], [place('10:00', by('r'))], refereed],
    [
      'REFEREE_BUSY',
      [a, match('c')],
      [place('10:00', by('r')), place('10:29', by('r', { pitch: 'second' }))],
      refereed,
    ],
    [
      'REFEREE_PLAYS',
      [a, b],
      [place('10:00', by('r')), place('10:29', by('q', { pitch: 'second' }))],
      { ...two, referees: [referee('r', ['b-home']), referee('q')] },
    ],
  ])('%s', (rule, matches, places, rest = {}) => {
    const assignment = new Map(places.map((one, index) => [matches[index]?.id ?? '', one]));
    if (rule === 'NOT_DECIDED_YET' && places.length === 1) assignment.delete('a');
    const found = violations(inputOf({ matches, ...rest }), assignment);
    assert.deepEqual(
      found.map(({ rule }) => rule),
      rule === null ? [] : [rule],
    );
  });

  it('are told of one match alone when asked', () => {
    const input = inputOf({ matches: [a, b, match('c', { round: 2 })] });
    const assignment = new Map([
      ['a', place('10:00')],
      ['b', place('10:10')],
      ['c', place('23:00')],
    ]);
    assert.equal(violations(input, assignment).length, 2);
    assert.deepEqual(
      violations(input, assignment, 'c').map(({ rule, matches }) => [rule, matches]),
      [['PITCH_CLOSED', ['c']]],
    );
    assert.deepEqual(
      violations(input, assignment, 'b').map(({ rule, matches }) => [rule, matches]),
      [['PITCH_TAKEN', ['a', 'b']]],
    );
  });
});
