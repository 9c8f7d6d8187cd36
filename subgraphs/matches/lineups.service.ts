import { Inject, Injectable } from '@nestjs/common';
import { fromGlobalId, toGlobalId } from '../../platform/graphql/global-id.ts';
import { parseInput } from '../../platform/graphql/input.ts';
import { batched } from '../../platform/graphql/loader.ts';
import { type Principal, requireUser } from '../../platform/identity/principal.ts';
import type { Outbox } from '../../platform/messaging/outbox/outbox.ts';
import { answerOf, type Questions } from '../../platform/questions/questions.ts';
import { OUTBOX, QUESTIONS } from '../../platform/injection/tokens.ts';
import { type Squad } from '../../schema/messages/matches.ts';
import { IsMember } from '../../schema/questions/teams.ts';
import { profileOf } from '../../schema/sports.ts';
import { isDeepStrictEqual } from 'node:util';
import { type Match, PrismaClient, type SquadMember } from './generated/prisma/client.ts';
import { lineupInput } from './inputs.ts';
import { teamOf } from './match-events.service.ts';
import { identify, keyOf, type OnSheet } from './players.service.ts';
import { userError } from './reasons.ts';
import { append, type Entry } from './record.ts';
import { isOfficial, lockMatch, teamRoles } from './rights.ts';
import { allow } from './transitions.ts';

/** Lineups by `<matchId>:<side>`. */
type Lineups = ReadonlyMap<string, Squad>;

/** The lineups of matches. */
@Injectable()
export class LineupsService {
  /** Reads one lineup by `<matchId>:<side>`. Reads in the same turn of the event loop share one statement. */
  readonly bySide = batched((sides) => this.bySides(sides));

  constructor(
    private readonly prisma: PrismaClient,
    @Inject(OUTBOX) private readonly outbox: Outbox,
    @Inject(QUESTIONS) private readonly questions: Questions,
  ) {}

  /** Reads lineups by `<matchId>:<side>`. Everybody may read them. */
  async bySides(sides: readonly string[]): Promise<Lineups> {
    const matchIds = [...new Set(sides.map((side) => side.slice(0, side.indexOf(':'))))];
    const rows = await this.prisma.squadMember.findMany({
      where: { matchId: { in: matchIds } },
      orderBy: [{ matchId: 'asc' }, { place: 'asc' }],
    });
    return new Map(
      [...Map.groupBy(rows, ({ matchId, side }) => `${matchId}:${side}`)].map(([key, of]) => [key, squadOf(of)]),
    );
  }

  /**
   * Sets the lineup of a side. The organizers and the referee of the match, administrators, and captains, coaches and
   * owners of the side's team may do this. The subgraph teams says who has these roles in the team now. The same lineup
   * again changes nothing.
   * @throws UserErrors; NoAnswer when teams does not answer
   */
  async set(viewer: Principal, input: unknown): Promise<Match> {
    const { userId } = requireUser(viewer);
    const { matchId, side, starters, bench } = parseInput(lineupInput, input);
    const id = fromGlobalId('Match', matchId);
    const known = id && (await this.prisma.match.findUnique({ where: { id } }));
    if (!known) throw userError('MATCH_NOT_FOUND', 'matchId');
    const teamId = teamOf(known, side);
    const people = [
      ...starters.map((one, index) => memberOf(one, teamId, 'starters', String(index))),
      ...bench.map((one, index) => memberOf(one, teamId, 'bench', String(index))),
    ];
    checkSizes(known.sport, starters.length, bench.length);
    checkTwice(people);
    const accounts = people.filter(({ sheet }) => sheet.userId !== null);
    // The service asks before it locks the match, so that no other transaction waits for the answers.
    const [roles, official, members] = await Promise.all([
      teamRoles(this.questions, viewer, known),
      isOfficial(this.prisma, viewer, known),
      Promise.allSettled(
        accounts.map(({ sheet }) =>
          this.questions.ask(IsMember, {
            teamId: toGlobalId('Team', teamId),
            userId: toGlobalId('User', sheet.userId ?? ''),
          }),
        ),
      ),
    ]);
    if (!official && !roles.sides('OWNER', 'CAPTAIN', 'COACH').includes(side))
      throw userError('NOT_OF_THE_TEAM', 'matchId');
    for (const [index, { path }] of accounts.entries()) {
      const answer = members[index];
      if (answer && !answerOf(answer)) throw userError('NOT_IN_THE_TEAM', ...path, 'userId');
    }
    return this.outbox.transaction(this.prisma, async (tx, emit) => {
      const match = await lockMatch(tx, id);
      allow('setLineup', match);
      const players = await identify(
        tx,
        people.map(({ sheet }) => sheet),
      );
      const rows = people.map(({ sheet, number }, place) => ({
        matchId: match.id,
        playerId: players.get(keyOf(sheet)) ?? '',
        side,
        starts: place < starters.length,
        number,
        place,
      }));
      const squad = squadOf(rows);
      const before = await tx.squadMember.findMany({ where: { matchId: match.id, side }, orderBy: { place: 'asc' } });
      if (isDeepStrictEqual(squadOf(before), squad)) return match;
      await tx.squadMember.deleteMany({ where: { matchId: match.id, side } });
      await tx.squadMember.createMany({ data: rows });
      const entries: Entry[] = [{ detail: { kind: 'LINEUP', side, ...squad } }];
      if (match.state !== 'LINEUPS') entries.push({ detail: { kind: 'STATE', state: 'LINEUPS', reason: null } });
      return (await append(tx, emit, match, userId, entries)).match;
    });
  }
}

interface Member {
  readonly sheet: OnSheet;
  readonly number: number | null;
  readonly path: readonly string[];
}

function memberOf(
  { name, userId, number }: { name: string; userId?: string | null | undefined; number?: number | null | undefined },
  teamId: string,
  ...path: string[]
): Member {
  const account = userId == null ? null : fromGlobalId('User', userId);
  if (userId != null && !account) throw userError('NOT_IN_THE_TEAM', ...path, 'userId');
  return { sheet: { teamId, name, userId: account }, number: number ?? null, path };
}

function checkSizes(sport: string, starters: number, bench: number): void {
  const { squad } = profileOf(sport);
  if (starters > squad.starters) throw userError('TOO_MANY', { max: squad.starters }, 'starters');
  if (starters + bench > squad.size) throw userError('TOO_MANY', { max: squad.size - starters }, 'bench');
}

function checkTwice(people: readonly Member[]): void {
  const [seen, numbers] = [new Set<string>(), new Set<number>()];
  for (const { sheet, number, path } of people) {
    if (seen.has(keyOf(sheet))) throw userError('TWICE', ...path);
    seen.add(keyOf(sheet));
    if (number !== null && numbers.has(number)) throw userError('TWICE', ...path, 'number');
    if (number !== null) numbers.add(number);
  }
}

function squadOf(rows: readonly Pick<SquadMember, 'playerId' | 'number' | 'starts'>[]): Squad {
  const of = (starts: boolean): Squad['starters'] =>
    rows.filter((row) => row.starts === starts).map(({ playerId: player, number }) => ({ player, number }));
  return { starters: of(true), bench: of(false) };
}
