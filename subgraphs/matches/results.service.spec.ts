import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { ANONYMOUS } from '../../platform/identity/principal.ts';
import { afterTest } from '../../test/after-test.ts';
import type { Match } from './generated/prisma/client.ts';
import { matchId, openMatches, person, refused, teamId } from './matches.fixture.ts';
import { ProtestsService } from './protests.service.ts';

const coded =
  (code: string) =>
  (error: Error & { code?: string; extensions?: { code?: string } }): boolean =>
    (error.extensions?.code ?? error.code) === code;

let m: Awaited<ReturnType<typeof openMatches>>;
beforeAll(async () => void (m = await openMatches()));
afterAll(() => m.close());

const of = (match: Match, more: object = {}) => ({ matchId: matchId(match), ...more });
const kinds = async (match: Match) =>
  ((await m.events.after([match.id], 0, 100)).get(match.id) ?? []).map(({ detail }) =>
    'side' in detail ? `${detail.kind} ${detail.side}` : 'state' in detail ? detail.state : detail.kind,
  );
const played = async (home: number, away: number): Promise<Match> =>
  m.results.recordFinalScore(m.referee, of(await m.schedule(), { score: { home, away } }));
/** The number of successful calls, and the user errors of the others. */
async function outcomes(...work: Promise<unknown>[]): Promise<{ done: number; codes: string[] }> {
  const all = await Promise.allSettled(work);
  return {
    done: all.filter(({ status }) => status === 'fulfilled').length,
    codes: all.flatMap((one) =>
      one.status === 'rejected' ? (one.reason as { errors: { code: string }[] }).errors.map(({ code }) => code) : [],
    ),
  };
}

describe('confirming a result', () => {
  it('takes both sides, each by a captain or an owner, in whatever order', async () => {
    const match = await played(2, 1);
    const [home, away] = [m.member(match, 'HOME'), m.member(match, 'AWAY', 'OWNER')];
    const first = await m.results.confirm(away, of(match));
    assert.deepEqual([first.state, first.awayConfirmedBy, first.homeConfirmedBy], ['FINISHED', away.userId, null]);
    assert.equal((await m.results.confirm(away, of(match))).lastSeq, first.lastSeq, 'again it is nothing new');
    const both = await m.results.confirm(home, of(match));
    assert.deepEqual([both.state, both.confirmsAt], ['CONFIRMED', null]);
    assert.equal((await m.results.confirm(home, of(match))).lastSeq, both.lastSeq);
    assert.deepEqual(await kinds(match), [
      'SCHEDULED',
      'RESULT',
      'FINISHED',
      'CONFIRMATION AWAY',
      'CONFIRMATION HOME',
      'CONFIRMED',
    ]);
  });

  it('is refused if the score is not the one that the person saw', async () => {
    const match = await played(2, 1);
    const home = m.member(match, 'HOME');
    const confirm = (seenScore: object | null) => m.results.confirm(home, of(match, { seenScore }));
    const kicks = { shootout: { home: 5, away: 4 } };
    for (const seen of [
      { home: 1, away: 2 },
      { home: 2, away: 2 },
      { ...{ home: 2, away: 1 }, ...kicks },
    ])
      await refused(confirm(seen), 'CONFLICT', 'seenScore');
    assert.equal((await confirm({ home: 2, away: 1, shootout: null })).homeConfirmedBy, home.userId);
    // A request that is repeated after a correction is refused too: the captain must see the new score.
    await m.results.confirm(m.organizer, of(match));
    await m.results.correct(m.organizer, of(match, { score: { home: 2, away: 2, ...kicks }, reason: 'A goal more' }));
    await refused(confirm({ home: 2, away: 1 }), 'CONFLICT', 'seenScore');
    await refused(confirm({ home: 2, away: 2, shootout: { home: 4, away: 5 } }), 'CONFLICT', 'seenScore');
    for (const seenScore of [{ home: 2, away: 2, ...kicks }, null])
      assert.equal((await m.results.confirm(m.organizer, of(match, { seenScore }))).state, 'CONFIRMED');
  });

  it('is for those who lead a side when they do it, and for the organizer', async () => {
    const match = await played(0, 0);
    const captain = m.member(match, 'HOME');
    await assert.rejects(m.results.confirm(ANONYMOUS, of(match)), coded('UNAUTHENTICATED'));
    for (const stranger of [
      person('organizer', 'captain', 'referee'),
      m.referee,
      m.member(match, 'HOME', 'PLAYER'),
      m.member(match, 'AWAY', 'COACH'),
    ])
      for (const work of [
        () => m.results.confirm(stranger, of(match)),
        () => m.results.protest(stranger, of(match, { reason: 'x' })),
      ])
        await refused(work(), 'FORBIDDEN', 'matchId');
    m.elsewhere.roles.delete(`${match.homeTeamId}:${captain.userId}`);
    await refused(m.results.confirm(captain, of(match)), 'FORBIDDEN', 'matchId');
    m.elsewhere.away = true;
    afterTest(() => void (m.elsewhere.away = false));
    await assert.rejects(m.results.confirm(person(), of(match)), coded('UNAVAILABLE'));
    assert.equal((await m.now(match)).state, 'FINISHED');
  });

  it('is done by an organizer alone, who says so when leading a side as well', async () => {
    const [one, two] = [await played(1, 0), await played(1, 0)];
    assert.equal((await m.results.confirm(m.organizer, of(one))).state, 'CONFIRMED');
    m.elsewhere.roles.set(`${two.homeTeamId}:${m.organizer.userId}`, 'OWNER');
    assert.equal((await m.results.confirm(m.organizer, of(two))).state, 'FINISHED');
    assert.equal((await m.results.confirm(m.organizer, of(two, { overrule: true }))).state, 'CONFIRMED');
    assert.equal((await m.results.confirm(person('admin'), of(await played(1, 0)))).state, 'CONFIRMED');
  });

  it('is done by an organizer who overrules while teams does not answer', async () => {
    const match = await played(1, 0);
    m.elsewhere.away = true;
    afterTest(() => void (m.elsewhere.away = false));
    // Teams does not answer, so nobody knows who leads a side. Only an organizer with `overrule` can confirm then.
    await assert.rejects(m.results.confirm(m.organizer, of(match)), coded('UNAVAILABLE'));
    await assert.rejects(m.results.confirm(person(), of(match, { overrule: true })), coded('UNAVAILABLE'));
    assert.equal((await m.results.confirm(m.organizer, of(match, { overrule: true }))).state, 'CONFIRMED');
  });

  it('begins anew when the score changes', async () => {
    const match = await m.kickedOff();
    const home = m.member(match, 'HOME');
    const goal = { ...of(match), clientEventId: randomUUID(), event: { goal: { side: 'HOME' } } };
    const { event } = await m.events.record(m.referee, goal);
    await m.moves.finish(m.referee, of(match));
    await m.results.confirm(home, of(match));
    await m.events.takeBack(m.referee, { ...of(match), clientEventId: 'void', seq: event.seq });
    assert.deepEqual([(await m.now(match)).homeConfirmedBy, (await m.now(match)).state], [null, 'FINISHED']);
    await m.results.confirm(home, of(match));
    await m.results.recordFinalScore(m.referee, of(match, { score: { home: 4, away: 4 } }));
    assert.equal((await m.now(match)).homeConfirmedBy, null);
  });

  it('is not of a result that came later: a correction, a decision about a protest, a goal taken back meanwhile', async () => {
    const sidesOf = async (match: Match): Promise<unknown[]> => {
      const { homeConfirmedBy, awayConfirmedBy } = await m.now(match);
      return [homeConfirmedBy, awayConfirmedBy];
    };
    const corrected = await played(2, 1);
    for (const side of ['HOME', 'AWAY'] as const) await m.results.confirm(m.member(corrected, side), of(corrected));
    assert.ok((await sidesOf(corrected)).every((by) => by !== null));
    await m.results.correct(m.organizer, of(corrected, { score: { home: 1, away: 1 }, reason: 'the sheet' }));
    assert.deepEqual([(await m.now(corrected)).state, await sidesOf(corrected)], ['CONFIRMED', [null, null]]);

    /** A match whose home side has confirmed, and whose away side has protested. */
    const disputed = async (match: Match): Promise<Match> => {
      await m.results.confirm(m.member(match, 'HOME'), of(match));
      await m.results.protest(m.member(match, 'AWAY'), of(match, { reason: 'offside' }));
      return match;
    };
    const decide = (match: Match, decision: object) => m.results.decide(m.organizer, of(match, { decision }));
    const [changed, lost, kept] = [
      await disputed(await played(2, 1)),
      await disputed(await played(2, 1)),
      await disputed(await played(2, 1)),
    ];
    await decide(changed, { newScore: { home: 1, away: 1 } });
    await decide(lost, { walkover: { winner: 'AWAY' } });
    assert.deepEqual(
      [await sidesOf(changed), await sidesOf(lost)],
      [
        [null, null],
        [null, null],
      ],
    );
    await decide(kept, { confirmed: true });
    assert.notEqual((await sidesOf(kept))[0], null, 'the result that the side confirmed stays');

    const live = await m.kickedOff();
    const goal = { ...of(live), clientEventId: randomUUID(), event: { goal: { side: 'HOME' } } };
    const { event } = await m.events.record(m.referee, goal);
    await m.moves.finish(m.referee, of(live));
    await disputed(live);
    await m.events.takeBack(m.referee, { ...of(live), clientEventId: 'void', seq: event.seq });
    assert.deepEqual([(await m.now(live)).confirmsAt, await sidesOf(live)], [null, [null, null]]);
  });
});

describe('the time to protest', () => {
  it('confirms the result when it is over, and not before', async () => {
    const match = await m.finished();
    assert.ok(match.confirmsAt);
    await m.pass(47);
    assert.equal((await m.now(match)).state, 'FINISHED');
    await m.pass(2);
    const after = await m.now(match);
    assert.deepEqual([after.state, after.confirmsAt], ['CONFIRMED', null]);
    await m.pass(100);
    assert.equal((await m.now(match)).lastSeq, after.lastSeq);
  });

  it('stops while a protest is open, and never begins for a match that ended before there was one', async () => {
    const [contested, old] = [await played(1, 0), await m.schedule()];
    await m.results.protest(m.member(contested, 'AWAY'), of(contested, { reason: 'offside' }));
    // A row like those of versions without a time to protest: finished, and no timer runs.
    await m.prisma.match.update({ where: { id: old.id }, data: { state: 'FINISHED' } });
    await m.pass(500);
    assert.deepEqual([(await m.now(contested)).state, (await m.now(old)).state], ['FINISHED', 'FINISHED']);
    assert.equal((await m.results.confirm(m.organizer, of(old))).state, 'CONFIRMED');
  });

  it('passes over a match that is gone', async () => {
    const match = await played(1, 0);
    await m.prisma.matchEvent.deleteMany({ where: { matchId: match.id } });
    await m.prisma.match.delete({ where: { id: match.id } });
    await m.pass(49);
    assert.equal(await m.prisma.timer.count({ where: { key: match.id } }), 0);
  });
});

describe('a protest', () => {
  it('is for a side that has not confirmed, one at a time', async () => {
    const match = await played(2, 1);
    const [home, away] = [m.member(match, 'HOME'), m.member(match, 'AWAY')];
    await m.results.confirm(home, of(match));
    await refused(m.results.protest(home, of(match, { reason: 'x' })), 'CONFLICT', 'matchId');
    const contested = await m.results.protest(away, of(match, { reason: 'offside\nby two metres' }));
    assert.equal(
      (await m.results.protest(away, of(match, { reason: 'offside\nby two metres' }))).lastSeq,
      contested.lastSeq,
    );
    await refused(m.results.protest(away, of(match, { reason: 'another' })), 'CONFLICT', 'matchId');
    for (const someone of [home, away, m.organizer])
      await refused(m.results.confirm(someone, of(match)), 'CONFLICT', 'matchId');
    await refused(
      m.results.recordFinalScore(m.referee, of(match, { score: { home: 0, away: 0 } })),
      'CONFLICT',
      'matchId',
    );
    const topic = JSON.stringify((await m.told()).filter(({ key }) => key === match.id));
    assert.ok(topic.includes('PROTEST') && !topic.includes('metres'), 'what it says is nobody else’s business');
  });

  it('and a confirmation at once: one is done, the other a conflict', async () => {
    for (let time = 0; time < 12; time++) {
      const match = await played(2, 1);
      const [home, away] = [m.member(match, 'HOME'), m.member(match, 'AWAY')];
      await m.results.confirm(home, of(match));
      const confirming =
        time % 2 === 0 ? m.results.confirm(m.organizer, of(match)) : m.results.confirm(away, of(match));
      const both = await outcomes(confirming, m.results.protest(away, of(match, { reason: 'offside' })));
      assert.deepEqual(both, { done: 1, codes: ['CONFLICT'] });
      const now = await m.now(match);
      const protests = await m.prisma.protest.count({ where: { matchId: match.id } });
      assert.ok(now.state === 'CONFIRMED' ? protests === 0 : protests === 1, `${now.state}, ${protests} protests`);
    }
  });

  it('of both sides at once is one', async () => {
    const match = await played(2, 1);
    const both = await outcomes(
      m.results.protest(m.member(match, 'HOME'), of(match, { reason: 'a' })),
      m.results.protest(m.member(match, 'AWAY'), of(match, { reason: 'b' })),
    );
    assert.deepEqual(both, { done: 1, codes: ['CONFLICT'] });
  });

  const DECISIONS = [
    [{ confirmed: true }, 'CONFIRMED', 'CONFIRMED', 'PLAYED', 2, 1],
    [{ newScore: { home: 0, away: 3 } }, 'NEW_SCORE', 'CONFIRMED', 'AWARDED', 0, 3],
    [{ walkover: { winner: 'AWAY' } }, 'WALKOVER', 'WALKOVER', 'WALKOVER', 0, 3],
    [{ walkover: {} }, 'WALKOVER', 'WALKOVER', 'WALKOVER', 0, 0],
    [{ replay: true }, 'REPLAY', 'POSTPONED', 'PLAYED', 0, 0],
  ] as const;
  for (const [decision, kind, state, how, home, away] of DECISIONS)
    it(`is decided by the organizer: ${JSON.stringify(decision)}`, async () => {
      const match = await played(2, 1);
      const captain = m.member(match, 'AWAY');
      await refused(m.results.decide(m.organizer, of(match, { decision })), 'CONFLICT', 'matchId');
      await m.results.protest(captain, of(match, { reason: 'offside' }));
      for (const stranger of [captain, m.referee, person('organizer')])
        await refused(m.results.decide(stranger, of(match, { decision })), 'FORBIDDEN', 'matchId');
      const now = await m.results.decide(m.organizer, of(match, { decision, answer: 'seen again' }));
      const score = now.score as { home: number; away: number };
      assert.deepEqual([now.state, now.how, score.home, score.away], [state, how, home, away]);
      assert.equal(now.nobodyWins, kind === 'WALKOVER' && home === away);
      const protest = await m.prisma.protest.findFirstOrThrow({ where: { matchId: match.id } });
      assert.deepEqual([protest.decision, protest.answer, protest.decidedBy], [kind, 'seen again', m.organizer.userId]);
      await refused(m.results.decide(m.organizer, of(match, { decision })), 'CONFLICT', 'matchId');
    });

  it('is not decided by two things, none, or a score that cannot be', async () => {
    const match = await played(2, 1);
    await m.results.protest(m.member(match, 'AWAY'), of(match, { reason: 'offside' }));
    for (const [decision, code, field] of [
      [{ confirmed: true, replay: true }, 'INVALID', 'decision'],
      [{}, 'INVALID', 'decision'],
      [{ replay: false }, 'INVALID', 'decision.replay'],
      [{ newScore: { home: -1, away: 0 } }, 'INVALID', 'decision.newScore.home'],
      [{ newScore: { home: 1, away: 0, periods: [{ home: 1, away: 0 }] } }, 'INVALID', 'decision.newScore.periods'],
    ] as const)
      await refused(m.results.decide(m.organizer, of(match, { decision })), code, field);
  });

  it('says why to organizers, the one who made it and those who lead a side', async () => {
    const match = await played(2, 1);
    const captain = m.member(match, 'AWAY');
    await m.results.protest(captain, of(match, { reason: 'offside' }));
    const protests = new ProtestsService(m.prisma, m.questions);
    const protest = (await protests.newest([match.id])).get(match.id) ?? assert.fail();
    const seen = async (viewer: Parameters<typeof protests.reason>[0]) =>
      protests.reason(viewer, { ...protest, match: await m.now(match) });
    for (const one of [captain, m.organizer, person('admin'), m.member(match, 'HOME', 'OWNER')])
      assert.equal(await seen(one), 'offside');
    for (const one of [ANONYMOUS, person(), m.referee, m.member(match, 'HOME', 'PLAYER')])
      assert.equal(await seen(one), null);
  });
});

describe('a match that is played anew', () => {
  it('keeps its record, and begins at 0:0 with neither lineups nor confirmations', async () => {
    const match = await m.schedule();
    const [home, away] = [m.member(match, 'HOME'), m.member(match, 'AWAY')];
    await m.lineups.set(home, of(match, { side: 'HOME', starters: [{ name: 'A' }] }));
    await m.moves.start(m.referee, of(match));
    const goal = (id: string) => ({ ...of(match), clientEventId: id, event: { goal: { side: 'HOME' } } });
    await m.events.record(m.referee, goal('first'));
    await m.moves.finish(m.referee, of(match));
    await m.results.confirm(home, of(match));
    await m.results.protest(away, of(match, { reason: 'no referee' }));
    await m.results.decide(m.organizer, of(match, { decision: { replay: true } }));
    const kickoffAt = new Date('2026-07-01T18:00:00Z');
    const planned = await m.moves.reschedule(m.organizer, of(match, { kickoffAt }));
    assert.deepEqual([planned.state, planned.period, planned.homeConfirmedBy], ['SCHEDULED', null, null]);
    assert.equal(await m.prisma.squadMember.count({ where: { matchId: match.id } }), 0);
    await m.moves.start(m.referee, of(match));
    await m.events.record(m.referee, goal('second'));
    assert.deepEqual((await m.now(match)).score, { home: 1, away: 0, periods: [{ home: 1, away: 0 }], shootout: null });
    // A goal of the first attempt counts for nothing already, also not for its scorer.
    const take = (seq: number) => m.events.takeBack(m.referee, of(match, { clientEventId: `void ${seq}`, seq }));
    await refused(take(6), 'CONFLICT', 'seq');
    const { lastSeq } = await m.now(match);
    assert.equal((await take(lastSeq)).event.score.home, 0);
  });

  it('may have been abandoned', async () => {
    const match = await m.kickedOff();
    await m.events.record(m.referee, { ...of(match), clientEventId: 'x', event: { goal: { side: 'AWAY' } } });
    await m.moves.abandon(m.referee, of(match, { reason: 'floodlights' }));
    const again = await m.moves.reschedule(m.organizer, of(match, { kickoffAt: match.kickoffAt }));
    assert.deepEqual([again.state, (again.score as { away: number }).away, again.period], ['SCHEDULED', 0, null]);
    assert.deepEqual((await kinds(match)).slice(-4), ['ABANDONED', 'REPLAY', 'PLAN', 'SCHEDULED']);
  });
});

describe('a correction', () => {
  it('changes a confirmed result, for a reason, and leaves what it was on record', async () => {
    const match = await m.results.confirm(m.organizer, of(await played(1, 0)));
    const input = of(match, { score: { home: 2, away: 0 }, reason: 'the sheet said two' });
    await refused(m.results.correct(m.referee, input), 'FORBIDDEN', 'matchId');
    await refused(m.results.correct(m.organizer, { ...input, reason: ' ' }), 'INVALID', 'reason');
    const now = await m.results.correct(m.organizer, input);
    assert.deepEqual([now.state, now.how, (now.score as { home: number }).home], ['CONFIRMED', 'PLAYED', 2]);
    assert.equal((await m.results.correct(m.organizer, input)).lastSeq, now.lastSeq);
    const events = (await m.events.after([match.id], 0, 100)).get(match.id) ?? [];
    assert.deepEqual(
      events.flatMap(({ detail }) => (detail.kind === 'RESULT' ? [[detail.score.home, detail.reason]] : [])),
      [
        [1, null],
        [2, 'the sheet said two'],
      ],
    );
  });

  it('makes a walkover a result', async () => {
    const match = await m.results.awardWalkover(
      m.organizer,
      of(await m.schedule(), { winner: 'HOME', reason: 'late' }),
    );
    const now = await m.results.correct(
      m.organizer,
      of(match, { score: { home: 1, away: 1 }, reason: 'they were there' }),
    );
    assert.deepEqual([now.state, now.how], ['CONFIRMED', 'AWARDED']);
  });
});

describe('a score', () => {
  it('that is negative, no whole number or too large is refused, and changes nothing', async () => {
    const [open, counts] = [await m.schedule(), await m.results.confirm(m.organizer, of(await played(1, 0)))];
    const bad: readonly (readonly [score: object, field: string])[] = [
      [{ home: -1, away: 0 }, 'score.home'],
      [{ home: 0, away: -1 }, 'score.away'],
      [{ home: 0.5, away: 0 }, 'score.home'],
      [{ home: 1_000, away: 0 }, 'score.home'],
      [{ home: 0, away: 0, periods: [{ home: -1, away: 0 }] }, 'score.periods.0.home'],
      [{ home: 0, away: 0, shootout: { home: 3, away: -2 } }, 'score.shootout.away'],
    ];
    for (const [score, field] of bad) {
      await refused(m.results.recordFinalScore(m.referee, of(open, { score })), 'INVALID', field);
      await refused(m.results.correct(m.organizer, of(counts, { score, reason: 'x' })), 'INVALID', field);
      const newScore = of(open, { decision: { newScore: score } });
      await refused(m.results.decide(m.organizer, newScore), 'INVALID', field.replace('score', 'decision.newScore'));
    }
    assert.equal((await m.now(open)).lastSeq, open.lastSeq);
    assert.equal((await m.now(counts)).lastSeq, counts.lastSeq);
  });
});

describe('a match that needs a winner', () => {
  it('does not end in a draw', async () => {
    const match = await m.kickedOff();
    await m.prisma.match.update({ where: { id: match.id }, data: { needsWinner: true } });
    await refused(m.moves.finish(m.referee, of(match)), 'CONFLICT', 'matchId');
    await m.events.record(m.referee, { ...of(match), clientEventId: 'x', event: { goal: { side: 'AWAY' } } });
    assert.equal((await m.moves.finish(m.referee, of(match))).state, 'FINISHED');
    const draw = { score: { home: 1, away: 1 } };
    await refused(m.results.recordFinalScore(m.referee, of(match, draw)), 'CONFLICT', 'score');
    const shootout = { score: { home: 1, away: 1, shootout: { home: 3, away: 4 } } };
    assert.equal((await m.results.recordFinalScore(m.referee, of(match, shootout))).state, 'FINISHED');
  });

  it('keeps it when a goal is voided after the end', async () => {
    const match = await m.kickedOff();
    await m.prisma.match.update({ where: { id: match.id }, data: { needsWinner: true } });
    const goal = async (clientEventId: string) =>
      (await m.events.record(m.referee, of(match, { clientEventId, event: { goal: { side: 'AWAY' } } }))).event.seq;
    const [first, second] = [await goal('1'), await goal('2')];
    await m.moves.finish(m.referee, of(match));
    const take = (seq: number) => m.events.takeBack(m.referee, of(match, { clientEventId: `void ${seq}`, seq }));
    await take(first);
    await refused(take(second), 'CONFLICT', 'matchId');
    assert.equal((await m.results.confirm(m.organizer, of(match))).state, 'CONFIRMED');
  });

  it('is not confirmed as a draw after it was abandoned', async () => {
    const match = await m.kickedOff();
    await m.prisma.match.update({ where: { id: match.id }, data: { needsWinner: true } });
    await m.moves.abandon(m.referee, of(match));
    for (const overrule of [false, true])
      await refused(m.results.confirm(m.organizer, of(match, { overrule })), 'CONFLICT', 'matchId');
    const walkover = await m.results.awardWalkover(m.organizer, of(match, { winner: 'HOME' }));
    assert.equal(walkover.state, 'WALKOVER');
  });
});

describe('results of matches that are not there', () => {
  it('are NOT_FOUND', async () => {
    for (const id of ['', 'x', toGlobalId('Match', randomUUID()), teamId()]) {
      const at = { matchId: id };
      for (const work of [
        () => m.results.confirm(m.organizer, at),
        () => m.results.protest(m.organizer, { ...at, reason: 'x' }),
        () => m.results.decide(m.organizer, { ...at, decision: { replay: true } }),
        () => m.results.correct(m.organizer, { ...at, reason: 'x', score: { home: 1, away: 0 } }),
        () => m.results.recordFinalScore(m.organizer, { ...at, score: { home: 1, away: 0 } }),
        () => m.results.awardWalkover(m.organizer, at),
        () => m.lineups.set(m.organizer, { ...at, side: 'HOME', starters: [{ name: 'A' }] }),
        () => m.moves.reschedule(m.organizer, { ...at, kickoffAt: new Date() }),
      ])
        await refused(work(), 'NOT_FOUND', 'matchId');
    }
  });
});
