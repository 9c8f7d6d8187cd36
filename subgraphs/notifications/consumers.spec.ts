import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { delivered, person } from '../../platform/testing/service.testing.ts';
import { ChatCaughtUp, ChatMissed, MissedChat } from '../../schema/messages/chat.ts';
import {
  InvitationClosed,
  InvitationSent,
  JoinRequestClosed,
  JoinRequested,
  MemberJoinedTeam,
  MemberLeftTeam,
  MemberRoleChanged,
  TeamCreated,
  TeamDisbanded,
  Teams,
} from '../../schema/messages/teams.ts';
import {
  EntryChanged,
  TeamInvitedToTournament,
  TournamentCancelled,
  TournamentChanged,
  TournamentCompleted,
  TournamentCreated,
  TournamentDrawn,
  TournamentPublished,
  Tournaments,
} from '../../schema/messages/tournaments.ts';
import { NotificationsConsumers } from './consumers.ts';
import { KINDS, textOf } from './kinds.ts';
import { HOUR, openNotifications } from './notifications.fixture.ts';

let t: Awaited<ReturnType<typeof openNotifications>>;
beforeAll(async () => {
  t = await openNotifications();
});
afterAll(() => t.close());

const EN = { language: 'EN', timeZone: 'UTC' } as const;
const RU = { language: 'RU', timeZone: 'Europe/Moscow' } as const;

/** Two teams of two people each. */
async function twoTeams() {
  const people = { anna: person(), boris: person(), clara: person(), denis: person() };
  const { anna, boris, clara, denis } = people;
  return {
    ...people,
    home: await t.team('Foxes', { [anna.userId]: 'OWNER', [boris.userId]: 'PLAYER' }),
    away: await t.team('Wolves', { [clara.userId]: 'CAPTAIN', [denis.userId]: 'COACH' }),
  };
}
type Someone = { readonly userId: string };
const kinds = async (...people: Someone[]): Promise<string[][]> => Promise.all(people.map((one) => t.kindsOf(one)));
const textsOf = async (who: Someone): Promise<string[]> =>
  (await t.inboxOf(who)).flatMap((row) => [textOf(row, EN), textOf(row, RU)]);

describe('the consumer', () => {
  it('handles every event that causes or ends a kind of notification', () => {
    const handled = new Set<unknown>();
    const group = (_name: string, _prisma: unknown, list: readonly { event: unknown }[]): void =>
      list.forEach(({ event }) => handled.add(event));
    const none = undefined as never;
    new NotificationsConsumers({ group, worker: () => none } as never, none, none, none, none, none, none, none);
    const needed = Object.entries(KINDS).flatMap(([kind, { sources, ends }]) =>
      [...sources, ...ends].map(({ event }) => [kind, event] as const),
    );
    assert.deepEqual(
      needed.filter(([, event]) => !handled.has(event)).map(([kind, { type }]) => `${kind}: ${type}`),
      [],
    );
  });
});

describe('a team', () => {
  it('notifies of an invitation, which is withdrawn when it is closed, and of its answer', async () => {
    const [anna, boris] = [await t.named('Anna'), await t.named('Boris')];
    const team = await t.team('Foxes', { [anna.userId]: 'OWNER' });
    const invitation = { invitationId: randomUUID(), userId: boris.userId, inviterId: anna.userId };
    await team.tell(InvitationSent.type, { ...invitation, role: 'CAPTAIN', expiresAt: '2026-06-01T00:00:00.000Z' });
    assert.deepEqual(await textsOf(boris), [
      'Anna invites you to Foxes. Role: captain.',
      'Anna приглашает вас в команду «Foxes». Роль: капитан.',
    ]);
    await team.tell(InvitationClosed.type, { ...invitation, state: 'ACCEPTED', byUserId: boris.userId });
    assert.deepEqual(await kinds(anna, boris), [['INVITATION_ANSWERED'], []]);
    assert.deepEqual(await textsOf(anna), ['Boris joins Foxes.', 'Boris: приглашение принято, команда «Foxes».']);
    const other = { ...invitation, invitationId: randomUUID() };
    await team.tell(InvitationSent.type, { ...other, role: 'PLAYER', expiresAt: '2026-06-01T00:00:00.000Z' });
    await team.tell(InvitationClosed.type, { ...other, state: 'EXPIRED', byUserId: null });
    assert.deepEqual(await kinds(anna, boris), [['INVITATION_ANSWERED'], []]);
  });

  it('notifies its owner and captains of a request to join, and the person of the answer', async () => {
    const [anna, boris, clara, denis] = [person(), person(), person(), await t.named('Denis')];
    const team = await t.team('Foxes', { [anna.userId]: 'OWNER', [boris.userId]: 'CAPTAIN', [clara.userId]: 'COACH' });
    const request = { joinRequestId: randomUUID(), userId: denis.userId };
    await team.tell(JoinRequested.type, request);
    assert.deepEqual(await kinds(anna, boris, clara, denis), [['JOIN_REQUESTED'], ['JOIN_REQUESTED'], [], []]);
    assert.equal((await textsOf(anna))[0], 'Denis asks to join Foxes.');
    await team.tell(JoinRequestClosed.type, { ...request, state: 'DECLINED', byUserId: anna.userId });
    assert.deepEqual(await kinds(anna, boris, clara, denis), [[], [], [], ['JOIN_REQUEST_ANSWERED']]);
    assert.equal((await textsOf(denis))[0], 'Foxes declines your request to join.');
    const again = { ...request, joinRequestId: randomUUID() };
    await team.tell(JoinRequested.type, again);
    await team.tell(JoinRequestClosed.type, { ...again, state: 'WITHDRAWN', byUserId: denis.userId });
    assert.deepEqual(await kinds(anna, denis), [[], ['JOIN_REQUEST_ANSWERED']]);
  });

  it('notifies of another role and of a removal by others; whoever is no captain any more gets none of theirs', async () => {
    const [anna, boris] = [person(), person()];
    const team = await t.team('Foxes', { [anna.userId]: 'OWNER', [boris.userId]: 'CAPTAIN' });
    const { userId } = boris;
    const change = { userId, role: 'PLAYER', previousRole: 'CAPTAIN', byUserId: anna.userId };
    await team.tell(MemberRoleChanged.type, change);
    const cup = await t.tournament('Yard Cup');
    await cup.entry(team.id, 'ACCEPTED');
    assert.deepEqual(await kinds(anna, boris), [['ENTRY_ACCEPTED'], ['ROLE_CHANGED']]);
    await team.tell(MemberLeftTeam.type, { userId, role: 'PLAYER', removedById: anna.userId });
    assert.deepEqual(await textsOf(boris), [
      'Your role in Foxes is now: player.',
      'Ваша роль в команде «Foxes»: игрок.',
      'You are not a member of Foxes any more.',
      'Вы больше не в команде «Foxes».',
    ]);
    const clara = person();
    await team.join(clara.userId);
    await team.leaves(clara.userId);
    assert.deepEqual(await kinds(clara), [[]]);
  });

  it('notifies its members that it is disbanded, once each, but not the person who did it', async () => {
    const [anna, boris] = [person(), person()];
    const team = await t.team('Foxes', { [anna.userId]: 'OWNER', [boris.userId]: 'PLAYER' });
    const left = { userId: boris.userId, role: 'PLAYER', removedById: anna.userId, disbanded: true };
    await team.tell(MemberLeftTeam.type, left);
    await team.tell(MemberLeftTeam.type, { userId: anna.userId, role: 'OWNER', disbanded: true });
    const disbanded = { byUserId: anna.userId, disbandedAt: '2026-06-01T00:00:00.000Z' };
    await team.tell(TeamDisbanded.type, disbanded);
    assert.deepEqual(await kinds(anna, boris), [[], ['TEAM_DISBANDED']]);
    assert.deepEqual(await textsOf(boris), ['Foxes is disbanded.', 'Команда «Foxes» распущена.']);
    const cup = await t.tournament('Yard Cup');
    await cup.entry(team.id, 'ACCEPTED');
    assert.deepEqual(await kinds(anna, boris), [[], ['TEAM_DISBANDED']]);
  });
});

describe('an entry of a tournament', () => {
  it('notifies the owner and captains of a place and of the waiting list, each once', async () => {
    const { anna, boris, home } = await twoTeams();
    const cup = await t.tournament('Yard Cup');
    const entryId = await cup.entry(home.id, 'WAITING');
    await cup.entry(home.id, 'ACCEPTED', entryId);
    // An event with the same state, as when the entry gets a seed, notifies nobody.
    await cup.entry(home.id, 'ACCEPTED', entryId);
    assert.deepEqual(await kinds(anna, boris), [['ENTRY_WAIT_LISTED', 'ENTRY_ACCEPTED'], []]);
    assert.deepEqual(await textsOf(anna), [
      'Foxes is on the waiting list of Yard Cup.',
      'Команда «Foxes» в листе ожидания турнира «Yard Cup».',
      'Foxes plays in Yard Cup.',
      'Команда «Foxes» участвует в турнире «Yard Cup».',
    ]);
  });
});

describe('an entry that organizers have to approve', () => {
  it('notifies the organizers until it is answered, and again when the team withdrew and enters again', async () => {
    const { anna, home } = await twoTeams();
    const olga = person();
    const cup = await t.tournament('Yard Cup', { organizerIds: [olga.userId] });
    const entryId = await cup.entry(home.id, 'PENDING');
    await cup.entry(home.id, 'PENDING', entryId);
    assert.deepEqual(await kinds(olga), [['ENTRY_REQUESTED']]);
    assert.deepEqual(await textsOf(olga), [
      'Foxes asks for a place in Yard Cup.',
      'Заявка на турнир «Yard Cup»: команда «Foxes».',
    ]);
    await cup.entry(home.id, 'ACCEPTED', entryId);
    assert.deepEqual(await kinds(olga, anna), [[], ['ENTRY_ACCEPTED']]);
    for (const _ of [1, 2]) await cup.entry(home.id, 'WITHDRAWN', entryId);
    await cup.entry(home.id, 'PENDING', entryId);
    assert.deepEqual(await kinds(olga, anna), [['ENTRY_REQUESTED'], ['ENTRY_ACCEPTED']]);
    await cup.entry(home.id, 'ACCEPTED', entryId);
    assert.deepEqual(await kinds(olga, anna), [[], ['ENTRY_ACCEPTED', 'ENTRY_ACCEPTED']]);
  });
});

describe('a place that a team loses', () => {
  it.each([
    ['REJECTED', 'Yard Cup does not accept Foxes.', 'Команда «Foxes» не допущена к турниру «Yard Cup».'],
    [
      'MISSED_CHECK_IN',
      'Foxes did not check in, and lost its place in Yard Cup.',
      'Команда «Foxes» не подтвердила участие и потеряла место в турнире «Yard Cup».',
    ],
    ['DISQUALIFIED', 'Foxes is disqualified from Yard Cup.', 'Команда «Foxes» снята с турнира «Yard Cup».'],
  ])('notifies the owner and captains once: %s', async (state, english, russian) => {
    const { anna, boris, home } = await twoTeams();
    const cup = await t.tournament('Yard Cup');
    const entryId = await cup.entry(home.id, 'PENDING');
    await cup.entry(home.id, state, entryId);
    await cup.entry(home.id, state, entryId);
    assert.deepEqual(await kinds(anna, boris), [['ENTRY_LOST'], []]);
    assert.deepEqual(await textsOf(anna), [english, russian]);
  });

  it('notifies nobody when the team withdraws itself', async () => {
    const { anna, home } = await twoTeams();
    const cup = await t.tournament('Yard Cup');
    await cup.entry(home.id, 'WITHDRAWN', await cup.entry(home.id, 'PENDING'));
    assert.deepEqual(await kinds(anna), [[]]);
  });
});

describe('an invitation to a tournament', () => {
  it('notifies the owner and captains once, and is withdrawn when the team enters', async () => {
    const { anna, boris, home } = await twoTeams();
    const cup = await t.tournament('Yard Cup');
    for (let n = 0; n < 2; n++) await cup.tell(TeamInvitedToTournament.type, { teamId: home.id });
    assert.deepEqual(await kinds(anna, boris), [['TEAM_INVITED'], []]);
    assert.deepEqual(await textsOf(anna), [
      'Yard Cup invites Foxes.',
      'Команда «Foxes» получила приглашение на турнир «Yard Cup».',
    ]);
    await cup.entry(home.id, 'PENDING');
    assert.deepEqual(await kinds(anna), [[]]);
  });

  it('of a draft notifies nobody', async () => {
    const { anna, home } = await twoTeams();
    const cup = await t.tournament('Secret Cup', { state: 'DRAFT' });
    await cup.tell(TeamInvitedToTournament.type, { teamId: home.id });
    assert.deepEqual(await kinds(anna), [[]]);
  });
});

describe('an event that arrives before the team or tournament that it is about', () => {
  const late = { code: 'UNAVAILABLE' };
  const owner = person();
  const teamId = randomUUID();
  const created = { teamId, name: 'Foxes', sport: 'FOOTBALL', city: null };

  it('is delivered again until the team and its owner are known; nothing of it is stored before', async () => {
    const cup = await t.tournament('Early Cup');
    await assert.rejects(cup.entry(teamId, 'ACCEPTED'), late);
    const entered = t.happened.at(-1)!;
    await t.happens(Teams.name, teamId, TeamCreated.type, created);
    await assert.rejects(t.deliver(entered), late);
    await t.happens(Teams.name, teamId, MemberJoinedTeam.type, { teamId, userId: owner.userId, role: 'OWNER' });
    assert.equal(await t.prisma.knownEntry.count({ where: { teamId } }), 0);
    await t.deliver(entered);
    assert.deepEqual(await textsOf(owner), [
      'Foxes plays in Early Cup.',
      'Команда «Foxes» участвует в турнире «Early Cup».',
    ]);
  });

  it('does not wait for members of a disbanded team', async () => {
    await t.happens(Teams.name, teamId, MemberLeftTeam.type, { teamId, userId: owner.userId, role: 'OWNER' });
    await (await t.tournament('Late Cup')).entry(teamId, 'ACCEPTED');
  });

  it('does not wait if it is from before the first start of the service', async () => {
    const tournamentId = randomUUID();
    const payload = { tournamentId, entryId: randomUUID(), teamId: randomUUID(), state: 'ACCEPTED', seed: null };
    const event = delivered({ topic: Tournaments.name, key: tournamentId, seq: 1, type: EntryChanged.type, payload });
    await assert.rejects(t.deliver(event), late);
    await t.deliver({ ...event, snapshot: true });
    assert.equal(await t.prisma.knownEntry.count({ where: { tournamentId } }), 1);
  });

  it('waits for the organizers who must hear of a protest', async () => {
    const { home, away } = await twoTeams();
    const olga = person();
    const { facts } = await t.tournament('Cup', { organizerIds: [olga.userId] });
    const tournamentId = randomUUID();
    const game = await t.match(home, away, HOUR, { tournamentId });
    await assert.rejects(game.tell({ kind: 'PROTEST', side: 'HOME' }), late);
    const protest = t.happened.at(-1)!;
    await t.happens(Tournaments.name, tournamentId, TournamentCreated.type, { ...facts, tournamentId });
    await t.deliver(protest);
    assert.deepEqual(await kinds(olga), [['PROTEST']]);
  });
});

describe('a tournament', () => {
  it('notifies its teams of check-in, draw, cancellation, and the winner of the cup', async () => {
    const { anna, boris, clara, home, away } = await twoTeams();
    const cup = await t.tournament('Yard Cup');
    await cup.entry(home.id, 'ACCEPTED');
    await cup.entry(away.id, 'REJECTED');
    for (const again of [1, 2]) {
      await cup.tell(TournamentChanged.type, { ...cup.facts, state: 'CHECK_IN', protestHours: again });
    }
    await cup.tell(TournamentDrawn.type, { seed: null, entryIds: [] });
    await cup.tell(TournamentCompleted.type, { championTeamId: home.id });
    await cup.tell(TournamentCancelled.type, { reason: 'rain', teamIds: [home.id] });
    const all = ['TOURNAMENT_DRAWN', 'CUP_WON', 'TOURNAMENT_CANCELLED'];
    const ofClara = ['ENTRY_LOST'];
    assert.deepEqual(await kinds(anna, boris, clara), [['ENTRY_ACCEPTED', 'CHECK_IN_OPEN', ...all], all, ofClara]);
  });

  it('has one champion: a correction withdraws the cup from one team and gives it to another, also back', async () => {
    const { anna, clara, home, away } = await twoTeams();
    const cup = await t.tournament('Yard Cup');
    const won = async (championTeamId: string | null) => {
      await cup.tell(TournamentCompleted.type, { championTeamId });
      return kinds(anna, clara);
    };
    assert.deepEqual(await won(home.id), [['CUP_WON'], []]);
    assert.deepEqual(await won(home.id), [['CUP_WON'], []]);
    assert.deepEqual(await won(away.id), [[], ['CUP_WON']]);
    assert.deepEqual(await won(home.id), [['CUP_WON'], []]);
    assert.deepEqual(await won(null), [[], []]);
    assert.deepEqual(await won(away.id), [[], ['CUP_WON']]);
  });

  it('is announced to people who switched that on, and whose city and sport fit', async () => {
    const [anna, boris, clara] = [person(), person(), person()];
    for (const who of [anna, boris])
      await t.preferences.set(who, { kinds: [{ kind: 'TOURNAMENT_ANNOUNCED', inApp: true }] });
    for (const who of [anna, clara]) t.elsewhere.fitting.add(who.userId);
    const cup = await t.tournament('Yard Cup', { city: 'Kazan' });
    await cup.tell(TournamentPublished.type, { ...cup.facts });
    assert.deepEqual(
      await kinds(anna, boris, clara),
      [[], [], []],
      'nobody is asked about in the transaction of the event',
    );
    t.elsewhere.away = true;
    await t.passes(0);
    t.elsewhere.away = false;
    await t.passes(HOUR / 60);
    assert.deepEqual(await kinds(anna, boris, clara), [['TOURNAMENT_ANNOUNCED'], [], []]);
    assert.deepEqual([...new Set(t.elsewhere.rules.map(({ city, sport }) => `${city} ${sport}`))], ['Kazan FOOTBALL']);
    assert.equal(await t.prisma.fanOut.count(), 0);
    const nowhere = await t.tournament('Hall Cup');
    await nowhere.tell(TournamentPublished.type, { ...nowhere.facts });
    assert.equal(await t.prisma.fanOut.count(), 0);
  });
});

describe('a match', () => {
  it('notifies everybody of both teams an hour before it starts', async () => {
    const { anna, denis, home, away } = await twoTeams();
    await t.match(home, away, 3 * HOUR);
    await t.passes(2 * HOUR - 1);
    assert.deepEqual(await kinds(anna, denis), [[], []]);
    await t.passes(1);
    assert.deepEqual(await kinds(anna, denis), [['MATCH_STARTS_SOON'], ['MATCH_STARTS_SOON']]);
    await t.passes(HOUR);
    assert.deepEqual(await kinds(anna), [['MATCH_STARTS_SOON']]);
  });

  it('moves that with its start, and cancels it with itself', async () => {
    const { anna, home, away } = await twoTeams();
    const moved = await t.match(home, away, 3 * HOUR);
    const kickoffAt = new Date(t.clock.now + 6 * HOUR).toISOString();
    const plan = { kind: 'PLAN' as const, kickoffAt, kickoffIsEstimate: false, venue: null, refereeId: null };
    await moved.tell(plan, { kickoffAt });
    const cancelled = await t.match(home, away, 3 * HOUR);
    await cancelled.tell({ kind: 'STATE', state: 'CANCELLED', reason: null }, { state: 'CANCELLED' });
    await t.match(home, away, 3 * HOUR, { kickoffIsEstimate: true });
    await t.passes(3 * HOUR);
    assert.deepEqual(await kinds(anna), [['SCHEDULE_CHANGED', 'SCHEDULE_CHANGED']]);
    await t.passes(2 * HOUR);
    assert.deepEqual(await kinds(anna), [['SCHEDULE_CHANGED', 'SCHEDULE_CHANGED', 'MATCH_STARTS_SOON']]);
  });

  it('notifies of its postponement and cancellation, and when it gets its old time again', async () => {
    const { anna, denis, home, away } = await twoTeams();
    const game = await t.match(home, away, 3 * HOUR);
    const { kickoffAt } = game.facts;
    const plan = { kind: 'PLAN' as const, kickoffAt, kickoffIsEstimate: false, venue: null, refereeId: null };
    await game.tell({ kind: 'STATE', state: 'POSTPONED', reason: 'rain' }, { state: 'POSTPONED' });
    await game.tell(plan);
    await game.tell({ kind: 'STATE', state: 'SCHEDULED', reason: null }, { state: 'SCHEDULED' });
    await game.tell({ ...plan, venue: 'Hall 2' });
    await game.tell({ kind: 'STATE', state: 'CANCELLED', reason: null }, { state: 'CANCELLED' });
    const texts = await textsOf(denis);
    assert.deepEqual(
      texts.map((text) => text.replace(/: [^:]*, \d\d:\d\d (?:UTC|GMT\+3)/, ': its time')),
      [
        'Postponed: Foxes – Wolves.',
        'Матч «Foxes» – «Wolves» отложен.',
        'Foxes – Wolves starts at another time: its time.',
        'Новое время матча «Foxes» – «Wolves»: its time.',
        'Cancelled: Foxes – Wolves.',
        'Матч «Foxes» – «Wolves» отменён.',
      ],
    );
    const cup = await t.tournament('Yard Cup');
    const final = await t.match(home, away, 3 * HOUR, { tournamentId: cup.id });
    await final.tell({ kind: 'STATE', state: 'CANCELLED', reason: null }, { state: 'CANCELLED' });
    assert.equal((await kinds(anna))[0]?.length, 3, 'matches of a cancelled tournament are not told one by one');
  });

  it('notifies at once when it gets its start less than an hour before, as of that moment', async () => {
    const { anna, home, away } = await twoTeams();
    await t.passes(HOUR);
    await t.match(home, away, HOUR / 2);
    await t.passes(0);
    const [notification, ...more] = await t.inboxOf(anna);
    assert.deepEqual([notification?.kind, more], ['MATCH_STARTS_SOON', []]);
    // So it is above older notifications, and not from before the first start of the service.
    assert.equal(notification?.occurredAt.getTime(), t.clock.now);
  });

  it('does not say that it starts soon when it has begun', async () => {
    const { anna, home, away } = await twoTeams();
    await t.match(home, away, 3 * HOUR);
    await t.passes(3 * HOUR);
    assert.deepEqual(await kinds(anna), [[]]);
  });

  it('notifies again when a correction is taken back, so the newest notification has the result that counts', async () => {
    const { anna, home, away } = await twoTeams();
    const game = await t.match(home, away);
    const first = { home: 2, away: 1, periods: [], shootout: null };
    const second = { ...first, home: 3 };
    await game.tell({ kind: 'STATE', state: 'FINISHED', reason: null }, { state: 'FINISHED' }, first);
    const result = { kind: 'RESULT' as const, how: 'PLAYED' as const, winner: null, reason: null };
    for (const score of [second, first, first, second]) await game.tell({ ...result, score }, {}, score);
    assert.deepEqual(
      (await t.inboxOf(anna)).map((row) => textOf(row, EN)),
      ['Foxes – Wolves: 2:1.', 'Foxes – Wolves: 3:1.', 'Foxes – Wolves: 2:1.', 'Foxes – Wolves: 3:1.'],
    );
  });

  it('notifies of the result of a replay, also when it is that of the first match', async () => {
    const { anna, home, away } = await twoTeams();
    const game = await t.match(home, away);
    const score = { home: 2, away: 1, periods: [], shootout: null };
    const finish = () => game.tell({ kind: 'STATE', state: 'FINISHED', reason: null }, { state: 'FINISHED' }, score);
    await finish();
    await finish();
    assert.deepEqual(await kinds(anna), [['RESULT']]);
    await game.tell({ kind: 'REPLAY', reason: null }, { state: 'SCHEDULED' });
    await finish();
    assert.deepEqual(await kinds(anna), [['RESULT', 'RESULT']]);
  });

  it('notifies of its result once, and of a corrected one again', async () => {
    const { anna, denis, home, away } = await twoTeams();
    const game = await t.match(home, away);
    const score = { home: 2, away: 1, periods: [], shootout: null };
    await game.tell({ kind: 'STATE', state: 'FINISHED', reason: null }, { state: 'FINISHED' }, score);
    await game.tell({ kind: 'STATE', state: 'CONFIRMED', reason: null }, { state: 'CONFIRMED' }, score);
    const better = { home: 1, away: 1, periods: [], shootout: { home: 4, away: 5 } };
    const result = { kind: 'RESULT' as const, how: 'PLAYED' as const, winner: null, reason: null };
    await game.tell({ ...result, score: better }, {}, better);
    await game.tell({ ...result, score: better }, {}, better);
    assert.deepEqual(await kinds(denis), [['RESULT', 'RESULT']]);
    assert.deepEqual(await textsOf(anna), [
      'Foxes – Wolves: 2:1.',
      '«Foxes» – «Wolves»: 2:1.',
      'Foxes – Wolves: 1:1 (4:5).',
      '«Foxes» – «Wolves»: 1:1 (4:5).',
    ]);
  });

  it('notifies the organizers and both captains of a protest, a captain who organizes once', async () => {
    const { anna, boris, clara, denis, home, away } = await twoTeams();
    const olga = person();
    const cup = await t.tournament('Yard Cup', { organizerIds: [olga.userId, anna.userId] });
    const game = await t.match(home, away, HOUR, { tournamentId: cup.id });
    await game.tell({ kind: 'PROTEST', side: 'AWAY' });
    assert.deepEqual(await kinds(anna, boris, clara, denis, olga), [['PROTEST'], [], ['PROTEST'], [], ['PROTEST']]);
    assert.deepEqual(await textsOf(olga), [
      'Wolves protests against the result of Foxes – Wolves.',
      'Протест по матчу «Foxes» – «Wolves». Его подаёт «Wolves».',
    ]);
  });

  it('notifies members only: whoever left before gets nothing, and whoever joined after sees nothing old', async () => {
    const { anna, boris, home, away } = await twoTeams();
    const game = await t.match(home, away);
    await home.leaves(boris.userId);
    await game.tell({ kind: 'STATE', state: 'FINISHED', reason: null }, { state: 'FINISHED' });
    const late = person();
    await home.join(late.userId);
    assert.deepEqual(await kinds(anna, boris, late), [['RESULT'], [], []]);
  });
});

describe('missed messages of a chat', () => {
  const missed = (who: Someone, teamId: string, readSeq: number, count: number, roomId: string = ROOM) =>
    t.happens(MissedChat.name, who.userId, ChatMissed.type, { userId: who.userId, roomId, teamId, readSeq, count });
  const caughtUp = (who: Someone, readSeq: number, roomId: string = ROOM) =>
    t.happens(MissedChat.name, who.userId, ChatCaughtUp.type, { userId: who.userId, roomId, readSeq });
  const ROOM = randomUUID();

  it('are one notification, which is withdrawn when its person has read, from nobody else', async () => {
    const { anna, boris, home } = await twoTeams();
    await missed(anna, home.id, 7, 12);
    await missed(boris, home.id, 7, 1);
    assert.deepEqual(await textsOf(anna), [
      '12 new messages in the chat of Foxes.',
      '12 новых сообщений в чате команды «Foxes».',
    ]);
    const [row] = await t.inboxOf(anna);
    assert.deepEqual([row?.subjectType, row?.subjectId], ['Room', ROOM]);
    await caughtUp(anna, 7);
    assert.deepEqual(await kinds(anna, boris), [[], ['CHAT_MISSED']]);
    await missed(anna, home.id, 19, 3);
    await missed(anna, home.id, 7, 3, randomUUID());
    assert.deepEqual(await kinds(anna), [['CHAT_MISSED', 'CHAT_MISSED']]);
  });

  it('are counted as people say it', async () => {
    const said = (count: number): string[] =>
      [EN, RU].map((reader) => textOf({ kind: 'CHAT_MISSED', facts: { team: 'Foxes', count } }, reader));
    assert.deepEqual(
      [1, 2, 5, 11, 21, 22, 25, 100].map((count) => said(count).map((text) => text.split(/ in | в /)[0])),
      [
        ['1 new message', '1 новое сообщение'],
        ['2 new messages', '2 новых сообщения'],
        ['5 new messages', '5 новых сообщений'],
        ['11 new messages', '11 новых сообщений'],
        ['21 new messages', '21 новое сообщение'],
        ['22 new messages', '22 новых сообщения'],
        ['25 new messages', '25 новых сообщений'],
        ['100+ new messages', '100+ новых сообщений'],
      ],
    );
    assert.deepEqual(
      [EN, RU].map((reader) => textOf({ kind: 'CHAT_MISSED', facts: { team: null, count: 2 } }, reader)),
      ['2 new messages in the chat of your team.', '2 новых сообщения в чате команды.'],
    );
  });
});

describe('an event that is delivered again', () => {
  it('adds nothing, not even when the position of the group is lost', async () => {
    const { anna, home } = await twoTeams();
    const cup = await t.tournament('Yard Cup');
    await cup.entry(home.id, 'WAITING');
    const event = await cup.tell(TournamentCompleted.type, { championTeamId: home.id }, randomUUID());
    await t.deliver(event);
    const before = await t.inboxOf(anna);
    await t.prisma.$executeRawUnsafe('DELETE FROM notifications.inbox');
    await t.deliver(event);
    await t.deliver({ ...event, seq: event.seq + 1 });
    assert.deepEqual(await t.inboxOf(anna), before);
    assert.equal(await t.prisma.inboxEvent.count({ where: { userId: anna.userId } }), before.length);
  });

  it('keeps facts as they were: another name later changes no text', async () => {
    const { anna, home } = await twoTeams();
    const cup = await t.tournament('Yard Cup');
    await cup.entry(home.id, 'ACCEPTED');
    await cup.tell(TournamentChanged.type, { ...cup.facts, name: 'Other Cup' });
    assert.equal((await textsOf(anna))[0], 'Foxes plays in Yard Cup.');
  });
});
