import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { fromGlobalId, toGlobalId } from '../../platform/graphql/global-id.ts';
import { delivered } from '../../platform/testing/service.testing.ts';
import { TeamDisbanded, Teams, TeamSnapshot } from '../../schema/messages/teams.ts';
import { CANCELLED_AT_ONCE } from './disbanded-teams.ts';
import { matchId, openMatches, person, refused } from './matches.fixture.ts';

let m: Awaited<ReturnType<typeof openMatches>>;
beforeAll(async () => void (m = await openMatches()));
afterAll(() => m.close());

const disbandedAt = '2026-06-01T00:00:00.000Z';
const uuidOf = (team: string): string => fromGlobalId('Team', team) ?? assert.fail();
/** Delivers the event of a team that was disbanded, without the timer that follows. */
async function disbands(team: string, seq = 10): Promise<void> {
  const teamId = uuidOf(team);
  const payload = { teamId, byUserId: m.organizer.userId, disbandedAt };
  await m.deliver(delivered({ topic: Teams.name, key: teamId, seq, type: TeamDisbanded.type, payload }));
}

describe('a team that was disbanded', () => {
  it('has its friendlies cancelled that have not begun, and no others', async () => {
    const [team, other] = [m.team(), m.team()];
    const ours = { homeTeamId: team, awayTeamId: other };
    const away = { homeTeamId: other, awayTeamId: team };
    const [scheduled, postponed, guest] = [await m.schedule(ours), await m.schedule(ours), await m.schedule(away)];
    await m.moves.postpone(m.organizer, { matchId: matchId(postponed) });
    const [live, finished] = [await m.kickedOff(ours), await m.finished(away)];
    const ofTournament = await m.schedule(ours);
    const tournamentId = '018f4f6e-0000-7000-8000-000000000001';
    await m.prisma.match.update({ where: { id: ofTournament.id }, data: { tournamentId } });
    const foreign = await m.schedule();
    await disbands(team);
    await m.pass(0);
    const stateOf = async (one: typeof live): Promise<string> => (await m.now(one)).state;
    assert.deepEqual(await Promise.all([scheduled, postponed, guest].map(stateOf)), Array(3).fill('CANCELLED'));
    assert.deepEqual(await Promise.all([live, finished, ofTournament, foreign].map(stateOf)), [
      'LIVE',
      'FINISHED',
      'SCHEDULED',
      'SCHEDULED',
    ]);
    const last = (await m.told()).filter(({ key }) => key === scheduled.id).at(-1);
    const detail = { kind: 'STATE', state: 'CANCELLED', reason: 'A team of the match is disbanded.' };
    assert.deepEqual((last?.payload as { detail: unknown }).detail, detail);
    // The match that was played counts as usual, when the time to protest ends.
    await m.moves.finish(m.organizer, { matchId: matchId(live) });
    await m.pass(48);
    assert.deepEqual(await Promise.all([live, finished].map(stateOf)), ['CONFIRMED', 'CONFIRMED']);
    // A repeat changes nothing.
    const { lastSeq } = await m.now(scheduled);
    await disbands(team);
    await m.pass(0);
    assert.equal((await m.now(scheduled)).lastSeq, lastSeq);
  });

  it('plays no other match', async () => {
    const [team, other] = [m.team(), m.team()];
    const abandoned = await m.kickedOff({ homeTeamId: other, awayTeamId: team });
    await m.moves.abandon(m.organizer, { matchId: matchId(abandoned) });
    await disbands(team);
    await m.pass(0);
    await refused(m.schedule({ homeTeamId: team, awayTeamId: other }), 'CONFLICT', 'homeTeamId');
    await refused(m.schedule({ homeTeamId: other, awayTeamId: team }), 'CONFLICT', 'awayTeamId');
    const replay = { matchId: matchId(abandoned), kickoffAt: new Date('2026-07-01T18:00:00Z') };
    await refused(m.moves.reschedule(m.organizer, replay), 'CONFLICT', 'matchId');
    await m.schedule({ homeTeamId: other });
  });

  it('is known also from a snapshot, and an older event of the team does not change that', async () => {
    const team = m.team();
    const id = uuidOf(team);
    const friendly = await m.schedule({ homeTeamId: team });
    const payload = { teamId: id, name: 'Foxes', sport: 'FOOTBALL', city: null, members: [], disbandedAt };
    await m.deliver({
      ...delivered({ topic: Teams.name, key: id, seq: 10, type: TeamSnapshot.type, payload }),
      snapshot: true,
    });
    await m.pass(0);
    assert.equal((await m.now(friendly)).state, 'CANCELLED');
    await m.deliver(m.teamCreated(id, 11));
    await refused(m.schedule({ homeTeamId: team }), 'CONFLICT', 'homeTeamId');
  });

  it('has none left when it has more than one transaction cancels', async () => {
    const [team, other] = [m.team(), m.team()];
    await m.schedule({ homeTeamId: team, awayTeamId: other });
    const count = CANCELLED_AT_ONCE + 5;
    const row = await m.prisma.match.findFirstOrThrow({ where: { homeTeamId: uuidOf(team) } });
    await m.prisma.match.createMany({
      data: Array.from({ length: count }, (_, n) => {
        const { id: _id, ...rest } = row;
        return { ...rest, clientId: `many ${n}` };
      }) as never,
    });
    await disbands(team);
    for (let n = 0; n < 2; n++) await m.pass(0);
    const open = await m.prisma.match.count({ where: { homeTeamId: uuidOf(team), state: { not: 'CANCELLED' } } });
    assert.equal(open, 0);
  });

  it('gets no match from an organizer who schedules it at the same moment', async () => {
    const organizer = person('organizer');
    for (let round = 0; round < 5; round++) {
      const [team, other] = [m.team(), m.team()];
      await m.schedule({ homeTeamId: team, awayTeamId: other }); // so that both teams are known
      await Promise.allSettled([
        ...Array.from({ length: 4 }, () =>
          m.matches.schedule(organizer, m.input({ homeTeamId: other, awayTeamId: team })),
        ),
        disbands(team).then(() => m.pass(0)),
        m.matches.schedule(organizer, m.input({ homeTeamId: team, awayTeamId: other })),
      ]);
      const id = uuidOf(team);
      const open = { state: { not: 'CANCELLED' as const }, OR: [{ homeTeamId: id }, { awayTeamId: id }] };
      assert.equal(await m.prisma.match.count({ where: open }), 0);
    }
  });
});

describe('the own copy of a team', () => {
  it('keeps its name when the team is disbanded', async () => {
    const team = m.team('FOOTBALL', 'Rovers');
    await m.schedule({ homeTeamId: team });
    await disbands(team);
    const known = (await m.knownTeams.byIds([uuidOf(team)])).get(uuidOf(team));
    assert.deepEqual([known?.name, known?.disbandedAt?.toISOString()], ['Rovers', disbandedAt]);
    assert.equal(toGlobalId('Team', known?.id ?? ''), team);
  });
});
