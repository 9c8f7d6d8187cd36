import { z } from 'zod';
import { uuidV5 } from '../../platform/messaging/outbox/uuid.ts';
import type { EventDefinition } from '../../platform/messaging/definitions.ts';
import { ChatCaughtUp, ChatMissed } from '../../schema/messages/chat.ts';
import { type MatchFacts, MatchEventRecorded } from '../../schema/messages/matches.ts';
import {
  InvitationClosed,
  InvitationSent,
  JoinRequestClosed,
  JoinRequested,
  MemberLeftTeam,
  MemberRoleChanged,
} from '../../schema/messages/teams.ts';
import {
  EntryChanged,
  TeamInvitedToTournament,
  TournamentCancelled,
  TournamentChanged,
  TournamentCompleted,
  TournamentDrawn,
  TournamentPublished,
} from '../../schema/messages/tournaments.ts';
import type { Known } from './known.ts';
import { counted, type Language, momentOf, plural, type Reader } from './languages.ts';
import type { Audience, Channel, Notice } from './notice.ts';
import { resultOf } from './results.ts';
import { REPORT_FORMATS, REPORT_KINDS, type ReportKind } from './reports/content.ts';

type Facts = Notice['facts'];
type Told = Omit<Notice, 'kind' | 'occurredAt'>;

/** An event that can cause a kind of notification. */
export interface Source {
  readonly event: EventDefinition<unknown>;
  /**
   * Makes the notices that the event causes, possibly none. It is called before the event changes this service's copies
   * of other services' data, so `known` has the state before the event.
   */
  notice(payload: unknown, about: { readonly known: Known; readonly eventId: string }): Promise<Told | readonly Told[]>;
}

/** An event after which nothing can be done about a notification any more. */
interface End {
  readonly event: EventDefinition<unknown>;
  /**
   * The cause of the notifications that are withdrawn. Null if none are. Like a source's `notice`, it is called before
   * the event changes the data in `known`.
   */
  cause(payload: unknown, known: Known): Promise<string | null>;
}

/** A kind of notification. */
export interface Kind {
  /**
   * The format of the stored data for the text. A name may be missing; then the text has a general word instead of it.
   */
  readonly facts: z.ZodType;
  /** The channels by which a person gets this kind. The person's own choice for a channel overrides them. */
  readonly channels: readonly Channel[];
  text(facts: unknown, reader: Reader): string;
  readonly sources: readonly Source[];
  readonly ends: readonly End[];
}

interface KindOptions<F> {
  readonly facts: z.ZodType<F>;
  readonly channels: readonly Channel[];
  readonly texts: Readonly<Record<Language, (facts: F, reader: Reader) => string>>;
  readonly sources?: readonly Source[];
  readonly ends?: readonly End[];
}

const kind = <F>({ facts, channels, texts, sources = [], ends = [] }: KindOptions<F>): Kind => ({
  facts,
  channels,
  text: (given, reader) => texts[reader.language](facts.parse(given), reader),
  sources,
  ends,
});

const on = <T>(
  event: EventDefinition<T>,
  notice: (payload: T, about: { readonly known: Known; readonly eventId: string }) => Promise<Told | readonly Told[]>,
): Source => ({ event, notice: (payload, about) => notice(payload as T, about) });

const endedBy = <T>(
  event: EventDefinition<T>,
  cause: (payload: T, known: Known) => string | null | Promise<string | null>,
): End => ({ event, cause: async (payload, known) => cause(payload as T, known) });

const EVERYWHERE = ['IN_APP', 'EMAIL', 'PUSH'] as const;
const ON_DEVICES = ['IN_APP', 'PUSH'] as const;

/** A name in the data for a text. Null when the event with the name had not arrived when the notification was made. */
const name = z.string().nullable().catch(null);
const en = (text: string | null, otherwise: string): string => text ?? otherwise;
const ru = (text: string | null, otherwise: string): string => (text === null ? otherwise : `«${text}»`);
/** Puts the noun «команда» before the name. So the verb after it is right even if the name is a plural. */
const teamRu = (team: string | null): string => (team === null ? 'Ваша команда' : `Команда «${team}»`);

const NOTHING: readonly Told[] = [];
const playing = (teams: string[]): Audience => ({
  teams,
  roles: ['OWNER', 'CAPTAIN', 'COACH', 'PLAYER'],
  except: null,
});
const leading = (teams: string[]): Audience => ({ teams, roles: ['OWNER', 'CAPTAIN'], except: null });

const entry = z.object({ tournament: name, team: name });
const tournament = z.object({ tournament: name });
const match = z.object({ home: name, away: name });
const timed = match.extend({ kickoffAt: z.iso.datetime() });
const numbers = z.object({ home: z.int(), away: z.int() });
const result = match.extend({ score: numbers, shootout: numbers.nullable() });

const ROLES: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
  EN: { OWNER: 'owner', CAPTAIN: 'captain', COACH: 'coach', PLAYER: 'player' },
  RU: { OWNER: 'владелец', CAPTAIN: 'капитан', COACH: 'тренер', PLAYER: 'игрок' },
};
const role = z.enum(['OWNER', 'CAPTAIN', 'COACH', 'PLAYER']);
const REPORTS: Readonly<Record<Language, Readonly<Record<ReportKind, string>>>> = {
  EN: { MATCH: 'match', TOURNAMENT: 'tournament', SEASON_STATISTICS: 'season statistics' },
  RU: { MATCH: 'матч', TOURNAMENT: 'турнир', SEASON_STATISTICS: 'статистика сезона' },
};
const ofTeam = z.object({ team: name });
const ofPerson = ofTeam.extend({ who: name });
const answered = z.object({ isAccepted: z.boolean() });

/** Makes the notice to one person about a team. */
const aboutTeam = async (id: string, cause: string, userId: string, facts: Facts, known: Known): Promise<Told> => ({
  cause,
  subject: { type: 'Team', id },
  facts: { team: await known.teamName(id), ...facts },
  to: { users: [userId] },
});
const isAnswer = (state: string): boolean => state === 'ACCEPTED' || state === 'DECLINED';

/** Makes the notice to the owner and captains of a team about a tournament. */
const aboutTournament = async (
  { tournamentId, teamId }: { readonly tournamentId: string; readonly teamId: string },
  cause: string,
  known: Known,
  facts: Facts = {},
): Promise<Told> => ({
  cause,
  subject: { type: 'Tournament', id: tournamentId },
  facts: { tournament: await known.tournamentName(tournamentId), team: await known.teamName(teamId), ...facts },
  to: leading([teamId]),
});
type Entered = z.output<typeof EntryChanged.payload>;
/**
 * The cause of the notifications that an entry is in a state. A team that withdrew and enters again has the same entry,
 * but the states after that are new causes.
 */
const entryCause = async ({ entryId }: Entered, state: string, known: Known): Promise<string> => {
  const { withdrawals = 0 } = (await known.entry(entryId)) ?? {};
  return uuidV5(entryId, withdrawals === 0 ? state : `${state} after ${withdrawals} withdrawals`);
};
const stateBefore = async ({ entryId }: Entered, known: Known): Promise<string | null> =>
  (await known.entry(entryId))?.state ?? null;
const entryNotice = async (entered: Entered, known: Known, facts?: Facts): Promise<Told> =>
  aboutTournament(entered, await entryCause(entered, entered.state, known), known, facts);

/**
 * The cause of the notification that a team has won a tournament. The first two champions of a tournament differ, and
 * keep the causes that they had in older versions.
 * @param champions how often the champion had changed before
 */
const cupWon = (tournamentId: string, teamId: string, champions: number): string =>
  uuidV5(tournamentId, `won by ${teamId}${champions < 2 ? '' : ` ${champions}`}`);

/** The cause of the notification that a tournament invites a team. A second invitation of the team has the same cause. */
const invitation = ({ tournamentId, teamId }: z.output<typeof TeamInvitedToTournament.payload>): string =>
  uuidV5(tournamentId, `invites ${teamId}`);

const LOST = ['REJECTED', 'MISSED_CHECK_IN', 'DISQUALIFIED'] as const;
const LOST_RU: Readonly<Record<(typeof LOST)[number], string>> = {
  REJECTED: 'не допущена к турниру',
  MISSED_CHECK_IN: 'не подтвердила участие и потеряла место в турнире',
  DISQUALIFIED: 'снята с турнира',
};
const isLost = (state: string | null): boolean => LOST.some((lost) => lost === state);

const namesOf = async (
  { homeTeamId, awayTeamId }: Pick<MatchFacts, 'homeTeamId' | 'awayTeamId'>,
  known: Known,
): Promise<{ home: string | null; away: string | null }> => ({
  home: await known.teamName(homeTeamId),
  away: await known.teamName(awayTeamId),
});

const sides = {
  EN: ({ home, away }: z.output<typeof match>) => `${en(home, 'home side')} – ${en(away, 'visitors')}`,
  RU: ({ home, away }: z.output<typeof match>) => `${ru(home, 'хозяева')} – ${ru(away, 'гости')}`,
};

const scoreOf = ({ score, shootout }: z.output<typeof result>): string =>
  `${score.home}:${score.away}${shootout ? ` (${shootout.home}:${shootout.away})` : ''}`;

/** The cause of a notification about unread messages: an id for the person, the room and the position read so far. */
const burst = ({ userId, roomId, readSeq }: z.output<typeof ChatCaughtUp.payload>): string =>
  uuidV5(roomId, `${userId} has read ${readSeq}`);
/** Writes "100+" for 100, because chat counts only up to 100, which means 100 or more. */
const orMore = (text: string): string => text.replace(/^100 /, '100+ ');

/** Makes the notice that a match starts soon. A timer causes it, not an event. */
export const startsSoon = async (
  match: { readonly id: string; readonly homeTeamId: string; readonly awayTeamId: string; readonly kickoffAt: Date },
  known: Known,
): Promise<Told> => {
  const kickoffAt = match.kickoffAt.toISOString();
  return {
    cause: uuidV5(match.id, `starts at ${kickoffAt}`),
    subject: { type: 'Match', id: match.id },
    facts: { ...(await namesOf(match, known)), kickoffAt },
    to: playing([match.homeTeamId, match.awayTeamId]),
  };
};

/**
 * Every kind of notification: its channels, its texts, the events that cause it, and the events that withdraw it. A new
 * kind is an entry here and a value of the schema's enum `NotificationKind`.
 */
export const KINDS = {
  INVITED: kind({
    channels: EVERYWHERE,
    facts: ofPerson.extend({ role }),
    texts: {
      EN: ({ who, team, role: as }) =>
        `${en(who, 'Somebody')} invites you to ${en(team, 'a team')}. Role: ${ROLES.EN[as] ?? as}.`,
      RU: ({ who, team, role: as }) =>
        `${who ?? 'Вас'} ${who ? 'приглашает вас' : 'приглашают'} в команду ${ru(team, '')}`.trim() +
        `. Роль: ${ROLES.RU[as] ?? as}.`,
    },
    sources: [
      on(InvitationSent, async ({ teamId, invitationId, userId, inviterId, role: as }, { known }) =>
        aboutTeam(teamId, invitationId, userId, { who: await known.userName(inviterId), role: as }, known),
      ),
    ],
    ends: [endedBy(InvitationClosed, ({ invitationId }) => invitationId)],
  }),
  INVITATION_ANSWERED: kind({
    channels: ON_DEVICES,
    facts: ofPerson.extend(answered.shape),
    texts: {
      EN: ({ who, team, isAccepted }) =>
        `${en(who, 'Somebody')} ${isAccepted ? 'joins' : 'does not join'} ${en(team, 'your team')}.`,
      RU: ({ who, team, isAccepted }) =>
        `${who ?? 'Ваше приглашение'}: ${isAccepted ? 'приглашение принято' : 'приглашение отклонено'}, команда ${ru(team, 'ваша')}.`,
    },
    sources: [
      on(InvitationClosed, async ({ teamId, invitationId, userId, inviterId, state }, { known }) =>
        isAnswer(state)
          ? aboutTeam(
              teamId,
              uuidV5(invitationId, 'answer'),
              inviterId,
              { who: await known.userName(userId), isAccepted: state === 'ACCEPTED' },
              known,
            )
          : NOTHING,
      ),
    ],
  }),
  JOIN_REQUESTED: kind({
    channels: EVERYWHERE,
    facts: ofPerson,
    texts: {
      EN: ({ who, team }) => `${en(who, 'Somebody')} asks to join ${en(team, 'your team')}.`,
      RU: ({ who, team }) => `Заявка в команду ${ru(team, '')}`.trim() + `: ${who ?? 'новый игрок'}.`,
    },
    sources: [
      on(JoinRequested, async ({ teamId: id, joinRequestId: cause, userId }, { known }) => ({
        cause,
        subject: { type: 'Team', id },
        facts: { team: await known.teamName(id), who: await known.userName(userId) },
        to: leading([id]),
      })),
    ],
    ends: [endedBy(JoinRequestClosed, ({ joinRequestId }) => joinRequestId)],
  }),
  JOIN_REQUEST_ANSWERED: kind({
    channels: EVERYWHERE,
    facts: ofTeam.extend(answered.shape),
    texts: {
      EN: ({ team, isAccepted }) =>
        isAccepted ? `You are in ${en(team, 'a team')} now.` : `${en(team, 'A team')} declines your request to join.`,
      RU: ({ team, isAccepted }) =>
        `Ваша заявка ${isAccepted ? 'принята' : 'отклонена'}: ${ru(team, 'команда ответила')}.`,
    },
    sources: [
      on(JoinRequestClosed, async ({ teamId, joinRequestId, userId, state }, { known }) =>
        isAnswer(state)
          ? aboutTeam(teamId, uuidV5(joinRequestId, 'answer'), userId, { isAccepted: state === 'ACCEPTED' }, known)
          : NOTHING,
      ),
    ],
  }),
  ROLE_CHANGED: kind({
    channels: EVERYWHERE,
    facts: ofTeam.extend({ role }),
    texts: {
      EN: ({ team, role: as }) => `Your role in ${en(team, 'your team')} is now: ${ROLES.EN[as] ?? as}.`,
      RU: ({ team, role: as }) => `Ваша роль в команде ${ru(team, '')}`.trim() + `: ${ROLES.RU[as] ?? as}.`,
    },
    sources: [
      on(MemberRoleChanged, async ({ teamId, userId, role: as, byUserId }, { known, eventId }) =>
        byUserId === userId ? NOTHING : aboutTeam(teamId, eventId, userId, { role: as }, known),
      ),
    ],
  }),
  REMOVED_FROM_TEAM: kind({
    channels: EVERYWHERE,
    facts: ofTeam,
    texts: {
      EN: ({ team }) => `You are not a member of ${en(team, 'a team')} any more.`,
      RU: ({ team }) => `Вы больше не в команде ${ru(team, '')}`.trim() + '.',
    },
    sources: [
      on(MemberLeftTeam, async ({ teamId, userId, removedById, disbanded }, { known, eventId }) =>
        removedById == null || removedById === userId || disbanded
          ? NOTHING
          : aboutTeam(teamId, eventId, userId, {}, known),
      ),
    ],
  }),
  TEAM_DISBANDED: kind({
    channels: EVERYWHERE,
    facts: ofTeam,
    texts: {
      EN: ({ team }) => `${en(team, 'Your team')} is disbanded.`,
      RU: ({ team }) => `${teamRu(team)} распущена.`,
    },
    sources: [
      // Not TeamDisbanded, which comes when the team has no members any more.
      on(MemberLeftTeam, async ({ teamId, userId, removedById, disbanded }, { known }) =>
        disbanded && removedById != null ? aboutTeam(teamId, uuidV5(teamId, 'disbanded'), userId, {}, known) : NOTHING,
      ),
    ],
  }),
  TOURNAMENT_ANNOUNCED: kind({
    channels: [],
    facts: z.object({ tournament: name, city: z.string() }),
    texts: {
      EN: (facts) => `A tournament in ${facts.city}: ${en(facts.tournament, 'see the details')}.`,
      RU: (facts) => `Турнир, город ${facts.city}: ${ru(facts.tournament, 'смотрите подробности')}.`,
    },
    sources: [
      on(TournamentPublished, async ({ tournamentId: id, name: called, city, sport }) =>
        // People are notified of tournaments in their own city. So nobody is notified of a tournament without a city.
        city == null
          ? NOTHING
          : {
              cause: id,
              subject: { type: 'Tournament', id },
              facts: { tournament: called, city },
              to: { city, sport },
            },
      ),
    ],
  }),
  TEAM_INVITED: kind({
    channels: EVERYWHERE,
    facts: entry,
    texts: {
      EN: (facts) => `${en(facts.tournament, 'A tournament')} invites ${en(facts.team, 'your team')}.`,
      RU: (facts) => `${teamRu(facts.team)} получила приглашение на турнир ${ru(facts.tournament, '')}`.trim() + '.',
    },
    sources: [
      on(TeamInvitedToTournament, async (invited, { known }) =>
        // Nobody but its organizers may know of a draft. Tournaments sends the invitations of a draft when it is
        // published; older versions also sent them before that.
        (await known.tournamentState(invited.tournamentId)) === 'DRAFT'
          ? NOTHING
          : aboutTournament(invited, invitation(invited), known),
      ),
    ],
    ends: [endedBy(EntryChanged, invitation)],
  }),
  ENTRY_REQUESTED: kind({
    channels: EVERYWHERE,
    facts: entry,
    texts: {
      EN: (facts) => `${en(facts.team, 'A team')} asks for a place in ${en(facts.tournament, 'your tournament')}.`,
      RU: (facts) =>
        `Заявка на турнир ${ru(facts.tournament, '')}`.trim() +
        `: ${facts.team === null ? 'новая команда' : `команда «${facts.team}»`}.`,
    },
    sources: [
      on(EntryChanged, async (entered, { known }) =>
        entered.state === 'PENDING'
          ? { ...(await entryNotice(entered, known)), to: { users: await known.organizersOf(entered.tournamentId) } }
          : NOTHING,
      ),
    ],
    ends: [
      endedBy(EntryChanged, (entered, known) =>
        entered.state === 'PENDING' ? null : entryCause(entered, 'PENDING', known),
      ),
    ],
  }),
  ENTRY_ACCEPTED: kind({
    channels: EVERYWHERE,
    facts: entry,
    texts: {
      EN: (facts) => `${en(facts.team, 'Your team')} plays in ${en(facts.tournament, 'a tournament')}.`,
      RU: (facts) => `${teamRu(facts.team)} участвует в турнире ${ru(facts.tournament, '')}`.trim() + '.',
    },
    sources: [
      on(EntryChanged, async (entered, { known }) =>
        // An entry that was accepted before has later events in this state, for example when it gets a seed. They cause
        // no notification.
        entered.state === 'ACCEPTED' && (await stateBefore(entered, known)) !== 'ACCEPTED'
          ? entryNotice(entered, known)
          : NOTHING,
      ),
    ],
  }),
  ENTRY_WAIT_LISTED: kind({
    channels: EVERYWHERE,
    facts: entry,
    texts: {
      EN: (facts) =>
        `${en(facts.team, 'Your team')} is on the waiting list of ${en(facts.tournament, 'a tournament')}.`,
      RU: (facts) => `${teamRu(facts.team)} в листе ожидания турнира ${ru(facts.tournament, '')}`.trim() + '.',
    },
    sources: [
      on(EntryChanged, async (entered, { known }) =>
        entered.state === 'WAITING' ? entryNotice(entered, known) : NOTHING,
      ),
    ],
  }),
  ENTRY_LOST: kind({
    channels: EVERYWHERE,
    facts: entry.extend({ state: z.enum(LOST) }),
    texts: {
      EN: ({ team, tournament: cup, state }) =>
        state === 'REJECTED'
          ? `${en(cup, 'A tournament')} does not accept ${en(team, 'your team')}.`
          : state === 'DISQUALIFIED'
            ? `${en(team, 'Your team')} is disqualified from ${en(cup, 'a tournament')}.`
            : `${en(team, 'Your team')} did not check in, and lost its place in ${en(cup, 'a tournament')}.`,
      RU: ({ team, tournament: cup, state }) => `${teamRu(team)} ${LOST_RU[state]} ${ru(cup, '')}`.trim() + '.',
    },
    sources: [
      on(EntryChanged, async (entered, { known }) =>
        isLost(entered.state) && !isLost(await stateBefore(entered, known))
          ? entryNotice(entered, known, { state: entered.state })
          : NOTHING,
      ),
    ],
  }),
  CHECK_IN_OPEN: kind({
    channels: EVERYWHERE,
    facts: tournament,
    texts: {
      EN: (facts) => `Check-in is open: ${en(facts.tournament, 'your tournament')}.`,
      RU: (facts) => `Подтвердите участие: ${ru(facts.tournament, 'ваш турнир')}.`,
    },
    sources: [
      on(TournamentChanged, async ({ tournamentId: id, name: called, state }, { known }) =>
        state === 'CHECK_IN' && (await known.tournamentState(id)) !== 'CHECK_IN'
          ? {
              cause: uuidV5(id, 'check-in'),
              subject: { type: 'Tournament', id },
              facts: { tournament: called },
              to: leading(await known.teamsIn(id)),
            }
          : NOTHING,
      ),
    ],
  }),
  TOURNAMENT_DRAWN: kind({
    channels: EVERYWHERE,
    facts: tournament,
    texts: {
      EN: (facts) => `The draw is made: ${en(facts.tournament, 'your tournament')}.`,
      RU: (facts) => `Жеребьёвка проведена: ${ru(facts.tournament, 'ваш турнир')}.`,
    },
    sources: [
      on(TournamentDrawn, async ({ tournamentId: id }, { known, eventId }) => ({
        cause: eventId,
        subject: { type: 'Tournament', id },
        facts: { tournament: await known.tournamentName(id) },
        to: playing(await known.teamsIn(id)),
      })),
    ],
  }),
  SCHEDULE_CHANGED: kind({
    channels: EVERYWHERE,
    // Rows of older versions have no `state`.
    facts: timed.extend({ state: z.enum(['SCHEDULED', 'POSTPONED', 'CANCELLED']).catch('SCHEDULED') }),
    texts: {
      EN: ({ state, ...facts }, reader) =>
        state === 'SCHEDULED'
          ? `${sides.EN(facts)} starts at another time: ${momentOf(facts.kickoffAt, reader)}.`
          : `${state === 'POSTPONED' ? 'Postponed' : 'Cancelled'}: ${sides.EN(facts)}.`,
      RU: ({ state, ...facts }, reader) =>
        state === 'SCHEDULED'
          ? `Новое время матча ${sides.RU(facts)}: ${momentOf(facts.kickoffAt, reader)}.`
          : `Матч ${sides.RU(facts)} ${state === 'POSTPONED' ? 'отложен' : 'отменён'}.`,
    },
    sources: [
      on(MatchEventRecorded, async ({ matchId: id, match: of, detail }, { known, eventId }) => {
        const before = of && (detail.kind === 'PLAN' || detail.kind === 'STATE') ? await known.match(id) : null;
        if (!of || !before) return NOTHING;
        const told = async (state: string, kickoffAt: string): Promise<Told> => ({
          cause: eventId,
          subject: { type: 'Match', id },
          facts: { ...(await namesOf(of, known)), state, kickoffAt },
          to: playing([of.homeTeamId, of.awayTeamId]),
        });
        if (detail.kind === 'PLAN') {
          const isMoved = before.kickoffAt.getTime() !== Date.parse(detail.kickoffAt);
          // A postponed match may get the time that it had.
          const isNews = !detail.kickoffIsEstimate && (isMoved || before.state === 'POSTPONED');
          return isNews ? told('SCHEDULED', detail.kickoffAt) : NOTHING;
        }
        // A match of a tournament is cancelled with the tournament: see TOURNAMENT_CANCELLED.
        const isOff =
          detail.kind === 'STATE' &&
          (detail.state === 'POSTPONED' || (detail.state === 'CANCELLED' && of.tournamentId === null));
        return isOff ? told(detail.state, of.kickoffAt) : NOTHING;
      }),
    ],
  }),
  TOURNAMENT_CANCELLED: kind({
    channels: EVERYWHERE,
    facts: tournament,
    texts: {
      EN: (facts) => `Cancelled: ${en(facts.tournament, 'your tournament')}.`,
      RU: (facts) => `Отменён турнир ${ru(facts.tournament, '')}`.trim() + '.',
    },
    sources: [
      on(TournamentCancelled, async ({ tournamentId: id, teamIds }, { known }) => ({
        cause: uuidV5(id, 'cancelled'),
        subject: { type: 'Tournament', id },
        facts: { tournament: await known.tournamentName(id) },
        to: playing(teamIds),
      })),
    ],
  }),
  MATCH_STARTS_SOON: kind({
    channels: ON_DEVICES,
    facts: timed,
    texts: {
      EN: (facts, reader) => `${sides.EN(facts)} starts soon: ${momentOf(facts.kickoffAt, reader)}.`,
      RU: (facts, reader) => `Скоро матч ${sides.RU(facts)}: ${momentOf(facts.kickoffAt, reader)}.`,
    },
  }),
  RESULT: kind({
    channels: ON_DEVICES,
    facts: result,
    texts: {
      EN: (facts) => `${sides.EN(facts)}: ${scoreOf(facts)}.`,
      RU: (facts) => `${sides.RU(facts)}: ${scoreOf(facts)}.`,
    },
    sources: [
      on(MatchEventRecorded, async (event, { known }) => {
        const { matchId: id, match: of, score } = event;
        const before = await known.match(id);
        const now = resultOf(event, before);
        if (!of || now === null || now === before?.result) return NOTHING;
        const { home, away, shootout } = score;
        const changes = before?.resultChanges ?? 0;
        return {
          // Each result has its own notification, also one that a match has again after two corrections or a replay. The
          // result of a match and its first correction differ, and keep the causes that they had in older versions.
          cause: uuidV5(id, changes < 2 ? now : `${now} ${changes}`),
          subject: { type: 'Match', id },
          facts: { ...(await namesOf(of, known)), score: { home, away }, shootout },
          to: playing([of.homeTeamId, of.awayTeamId]),
        };
      }),
    ],
  }),
  PROTEST: kind({
    channels: EVERYWHERE,
    facts: match.extend({ by: name }),
    texts: {
      EN: (facts) => `${en(facts.by, 'A side')} protests against the result of ${sides.EN(facts)}.`,
      RU: (facts) => `Протест по матчу ${sides.RU(facts)}. Его подаёт ${ru(facts.by, 'одна из сторон')}.`,
    },
    sources: [
      on(MatchEventRecorded, async ({ matchId: id, match: of, detail }, { known, eventId: cause }) => {
        if (!of || detail.kind !== 'PROTEST') return NOTHING;
        const names = await namesOf(of, known);
        const told = {
          cause,
          subject: { type: 'Match' as const, id },
          facts: { ...names, by: detail.side === 'HOME' ? names.home : names.away },
        };
        const organizers = of.tournamentId ? await known.organizersOf(of.tournamentId) : [];
        return [
          { ...told, to: { users: organizers } },
          { ...told, to: leading([of.homeTeamId, of.awayTeamId]) },
        ];
      }),
    ],
  }),
  CHAT_MISSED: kind({
    channels: ON_DEVICES,
    facts: ofTeam.extend({ count: z.int() }),
    texts: {
      EN: ({ team, count }) =>
        orMore(`${counted(count, 'new message', 'new messages')} in the chat of ${en(team, 'your team')}.`),
      RU: ({ team, count }) =>
        orMore(
          `${plural(count, 'новое сообщение', 'новых сообщения', 'новых сообщений')} в чате команды ${ru(team, '')}`.trim() +
            '.',
        ),
    },
    sources: [
      on(ChatMissed, async ({ userId, roomId, teamId, readSeq, count }, { known }) => ({
        cause: burst({ userId, roomId, readSeq }),
        subject: { type: 'Room', id: roomId },
        facts: { team: await known.teamName(teamId), count },
        to: { users: [userId] },
      })),
    ],
    ends: [endedBy(ChatCaughtUp, burst)],
  }),
  CUP_WON: kind({
    channels: EVERYWHERE,
    facts: entry,
    texts: {
      EN: (facts) => `${en(facts.team, 'Your team')} has won ${en(facts.tournament, 'a tournament')}!`,
      RU: (facts) => `${teamRu(facts.team)} побеждает в турнире ${ru(facts.tournament, '')}`.trim() + '!',
    },
    sources: [
      on(TournamentCompleted, async ({ tournamentId: id, championTeamId: teamId }, { known }) => {
        // A correction can give the cup to another team, or back to the first one.
        const { championTeamId: before, champions } = await known.championOf(id);
        return teamId === null || teamId === before
          ? NOTHING
          : {
              cause: cupWon(id, teamId, champions),
              subject: { type: 'Tournament', id },
              facts: { tournament: await known.tournamentName(id), team: await known.teamName(teamId) },
              to: playing([teamId]),
            };
      }),
    ],
    ends: [
      endedBy(TournamentCompleted, async ({ tournamentId: id, championTeamId: teamId }, known) => {
        const { championTeamId: before, champions } = await known.championOf(id);
        return before === null || before === teamId ? null : cupWon(id, before, champions - 1);
      }),
    ],
  }),
  /**
   * No event causes this kind: mailings/mailing-work.service.ts makes these notifications, and sends the e-mail too.
   */
  MAILING: kind({
    channels: EVERYWHERE,
    facts: z.object({ from: name, title: z.string() }),
    texts: {
      EN: ({ from, title }) => `${en(from, 'A message')}: ${title}`,
      RU: ({ from, title }) => `${ru(from, 'Сообщение')}: ${title}`,
    },
  }),
  /** No event causes this kind: reports/report-work.ts makes the notification when the report is done. */
  REPORT_READY: kind({
    channels: EVERYWHERE,
    facts: z.object({ report: z.enum(REPORT_KINDS), format: z.enum(REPORT_FORMATS), subject: name }),
    texts: {
      EN: ({ report, format, subject }) =>
        `Your report is ready (${format}): ${REPORTS.EN[report]}${subject === null ? '' : `, ${subject}`}.`,
      RU: ({ report, format, subject }) =>
        `Отчёт готов (${format}): ${REPORTS.RU[report]}${subject === null ? '' : `, ${subject}`}.`,
    },
  }),
} as const satisfies Readonly<Record<string, Kind>>;

export type KindName = keyof typeof KINDS;
export const KIND_NAMES = Object.keys(KINDS) as readonly KindName[];

/** The kind with this name; undefined when only a newer version of the program knows it. */
export const kindOf = (called: string): Kind | undefined => (KINDS as Readonly<Record<string, Kind>>)[called];

/** The text of a stored notification. Empty for a kind that this version of the program does not know. */
export function textOf(
  { kind: called, facts }: { readonly kind: string; readonly facts: unknown },
  reader: Reader,
): string {
  return kindOf(called)?.text(facts as Facts, reader) ?? '';
}
