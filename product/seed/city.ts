// A simulated city: people register, found teams, join them, and chat. Each of these is a call of a service at a
// simulated time.
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import type { Principal } from '../../platform/identity/principal.ts';
import { type Sport, SPORTS } from '../../schema/sports.ts';
import { roomIdOf } from '../../subgraphs/chat/rooms.service.ts';
import { Agenda } from './agenda.ts';
import { CHATTER, CITY, DISTRICTS, PeopleNames, SPORT_SHARES, TeamNames, teamSize, TOWNS } from './names.ts';
import type { Random } from './random.ts';
import type { Services } from './services.ts';
import type { Size } from './sizes.ts';
import type { Clock } from './virtual-time.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export interface Person {
  readonly principal: Principal & { readonly userId: string; readonly username: string };
  readonly displayName: string;
  readonly sports: Sport[];
  readonly hasAccount: boolean;
  registeredAt: number;
}

export interface Member {
  readonly person: Person;
  readonly role: 'OWNER' | 'CAPTAIN' | 'COACH' | 'PLAYER';
  readonly number: number | null;
}

export interface Team {
  /** The id of the team's row; empty until the team is founded. */
  id: string;
  readonly name: string;
  readonly sport: Sport;
  readonly district: string;
  readonly foundedAt: number;
  readonly owner: Person;
  /** The people who are members at the simulated time, the owner first. */
  readonly members: Member[];
  /** How well the team plays: normally distributed around 0. */
  readonly strength: number;
}

/** The first people of the city. They have accounts, so a user of the installation can sign in as one of them. */
export const ACCOUNTS = [
  { username: 'olga', displayName: 'Ольга Судакова', roles: ['player', 'organizer', 'referee'] },
  { username: 'oleg', displayName: 'Олег Маркин', roles: ['player', 'organizer', 'referee'] },
  { username: 'anna', displayName: 'Анна Лисицына', roles: ['player', 'captain'] },
  { username: 'boris', displayName: 'Борис Кирпичёв', roles: ['player', 'captain'] },
  { username: 'viktor', displayName: 'Виктор Громов', roles: ['player', 'captain'] },
  { username: 'sofia', displayName: 'Sofia Almeida', roles: ['player', 'captain'] },
  { username: 'dina', displayName: 'Дина Рейес', roles: ['player'] },
  { username: 'marat', displayName: 'Марат Юсупов', roles: ['player'] },
  { username: 'lena', displayName: 'Лена Круглова', roles: ['player'] },
  { username: 'nina', displayName: 'Nina Weiss', roles: ['player'] },
] as const;
/**
 * How many of the accounts have each of three parts: the first ones organize, the next ones own a team each, and the
 * next ones play in the first team.
 */
const [ORGANIZING, OWNING, PLAYING] = [2, 4, 3];
/** One in this many people is an official, but there are at least {@link FEWEST_OFFICIALS}. */
const PEOPLE_PER_OFFICIAL = 200;
const FEWEST_OFFICIALS = 3;

export class City {
  readonly size: Size;
  readonly services: Services;
  readonly random: Random;
  readonly agenda: Agenda;
  readonly clock: Clock;
  /** The moment at which the simulation ends. Milliseconds since the epoch. */
  readonly now: number;
  readonly people: Person[] = [];
  readonly teams: Team[] = [];
  /** The people who schedule matches, organize tournaments and referee. */
  readonly officials: Person[] = [];

  constructor(options: Pick<City, 'size' | 'services' | 'random' | 'agenda' | 'clock' | 'now'> & Accounts) {
    const { size, services, random, agenda, clock, now, accountIds } = options;
    this.size = size;
    this.services = services;
    this.random = random;
    this.agenda = agenda;
    this.clock = clock;
    this.now = now;
    const names = new PeopleNames(
      random,
      ACCOUNTS.map(({ username }) => username),
    );
    const wanted = Math.max(FEWEST_OFFICIALS, size.people / PEOPLE_PER_OFFICIAL);
    for (let index = 0; index < size.people; index++) {
      const account = ACCOUNTS[index];
      const { username, displayName } = account ?? names.next();
      const userId = accountIds[index] ?? newUserId(random);
      const isOfficial = index >= ACCOUNTS.length && this.officials.length < wanted;
      const roles = account?.roles ?? (isOfficial ? ['player', 'organizer', 'referee'] : ['player']);
      const person: Person = {
        principal: { userId, username, roles: [...roles] },
        displayName,
        sports: [],
        hasAccount: account !== undefined,
        registeredAt: Infinity,
      };
      this.people.push(person);
      if (index < ORGANIZING || isOfficial) this.officials.push(person);
    }
  }

  /** The moment at which the city's history begins. Milliseconds since the epoch. */
  get beginning(): number {
    return this.now - this.size.days * DAY;
  }

  /**
   * A random quarter of an hour on the day of this moment: from 15:00 to 19:45 UTC, on a weekend from 8:00 to 18:45
   * UTC.
   */
  timeToPlay(day: number): number {
    const date = new Date(day);
    const isWeekend = date.getUTCDay() % 6 === 0;
    const hour = isWeekend ? this.random.int(8, 18) : this.random.int(15, 19);
    return Date.UTC(
      date.getUTCFullYear(),
      date.getUTCMonth(),
      date.getUTCDate(),
      hour,
      this.random.pick([0, 15, 30, 45]),
    );
  }

  /** Adds to the agenda when people register and chat, and when teams are founded and joined. */
  settle(): void {
    const { size, random } = this;
    const names = new TeamNames(random);
    const owners = this.people.slice(ORGANIZING, ORGANIZING + OWNING);
    const first = this.people.slice(ORGANIZING + OWNING, ORGANIZING + OWNING + PLAYING);
    const others = random.shuffled(this.people.slice(ACCOUNTS.length));
    const deck = [...owners, ...others];
    let next = 0;
    const take = (): Person => deck[next++ % deck.length] as Person;
    for (const person of this.officials) this.#registers(person, this.beginning - random.int(2, 30) * DAY);
    for (let index = 0; index < size.teams; index++) {
      const isOfAccount = index < OWNING;
      const sport: Sport = isOfAccount || size.teams < 20 ? 'MINI_FOOTBALL' : random.weighted(SPORT_SHARES);
      // About half of the teams are older than the city's first match. The others are founded later. In a small city
      // all teams are old, like the teams of accounts.
      const age = isOfAccount || size.teams < 20 || random.chance(0.5) ? 1 : random.next() * 0.85;
      const foundedAt =
        this.now - Math.round(age * size.days) * DAY - random.int(1, 20) * DAY - random.int(0, DAY / MINUTE) * MINUTE;
      const district = random.pick(DISTRICTS);
      const owner = isOfAccount ? (owners[index] ?? take()) : take();
      const team: Team = {
        id: '',
        name: names.next(district),
        sport,
        district,
        foundedAt,
        owner,
        members: [],
        strength: random.normal(),
      };
      if (isOfAccount) next = Math.max(next, OWNING);
      this.teams.push(team);
      this.#founds(team);
      const size_ = Math.max(1, Math.min(teamSize(random, sport), Math.floor((size.people * 1.2) / size.teams)));
      const joining = [...(index === 0 ? first : []), ...Array.from({ length: size_ - 1 }, take)].slice(
        0,
        Math.max(size_ - 1, first.length),
      );
      for (const [place, person] of [...new Set(joining.filter((one) => one !== owner))].entries())
        this.#joins(team, person, place);
      this.#chats(team);
    }
    for (const person of this.people)
      if (person.registeredAt > this.now)
        this.#registers(person, this.now - random.int(1, size.days) * DAY + random.int(0, 12 * 60) * MINUTE);
  }

  /** Adds work to the agenda. An error of the work ends the seed. */
  at(time: number, work: () => Promise<unknown>): void {
    this.agenda.add(time, async () => void (await work()));
  }

  #registers(person: Person, at: number): void {
    if (person.registeredAt <= at) return;
    const isNew = person.registeredAt === Infinity;
    person.registeredAt = at;
    // A person may have several dates, and registers at the earliest. The work of a later date finds another date in
    // `registeredAt`, and does nothing.
    this.at(at, async () => {
      if (person.registeredAt !== at) return;
      const { userId, username } = person.principal;
      await this.services.register(userId, {
        username,
        email: `${username}@demo.prodvor.example`,
        displayName: person.displayName,
        city: person.hasAccount || this.random.chance(0.9) ? CITY : this.random.pick(TOWNS),
        sports: person.sports,
      });
    });
    if (!isNew || !this.random.chance(0.4)) return;
    const years = this.random.int(14, 55);
    const born = new Date(this.now - years * 365.25 * DAY - this.random.int(0, 364) * DAY).toISOString().slice(0, 10);
    this.at(Math.max(at, this.beginning) + this.random.int(1, 60) * MINUTE, () =>
      this.services.users.updateProfile(person.principal, {
        birthDate: born,
        levels: [...new Set(person.sports)].map((sport) => ({ sport, level: this.random.int(1, 10) })),
        visibility: this.random.chance(0.08) ? 'PRIVATE' : 'PUBLIC',
      }),
    );
  }

  #founds(team: Team): void {
    const { owner, sport } = team;
    owner.sports.push(sport);
    this.#registers(owner, team.foundedAt - this.random.int(1, 72) * HOUR);
    this.at(team.foundedAt, async () => {
      const { id } = await this.services.teams.create(owner.principal, {
        clientId: `seed:${this.teams.indexOf(team) + 1}`,
        name: team.name,
        sport,
        city: this.random.chance(0.93) ? CITY : this.random.pick(TOWNS),
      });
      team.id = id;
      team.members.push({ person: owner, role: 'OWNER', number: null });
    });
  }

  #joins(team: Team, person: Person, place: number): void {
    const { random } = this;
    if (!person.sports.includes(team.sport)) person.sports.push(team.sport);
    const invitedAt = team.foundedAt + random.int(1, 10 * 24) * HOUR + random.int(1, 59) * MINUTE;
    this.#registers(person, invitedAt - random.int(1, 240) * MINUTE);
    const role = place === 0 ? 'CAPTAIN' : place === 1 && random.chance(0.3) ? 'COACH' : 'PLAYER';
    const number = SPORTS[team.sport].squad.size > 4 && role !== 'COACH' ? place + 2 : null;
    this.at(invitedAt, async () => {
      const { token } = await this.services.invitations.invite(team.owner.principal, {
        teamId: toGlobalId('Team', team.id),
        userId: toGlobalId('User', person.principal.userId),
        role,
        squadNumber: number,
      });
      // 3 % of the invited people never answer. But the first three people whom a team invites always do.
      if (place > 2 && random.chance(0.03)) return;
      this.at(this.clock.now + random.int(5, 2 * 24 * 60) * MINUTE, async () => {
        await this.services.invitations.accept(person.principal, { token });
        team.members.push({ person, role, number });
        if (place > 3 && random.chance(0.04)) this.#leaves(team, person);
      });
    });
  }

  #leaves(team: Team, person: Person): void {
    this.at(this.clock.now + this.random.int(20, 200) * DAY, async () => {
      await this.services.members.leave(person.principal, { teamId: toGlobalId('Team', team.id) });
      team.members.splice(
        team.members.findIndex((member) => member.person === person),
        1,
      );
    });
  }

  #chats(team: Team): void {
    const { random } = this;
    const begins = team.foundedAt + 13 * DAY;
    for (let count = random.poisson(6); count > 0; count--)
      this.at(begins + random.next() * Math.max(DAY, this.now - begins), () =>
        this.says('TEAM', team.id, random.pick(team.members).person, random.pick(CHATTER)),
      );
  }

  /** Sends a message to the chat room of a team or a match. */
  async says(kind: 'TEAM' | 'MATCH', id: string, person: Person, text: string): Promise<void> {
    await this.services.messages.send(person.principal, {
      roomId: toGlobalId('Room', roomIdOf(kind, id)),
      clientMessageId: `seed:${this.random.int(0, 2 ** 31)}:${this.clock.now}`,
      text,
    });
  }
}

interface Accounts {
  /** The ids of the users in {@link ACCOUNTS}, in their order. People without one get a random id. */
  readonly accountIds: readonly string[];
}

function newUserId(random: Random): string {
  const bytes = random.bytes(16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
