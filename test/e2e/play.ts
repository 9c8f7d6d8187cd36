import { randomUUID } from 'node:crypto';
import { type Person, until } from '../network.ts';
import {
  AcceptInvitation,
  CreateTeam,
  Invite,
  MatchRoom,
  RecordEvent,
  ScheduleMatch,
  StartMatch,
  TeamPage,
} from './operations.ts';
import type { MembershipRole, MatchEventInput } from './generated/graphql.ts';

/** Returns the payload of a mutation that succeeded. @throws Error when it was refused */
function accepted<P extends { userErrors: readonly unknown[] }>(payload: P): P {
  if (payload.userErrors.length > 0) throw new Error(JSON.stringify(payload.userErrors));
  return payload;
}

const required = <T>(value: T | null | undefined, what: string): T => {
  if (value === null || value === undefined) throw new Error(`no ${what}`);
  return value;
};

export async function createTeam(owner: Person, name: string): Promise<string> {
  const { createTeam } = await owner.request(CreateTeam, {
    input: { clientId: randomUUID(), name, sport: 'FOOTBALL' },
  });
  return required(accepted(createTeam).team, 'team').id;
}

export async function join(
  owner: Person,
  teamId: string,
  player: Person,
  { role = 'PLAYER', squadNumber }: { role?: MembershipRole; squadNumber?: number } = {},
): Promise<void> {
  const { inviteToTeam } = await owner.request(Invite, { input: { teamId, userId: player.id, role, squadNumber } });
  const token = required(accepted(inviteToTeam).token, 'token');
  accepted((await player.request(AcceptInvitation, { input: { token } })).acceptInvitation);
}

/**
 * Waits for the room of a team. Until chat's consumer has created it, which may take a while, the field is an error.
 */
export const roomOfTeam = (member: Person, id: string): Promise<string> =>
  until('a room of the team', async () => (await member.request(TeamPage, { id })).team?.room?.id);
export const roomOfMatch = (reader: Person, id: string): Promise<string> =>
  until('a room of the match', async () => (await reader.request(MatchRoom, { id })).match?.room?.id);

export interface Fixture {
  readonly matchId: string;
  readonly home: string;
  readonly away: string;
}

/** Two teams and their match, scheduled by `organizer`. */
export async function schedule(organizer: Person): Promise<Fixture> {
  const [home, away] = await Promise.all(
    ['Yard Foxes', 'Brick Rovers'].map(async (name) => createTeam(organizer, name)),
  );
  const input = {
    clientId: randomUUID(),
    sport: 'FOOTBALL' as const,
    homeTeamId: home ?? '',
    awayTeamId: away ?? '',
    kickoffAt: new Date().toISOString(),
    competition: 'E2E',
  };
  const { scheduleMatch } = await organizer.request(ScheduleMatch, { input });
  return { matchId: required(accepted(scheduleMatch).match, 'match').id, home: home ?? '', away: away ?? '' };
}

export async function kickOff(referee: Person, matchId: string): Promise<void> {
  accepted((await referee.request(StartMatch, { input: { matchId } })).startMatch);
}

/** Resolves to the event's `seq`. */
export async function record(
  referee: Person,
  matchId: string,
  event: MatchEventInput,
  clientEventId: string = randomUUID(),
): Promise<number> {
  const { recordMatchEvent } = await referee.request(RecordEvent, { input: { matchId, clientEventId, event } });
  return required(accepted(recordMatchEvent).event, 'event').seq;
}

type Performed = Record<string, { id: string } | null> & { userErrors: readonly { code: string }[] };

async function sent(person: Person, mutation: string, object: string, input: object): Promise<Performed> {
  const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
  const { data, errors } = await person.execute<Record<string, Performed>>(
    `mutation ($input: ${type}!) { ${mutation}(input: $input) { ${object} { id } userErrors { field code message } } }`,
    { input },
  );
  const payload = data?.[mutation];
  if (!payload) throw new Error(`${mutation}: ${JSON.stringify(errors)}`);
  return payload;
}

/**
 * Sends a mutation that has one input, and a payload with an object.
 * @returns the id of the object
 * @throws Error when it was refused
 */
export async function perform(...[person, mutation, object, input]: Parameters<typeof sent>): Promise<string> {
  return required(accepted(await sent(person, mutation, object, input))[object], object).id;
}

/** The codes of the user errors of a mutation as {@link perform} sends it. Empty when it succeeded. */
export const codesOf = async (...what: Parameters<typeof sent>): Promise<string[]> =>
  (await sent(...what)).userErrors.map(({ code }) => code);
