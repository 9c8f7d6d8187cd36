import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { openPool } from '../platform/postgres/pool.ts';
import { toGlobalId } from '../platform/graphql/global-id.ts';
import { UserErrors } from '../platform/graphql/user-errors.ts';
import type { Principal } from '../platform/identity/principal.ts';
import { PrismaClient as Chat } from '../subgraphs/chat/generated/prisma/client.ts';
import { MessagesService } from '../subgraphs/chat/messages.service.ts';
import { roomIdOf } from '../subgraphs/chat/rooms.service.ts';
import { PrismaClient as Matches } from '../subgraphs/matches/generated/prisma/client.ts';
import { LineupsService } from '../subgraphs/matches/lineups.service.ts';
import { MatchEventsService } from '../subgraphs/matches/match-events.service.ts';
import { MatchMovesService } from '../subgraphs/matches/match-moves.service.ts';
import { ResultsService } from '../subgraphs/matches/results.service.ts';
import { PrismaClient as Notifications } from '../subgraphs/notifications/generated/prisma/client.ts';
import { InvitationsService } from '../subgraphs/teams/invitations.service.ts';
import { TeamsService } from '../subgraphs/teams/teams.service.ts';
import { EnteringService } from '../subgraphs/tournaments/entering.service.ts';
import { PrismaClient as Tournaments, type Tournament } from '../subgraphs/tournaments/generated/prisma/client.ts';
import { LifeService } from '../subgraphs/tournaments/life.service.ts';
import { RulingsService } from '../subgraphs/tournaments/rulings.service.ts';
import { StagesService } from '../subgraphs/tournaments/stages.service.ts';
import { TournamentsService } from '../subgraphs/tournaments/tournaments.service.ts';
import { clearAway } from './demo-clearing.ts';
import { giveLogos } from './demo-logos.ts';
import type { Product } from './product.ts';

export const CUP = 'Yard Cup';
export const CITY = 'Kassel';

export interface Pace {
  /** Real milliseconds between two events of a match. */
  readonly stepMs: number;
  /** Minutes on the match clock between two events. A match has 40 minutes. */
  readonly stepMinutes: number;
  /** Real milliseconds between the final and the next edition. */
  readonly celebrationMs: number;
  /** How many finished editions are kept. Older ones are deleted. */
  readonly kept: number;
}
/** The pace of `npm start`. An edition takes about eight minutes at this pace. */
export const PACE: Pace = { stepMs: 2500, stepMinutes: 2, celebrationMs: 45_000, kept: 2 };

/** How many matches are played at the same time. They belong to the same round. */
const PITCHES = 2;
/** After this number of failures in a row, the edition is cancelled (a draft is deleted) and the next one begins. */
const MAX_FAILURES = 5;

const TEAMS = [
  { name: 'Yard Foxes', owner: 'anna', players: ['Dina Reyes', 'Mika Stone', 'Jo Brandt', 'Nora Falk', 'Ivo Marek'] },
  { name: 'Brick Rovers', owner: 'boris', players: ['Sam Okoro', 'Lev Haas', 'Tess Moreau', 'Ben Arslan', 'Kim Vu'] },
  { name: 'Заря', owner: 'vera', players: ['Лев Громов', 'Анна Белова', 'Пётр Чижов', 'Юрий Щукин', 'Яна Орлова'] },
  { name: 'Harbour Lights', owner: 'emil', players: ['Ada Lund', 'Per Holm', 'Ole Dahl', 'Siv Berg', 'Max Roth'] },
  { name: 'Северный ветер', owner: 'vera', players: ['Иван Морозов', 'Ольга Зимина', 'Олег Вьюгин', 'Ия Снегова'] },
  { name: 'Rooftop United', owner: 'emil', players: ['Zoe Park', 'Luis Vega', 'Amir Nassar', 'Eva Kraus', 'Tom Beck'] },
  { name: 'Old Mill', owner: 'anna', players: ['Finn Muller', 'Lena Vogt', 'Jan Wiese', 'Rosa Klein', 'Paul Otto'] },
  { name: 'Street 47', owner: 'boris', players: ['Chidi Eze', 'Mona Saleh', 'Rico Blanc', 'Ines Duarte', 'Yan Li'] },
] as const;
type Team = (typeof TEAMS)[number];
const CHEERS = [
  'what a ball!',
  'run, run, run',
  'never a foul',
  'that keeper is a wall',
  'who brought the drums?',
  'come on, reds!',
];

interface Side {
  readonly side: 'HOME' | 'AWAY';
  readonly team: Team;
}

/** The stages of an edition: two groups of four, then semi-finals, a match for the third place, and the final. */
const STAGES = [
  { name: 'Groups', format: { roundRobin: { groups: 2 } } },
  {
    name: 'Play-off',
    format: { singleElimination: { thirdPlace: true } },
    entrants: [{ top: { stage: 1, places: 2 } }],
  },
];

/** The states of a match that is over: its result counts, or it will never have a result. */
const OVER: readonly string[] = ['CONFIRMED', 'WALKOVER', 'CANCELLED', 'FORFEITED'];

/**
 * A cup that is played without end: teams enter, matches are played live, captains confirm results, and after the final
 * the next edition begins. Each step calls a service of the API as a user would. The stored state decides which step is
 * next. So a process continues where an earlier one stopped.
 */
export class DemoCup {
  readonly #product: Product;
  readonly #people: ReadonlyMap<string, Principal>;
  readonly #pace: Pace;
  readonly #stopping = new AbortController();
  readonly #teams = new Map<string, Team>();
  #running: Promise<void> | undefined;
  #logos: Promise<void> | undefined;

  constructor(product: Product, people: ReadonlyMap<string, Principal>, pace: Pace) {
    this.#product = product;
    this.#people = people;
    this.#pace = pace;
  }

  /**
   * Plays until {@link stop} is called. A step that fails is tried again. After MAX_FAILURES failures in a row the
   * edition is cancelled.
   */
  start(): void {
    this.#running = this.#play();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await this.#logos;
  }

  async #play(): Promise<void> {
    const { signal } = this.#stopping;
    let failures = 0;
    while (!signal.aborted) {
      try {
        if (this.#teams.size === 0) await this.#found();
        await this.#step();
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        failures++;
        // The first UNAVAILABLE is not logged: a service may not have received the event of a new team or match yet.
        if (failures > 1 || (error as { code?: unknown }).code !== 'UNAVAILABLE')
          this.#product.logger.warn('the demo cup stumbled', error, 'Demo');
        if (failures % MAX_FAILURES === 0) await this.#callOff().catch(() => undefined);
        await this.#pause(1000).catch(() => undefined); // it is stopping
      }
    }
  }

  /** Creates the teams that do not exist yet, makes dina a member of the first one, and starts to give them logos. */
  async #found(): Promise<void> {
    const teams = this.#service('teams', TeamsService);
    const created = await Promise.all(
      TEAMS.map(async (team) => {
        const { id } = await teams.create(this.#person(team.owner), {
          clientId: `demo:${team.name}`,
          name: team.name,
          sport: 'MINI_FOOTBALL',
          city: CITY,
        });
        return [id, team] as const;
      }),
    );
    const [foxes] = created;
    const invitations = this.#service('teams', InvitationsService);
    await invitations
      .invite(this.#person('anna'), {
        teamId: toGlobalId('Team', foxes?.[0] ?? ''),
        userId: toGlobalId('User', this.#person('dina').userId ?? ''),
        role: 'PLAYER',
        squadNumber: 9,
      })
      .then(({ token }) => invitations.accept(this.#person('dina'), { token }))
      .catch(() => undefined); // already a member, since an earlier start
    await this.#clear();
    for (const [id, team] of created) this.#teams.set(id, team);
    // The cup does not wait for the pictures. A team without one gets it at the next start.
    this.#logos = giveLogos(
      this.#product,
      created.map(([id, { name, owner }]) => ({ id, name, owner: this.#person(owner) })),
      this.#stopping.signal,
    ).catch((error: unknown) => {
      if (!this.#stopping.signal.aborted) this.#product.logger.warn('the demo has teams without logos', error, 'Demo');
    });
  }

  /** Does the next step of the newest edition. When that edition is over, creates the next one. */
  async #step(): Promise<void> {
    const [edition] = await this.#editions(1);
    switch (edition?.state) {
      case 'DRAFT':
        await this.#service('tournaments', StagesService).set(this.#olga, { ...of(edition), stages: STAGES });
        await this.#life.publish(this.#olga, of(edition));
        return;
      case 'REGISTRATION':
        for (const [id, { owner }] of this.#teams)
          await this.#service('tournaments', EnteringService).enter(this.#person(owner), {
            ...of(edition),
            teamId: toGlobalId('Team', id),
          });
        await this.#life.closeRegistration(this.#olga, of(edition));
        return;
      case 'CHECK_IN':
        await this.#life.draw(this.#olga, of(edition));
        return;
      case 'SEEDED':
        // Lots decide between teams that are level in all that the rules compare.
        await this.#service('tournaments', RulingsService)
          .drawLots(this.#olga, of(edition))
          .catch((error: unknown) => {
            // The lots are drawn: an earlier process ended before it started the cup.
            if (!(error instanceof UserErrors && error.errors[0]?.reason === 'ALREADY_DRAWN')) throw error;
          });
        await this.#life.start(this.#olga, of(edition));
        return;
      case 'RUNNING':
        await this.#playNext(edition);
        return;
      case 'COMPLETED':
        await this.#pause(this.#pace.celebrationMs);
        break;
    }
    if (this.#stopping.signal.aborted) return;
    await this.#clear();
    await this.#begin(edition);
  }

  async #begin(earlier: Tournament | undefined): Promise<void> {
    const number = Number(earlier?.clientId.split(':').at(-1) ?? 0) + 1;
    await this.#service('tournaments', TournamentsService).create(this.#olga, {
      clientId: `demo:cup:${number}`,
      name: CUP,
      description: `Edition ${number}`,
      sport: 'MINI_FOOTBALL',
      timeZone: 'Europe/Berlin',
      city: CITY,
      startsAt: new Date(),
      minTeams: TEAMS.length,
      maxTeams: TEAMS.length,
    });
  }

  /**
   * Plays the next matches at the same time. Waits 100 ms if there is nothing to play, because the subgraphs have not
   * received each other's events yet.
   */
  async #playNext(edition: Tournament): Promise<void> {
    const slots = await this.#tournaments.slot.findMany({
      where: { stage: { tournamentId: edition.id }, matchId: { not: null } },
      include: { stage: { select: { number: true } }, results: { where: { annulled: false } } },
    });
    const open = slots.filter(({ matchId, results }) =>
      results.some((result) => result.matchId === matchId && !OVER.includes(result.state)),
    );
    // The match for the third place has the round number 1, and is played before the final.
    open.sort(
      (a, b) =>
        a.stage.number - b.stage.number ||
        a.round - b.round ||
        a.position - b.position ||
        (a.group ?? 0) - (b.group ?? 0),
    );
    const [next] = open;
    const now = open
      .filter((slot) => slot.stageId === next?.stageId && slot.bracket === next.bracket && slot.round === next.round)
      .slice(0, PITCHES);
    const outcomes = await Promise.allSettled(now.map(({ matchId }) => this.#playMatch(matchId ?? '')));
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    if (!outcomes.some((outcome) => outcome.status === 'fulfilled' && outcome.value)) await this.#pause(100);
  }

  /**
   * Plays a match from its current state until its result counts.
   * @returns false when the match is over, or the subgraph matches has not created it yet
   */
  async #playMatch(id: string): Promise<boolean> {
    const match = await this.#matches.match.findUnique({ where: { id } });
    if (!match || OVER.includes(match.state)) return false;
    const matchId = toGlobalId('Match', id);
    const [home, away] = [this.#teams.get(match.homeTeamId), this.#teams.get(match.awayTeamId)];
    if (!home || !away) throw new Error('a team of the cup is missing');
    const sides: Side[] = [
      { side: 'HOME', team: home },
      { side: 'AWAY', team: away },
    ];
    const results = this.#service('matches', ResultsService);
    switch (match.state) {
      case 'SCHEDULED':
      case 'LINEUPS':
        for (const { side, team } of sides)
          await this.#service('matches', LineupsService).set(this.#person(team.owner), {
            matchId,
            side,
            starters: team.players.map((name, index) => ({ name, number: index + 1 })),
          });
        await this.#moves.start(this.#olga, { matchId });
        break;
      case 'BREAK':
      case 'SUSPENDED':
        await this.#moves.resume(this.#olga, { matchId });
        break;
      case 'POSTPONED':
      case 'ABANDONED':
        // A visitor who signed in as the organizer did this. A walkover lets the cup continue.
        await results.awardWalkover(this.#olga, { matchId, winner: 'HOME' });
        return true;
    }
    if (match.state !== 'FINISHED') await this.#playPeriods(id, sides);
    const protest = await this.#matches.protest.findFirst({ where: { matchId: id, decision: null } });
    if (protest)
      await this.#service('matches', ResultsService).decide(this.#olga, { matchId, decision: { confirmed: true } });
    else for (const { team } of sides) await results.confirm(this.#person(team.owner), { matchId });
    return true;
  }

  async #playPeriods(id: string, sides: readonly Side[]): Promise<void> {
    const matchId = toGlobalId('Match', id);
    const record = (event: object): Promise<unknown> =>
      this.#service('matches', MatchEventsService).record(this.#olga, { matchId, clientEventId: randomUUID(), event });
    const { period: begun, shootout } = await this.#matches.match.findUniqueOrThrow({ where: { id } });
    let minute = shootout ? 40 : await this.#minute(id);
    if (!shootout)
      for (const [period, end] of [
        [1, 20],
        [2, 40],
      ] as const) {
        if (period < (begun ?? 1)) continue;
        if (period > (begun ?? 1)) await record({ period: {} });
        for (minute = Math.max(minute, end - 20) + 1; minute <= end; minute += this.#pace.stepMinutes) {
          await this.#pause(this.#pace.stepMs);
          await this.#happen(id, pick(sides), minute, record);
        }
      }
    const { needsWinner, score } = await this.#matches.match.findUniqueOrThrow({ where: { id } });
    const { home, away } = score as { home: number; away: number };
    if (needsWinner && home === away) {
      if (!shootout) await record({ period: { shootout: true } });
      await this.#shootOut(id, sides, record);
    }
    await this.#moves.finish(this.#olga, { matchId });
  }

  /** At random, records a goal or a card, sends a cheer to the chat of the match, or does nothing. */
  async #happen(id: string, { side, team }: Side, minute: number, record: (event: object) => Promise<unknown>) {
    const player = { name: pick(team.players) };
    const clock = { minute };
    const luck = Math.random();
    if (luck < 0.04) await record({ goal: { side, kind: 'PENALTY', player, clock } });
    else if (luck < 0.22) {
      const assist = pick(team.players);
      await record({ goal: { side, player, clock, ...(assist !== player.name && { assist: { name: assist } }) } });
    } else if (luck < 0.3) await record({ card: { side, card: 'YELLOW', player, clock } });
    else if (luck < 0.65)
      await this.#service('chat', MessagesService).send(this.#person(pick(['anna', 'boris', 'dina'])), {
        roomId: toGlobalId('Room', roomIdOf('MATCH', id)),
        clientMessageId: randomUUID(),
        text: pick(CHEERS),
      });
  }

  /** Records the kicks of a shoot-out until one side has won it. */
  async #shootOut(id: string, sides: readonly Side[], record: (event: object) => Promise<unknown>): Promise<void> {
    for (;;) {
      for (const { side, team } of sides) {
        await this.#pause(this.#pace.stepMs);
        if (Math.random() < 0.7)
          await record({ goal: { side, kind: 'PENALTY', player: { name: pick(team.players) } } });
      }
      const { score } = await this.#matches.match.findUniqueOrThrow({ where: { id } });
      const { shootout } = score as { shootout: { home: number; away: number } | null };
      if (shootout && shootout.home !== shootout.away) return;
    }
  }

  /** The minute of the last goal or card, from which an interrupted match continues. 0 when there is none. */
  async #minute(matchId: string): Promise<number> {
    const events = await this.#matches.matchEvent.findMany({
      where: { matchId, kind: { in: ['GOAL', 'CARD'] } },
      select: { detail: true },
    });
    return Math.max(0, ...events.map(({ detail }) => (detail as { clock?: { minute: number } }).clock?.minute ?? 0));
  }

  /** The editions of the cup, newest first. */
  #editions(take?: number): Promise<Tournament[]> {
    return this.#tournaments.tournament.findMany({
      where: { creatorId: this.#olga.userId, clientId: { startsWith: 'demo:cup:' } },
      orderBy: { createdAt: 'desc' },
      ...(take !== undefined && { take }),
    });
  }

  /**
   * Deletes all finished or cancelled editions except the newest `kept` ones, and the friendlies that earlier versions
   * of the demo played.
   */
  async #clear(): Promise<void> {
    const over = (await this.#editions()).filter(({ state }) => ['COMPLETED', 'ARCHIVED', 'CANCELLED'].includes(state));
    const old = over.slice(this.#pace.kept);
    const friendlies = await this.#matches.match.findMany({
      where: { organizerId: this.#olga.userId, clientId: { startsWith: 'demo:' }, tournamentId: null },
      select: { id: true },
    });
    if (old.length === 0 && friendlies.length === 0) return;
    const { platform, logger } = this.#product;
    if (!platform) return;
    // Each database role may read and write its own schema only.
    const log = openPool(platform.databaseUrlOf('event_log'), 'demo', 1, (error, doing) =>
      logger.warn(`${doing}: ${error.message}`, 'Demo'),
    );
    try {
      await clearAway(
        {
          matches: this.#matches,
          tournaments: this.#tournaments,
          chat: this.#service<Chat>('chat', Chat),
          notifications: this.#service<Notifications>('notifications', Notifications),
          log,
        },
        { tournamentIds: old.map(({ id }) => id), matchIds: friendlies.map(({ id }) => id) },
      );
    } finally {
      await log.end();
    }
  }

  /**
   * Deletes the newest edition if it is a draft, otherwise cancels it. This is for an edition that cannot continue, for
   * example because somebody changed it by hand. After that the next edition begins.
   */
  async #callOff(): Promise<void> {
    const [edition] = await this.#editions(1);
    if (!edition) return;
    if (edition.state === 'DRAFT')
      await this.#service('tournaments', TournamentsService).delete(this.#olga, of(edition));
    else await this.#life.cancel(this.#olga, { ...of(edition), reason: 'The demo could not continue.' });
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stopping.signal });
  }

  #person(name: string): Principal {
    return this.#people.get(name) ?? { roles: [] };
  }

  get #olga(): Principal {
    return this.#person('olga');
  }

  get #life(): LifeService {
    return this.#service('tournaments', LifeService);
  }

  get #moves(): MatchMovesService {
    return this.#service('matches', MatchMovesService);
  }

  get #matches(): Matches {
    return this.#service<Matches>('matches', Matches);
  }

  get #tournaments(): Tournaments {
    return this.#service<Tournaments>('tournaments', Tournaments);
  }

  #service<T>(subgraph: string, type: new (...args: never[]) => T): T {
    const app = this.#product.apps.get(subgraph);
    if (!app) throw new Error(`the demo needs the subgraph ${subgraph}`);
    return app.get<T>(type);
  }
}

const of = ({ id }: Tournament): { tournamentId: string } => ({ tournamentId: toGlobalId('Tournament', id) });

function pick<T>(from: readonly T[]): T {
  const picked = from[Math.floor(Math.random() * from.length)];
  if (picked === undefined) throw new Error('nothing to pick from');
  return picked;
}
