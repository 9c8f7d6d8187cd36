import { Inject, Injectable } from '@nestjs/common';
import { toGlobalId } from '../../../platform/graphql/global-id.ts';
import type { Principal } from '../../../platform/identity/principal.ts';
import { QUESTIONS } from '../../../platform/injection/tokens.ts';
import { NoAnswer, type Question } from '../../../platform/questions/definition.ts';
import type { Questions } from '../../../platform/questions/questions.ts';
import {
  type ListedMatch,
  MATCH_EVENTS_AT_ONCE,
  MatchExists,
  matchEventsAfter,
  MatchInFull,
  MatchInList,
  PlayerExists,
  PlayerName,
  SeasonOf,
} from '../../../schema/questions/matches.ts';
import { TeamExists, TeamName } from '../../../schema/questions/teams.ts';
import { GroupTable, StageInFull, TournamentExists, TournamentInFull } from '../../../schema/questions/tournaments.ts';
import { UserName } from '../../../schema/questions/users.ts';
import type { Report } from '../generated/prisma/client.ts';
import { championOf, tiesOf } from './bracket-ties.ts';
import type { Content, MatchContent, MatchLine, SeasonContent, Stage, TournamentContent } from './content.ts';
import { momentsOf } from './match-moments.ts';

/** How many items one question has at most. The service that answers has 2 s for all of them. */
const AT_ONCE = 100;
/** The largest number of events of a match that a report has. A match accepts no more events. */
const MOST_EVENTS = 5000;

/** The kind of a report, the object that it is about, and its season. */
export type Subject = Pick<Report, 'kind' | 'subjectType' | 'subjectId' | 'seasonFrom' | 'seasonTo'>;

/** The error when the subject does not exist, or the viewer may not see it. */
export class SubjectMissing extends Error {
  override readonly name = 'SubjectMissing';
}

type Progress = (share: number) => Promise<void>;
type Names = ReadonlyMap<string, string>;
type Reference = { readonly id: string } | null;

const nameIn = (names: Names, of: Reference): string | null => (of === null ? null : (names.get(of.id) ?? null));
const idsIn = (references: readonly Reference[]): string[] => [...new Set(references.flatMap((of) => of?.id ?? []))];

/**
 * Reads what a report contains. It asks the other services, with the rights that the viewer has at this moment. So it
 * reads nothing that the viewer could not see.
 */
@Injectable()
export class ReportSources {
  constructor(@Inject(QUESTIONS) private readonly questions: Questions) {}

  /** Whether the viewer may see the subject. @throws NoAnswer */
  async isVisible(
    { subjectType, subjectId }: Pick<Subject, 'subjectType' | 'subjectId'>,
    viewer: Principal,
  ): Promise<boolean> {
    const question = EXISTENCE[subjectType];
    return question !== undefined && this.questions.ask(question, toGlobalId(subjectType, subjectId), viewer);
  }

  /**
   * Reads the content of a report.
   * @param onProgress called with the share that is read, 0 to 1. It may throw to stop the reading.
   * @throws SubjectMissing; NoAnswer; the errors of `onProgress`
   */
  async read(subject: Subject, viewer: Principal, onProgress: Progress = async () => undefined): Promise<Content> {
    if (!(await this.isVisible(subject, viewer)))
      throw new SubjectMissing(`${subject.subjectType} ${subject.subjectId}`);
    const id = toGlobalId(subject.subjectType, subject.subjectId);
    const reading = new Reading(this.questions, viewer, onProgress);
    switch (subject.kind) {
      case 'MATCH':
        return reading.match(id);
      case 'TOURNAMENT':
        return reading.tournament(id);
      default:
        return reading.season(id, subject);
    }
  }
}

const EXISTENCE: Readonly<Record<string, Question<string, boolean>>> = {
  Match: MatchExists,
  Tournament: TournamentExists,
  Team: TeamExists,
  Player: PlayerExists,
};

/** The reading of one report. */
class Reading {
  readonly #questions: Questions;
  readonly #viewer: Principal;
  readonly #onProgress: Progress;

  constructor(questions: Questions, viewer: Principal, onProgress: Progress) {
    this.#questions = questions;
    this.#viewer = viewer;
    this.#onProgress = onProgress;
  }

  async match(id: string): Promise<MatchContent> {
    const match = await this.#one(MatchInFull, id);
    const events = [];
    for (let after = 0; after < Math.min(match.lastSeq, MOST_EVENTS); after += MATCH_EVENTS_AT_ONCE) {
      events.push(...(await this.#one(matchEventsAfter(after), id)).events);
      await this.#onProgress(after / match.lastSeq);
    }
    const teams = await this.#teams([match.homeTeam, match.awayTeam]);
    const squad = (members: readonly { player: { name: string }; number: number | null }[]) =>
      members.map(({ player, number }) => ({ name: player.name, number }));
    const side = (team: Reference, lineup: typeof match.homeLineup) => ({
      name: nameIn(teams, team),
      lineup: lineup && { starters: squad(lineup.starters), bench: squad(lineup.bench) },
    });
    return {
      kind: 'MATCH',
      sport: match.sport,
      competition: match.competition,
      round: match.round,
      group: match.group,
      venue: match.venue,
      kickoffAt: match.kickoffAt,
      isEstimate: match.kickoffIsEstimate,
      state: match.state,
      how: match.result?.how ?? null,
      winner: match.result?.winner ?? null,
      counts: match.result?.counts ?? false,
      referee: nameIn(await this.#users([match.referee]), match.referee),
      score: { ...match.score, periods: match.sums.periods },
      home: side(match.homeTeam, match.homeLineup),
      away: side(match.awayTeam, match.awayLineup),
      moments: momentsOf(events, match.homeTeam?.id ?? null),
    };
  }

  async tournament(id: string): Promise<TournamentContent> {
    const tournament = await this.#one(TournamentInFull, id);
    const asked = [];
    for (const { id: stageId, ...stage } of tournament.stages)
      asked.push({ ...stage, ...(await this.#one(StageInFull, stageId)) });
    const tables = await this.#all(
      GroupTable,
      asked.flatMap(({ groups }) => groups.map((group) => group.id)),
      (share) => this.#onProgress(0.2 * share),
    );
    const matches = await this.#all(
      MatchInList,
      idsIn(asked.flatMap(({ rounds }) => rounds.flatMap((round) => round.matches))),
      (share) => this.#onProgress(0.2 + 0.6 * share),
    );
    const { topScorers, topAssists, fairPlay, bestPlayer } = tournament;
    const [teams, players, organizers] = [
      await this.#teams([
        ...[...tables.values()].flatMap((table) => table.standings.map(({ team }) => team)),
        ...[...matches.values()].flatMap(({ homeTeam, awayTeam }) => [homeTeam, awayTeam]),
        ...asked.flatMap(({ bracket }) => bracket?.slots.flatMap(({ home, away }) => [home.team, away.team]) ?? []),
        ...[...topScorers, ...topAssists, ...fairPlay].map(({ team }) => team),
      ]),
      await this.#names(
        PlayerName,
        idsIn([...topScorers, ...topAssists].map(({ player }) => player).concat(bestPlayer)),
      ),
      await this.#users(tournament.organizers),
    ];
    const stages = asked.map(({ name, format, state, groups, rounds, bracket }): Stage => {
      const groupNames = new Map(groups.map((group) => [group.id, group.name]));
      return {
        name,
        format,
        state,
        groups: groups.map((group) => ({
          name: group.name,
          rows: (tables.get(group.id)?.standings ?? []).map((row) => ({ ...row, team: nameIn(teams, row.team) })),
        })),
        rounds: rounds.map((round) => ({
          name: round.name,
          part: round.part,
          number: round.number,
          group: nameIn(groupNames, round.group),
          matches: round.matches.flatMap((of) => {
            const match = of && matches.get(of.id);
            // The match is missing if the subgraph matches has not created it yet. Then the line is left out.
            return match ? [{ ...lineOf(match, teams), round: null }] : [];
          }),
        })),
        ties: tiesOf(bracket?.slots ?? [], (team) => nameIn(teams, team)),
      };
    });
    return {
      kind: 'TOURNAMENT',
      name: tournament.name,
      sport: tournament.sport,
      state: tournament.state,
      city: tournament.city,
      startsAt: tournament.startsAt,
      organizers: tournament.organizers.map((organizer) => nameIn(organizers, organizer)),
      teamCount: tournament.registration.teamCount,
      champion: ['COMPLETED', 'ARCHIVED'].includes(tournament.state) ? championOf(stages) : null,
      bestPlayer: nameIn(players, bestPlayer),
      stages,
      scorers: topScorers.map(({ rank, player, team, goals, points }) => ({
        rank,
        player: nameIn(players, player),
        team: nameIn(teams, team),
        count: goals,
        points,
      })),
      assists: topAssists.map(({ rank, player, team, assists }) => ({
        rank,
        player: nameIn(players, player),
        team: nameIn(teams, team),
        count: assists,
        points: assists,
      })),
      fairPlay: fairPlay.map((row) => ({ ...row, team: nameIn(teams, row.team) })),
    };
  }

  async season(id: string, { subjectType, seasonFrom, seasonTo }: Subject): Promise<SeasonContent> {
    if (!seasonFrom || !seasonTo) throw new Error('a season without its begin and its end');
    const player = subjectType === 'Player' ? await this.#one(PlayerName, id) : null;
    const teamId = player ? player.team?.id : id;
    if (teamId === undefined) throw new SubjectMissing(`the team of ${id}`);
    const team = await this.#one(TeamName, teamId);
    const [from, to] = [seasonFrom.toISOString(), seasonTo.toISOString()];
    const season = await this.#questions.ask(SeasonOf, { subjectId: id, sport: team.sport, from, to }, this.#viewer);
    const matches = await this.#all(MatchInList, season.matchIds, (share) => this.#onProgress(0.8 * share));
    const teams = await this.#teams([...matches.values()].flatMap(({ homeTeam, awayTeam }) => [homeTeam, awayTeam]));
    return {
      kind: 'SEASON_STATISTICS',
      of: player ? 'PLAYER' : 'TEAM',
      name: player ? player.name : team.name,
      team: team.name,
      sport: team.sport,
      from,
      to,
      sums: season.team,
      players: season.players.map(({ player: { name }, statistics }) => ({ name, ...statistics })),
      matches: season.matchIds.flatMap((of) => {
        const match = matches.get(of);
        return match ? [lineOf(match, teams)] : [];
      }),
      isCut: season.isCut,
    };
  }

  async #one<A>(question: Question<string, A | null>, id: string): Promise<A> {
    const answer = await this.#questions.ask(question, id, this.#viewer);
    if (answer === null) throw new SubjectMissing(id);
    return answer;
  }

  /** The answers that are not null, by id. One question asks for at most {@link AT_ONCE} ids. @throws NoAnswer */
  async #all<A>(
    question: Question<string, A | null>,
    ids: readonly string[],
    onProgress: Progress = async () => undefined,
  ): Promise<Map<string, A>> {
    const found = new Map<string, A>();
    for (let at = 0; at < ids.length; at += AT_ONCE) {
      const some = ids.slice(at, at + AT_ONCE);
      for (const [index, answer] of (await this.#questions.askAll(question, some, this.#viewer)).entries()) {
        if (answer instanceof NoAnswer) throw answer;
        if (answer !== null) found.set(some[index] ?? '', answer);
      }
      await onProgress(Math.min(1, (at + AT_ONCE) / ids.length));
    }
    return found;
  }

  async #names(question: Question<string, { readonly name: string } | null>, ids: readonly string[]): Promise<Names> {
    return new Map([...(await this.#all(question, ids))].map(([id, { name }]) => [id, name]));
  }

  #teams(references: readonly Reference[]): Promise<Names> {
    return this.#names(TeamName, idsIn(references));
  }

  async #users(references: readonly Reference[]): Promise<Names> {
    const users = await this.#all(UserName, idsIn(references));
    return new Map([...users].map(([id, { displayName }]) => [id, displayName]));
  }
}

/** The states of a match in which its score is left out, because there is no play to count. */
const WITHOUT_SCORE = new Set(['SCHEDULED', 'LINEUPS', 'POSTPONED', 'CANCELLED']);

const lineOf = (match: ListedMatch, teams: Names): MatchLine => ({
  home: nameIn(teams, match.homeTeam),
  away: nameIn(teams, match.awayTeam),
  kickoffAt: match.kickoffAt,
  isEstimate: match.kickoffIsEstimate,
  state: match.state,
  score: WITHOUT_SCORE.has(match.state) ? null : match.score,
  how: match.result?.how ?? null,
  counts: match.result?.counts ?? false,
  venue: match.venue,
  round: match.round,
});
