import { Inject, Injectable, Logger } from '@nestjs/common';
import { z } from 'zod';
import { because, hasLink, name, parseInput } from '../../platform/graphql/input.ts';
import { fromGlobalId, fromGlobalIds } from '../../platform/graphql/global-id.ts';
import { batched, keyed } from '../../platform/graphql/loader.ts';
import { type UserError, UserErrors } from '../../platform/graphql/user-errors.ts';
import type { IdentityProvider, IdentityRefusal } from '../../platform/identity/identity-provider.ts';
import { hasRole, type Principal, requireUser, viewerOf } from '../../platform/identity/principal.ts';
import { NIL, type Page, type StatesOf } from '../../platform/messaging/announcements/announcer.ts';
import type { Outbox } from '../../platform/messaging/outbox/outbox.ts';
import type { RateLimits } from '../../platform/http/rate-limits.ts';
import { clientNetworkOf } from '../../platform/http/client-address.ts';
import type { LimitsOf } from '../../platform/manifest/manifest.ts';
import { createOrFind } from '../../platform/postgres/create-once.ts';
import { IDENTITY_PROVIDER, OUTBOX, RATE_LIMITS } from '../../platform/injection/tokens.ts';
import { UserProfileUpdated, UserRegistered, type UserSnapshot } from '../../schema/messages/users.ts';
import { type Sport, sportInput } from '../../schema/sports.ts';
import { type Prisma, PrismaClient, type User } from './generated/prisma/client.ts';
import { userError } from './reasons.ts';
import type manifest from './subgraph.ts';

const profile = {
  city: name(80).nullish(),
  sports: z
    .array(sportInput)
    .max(20)
    .transform((sports): Sport[] => [...new Set(sports)])
    .nullish(),
};
export const registerInput = z.object({
  username: z
    .string()
    .trim()
    .toLowerCase()
    .refine(
      (username) => /^[a-z0-9._-]{3,32}$/.test(username),
      because(userError('USERNAME_FORM', { min: 3, max: 32 })),
    )
    // Mails and lists can show the user name, because it becomes the display name if none is given.
    .refine((username) => !hasLink(username), because(userError('LINK'))),
  email: z.email().max(254),
  password: z.string().min(8).max(128),
  displayName: name(80).nullish(),
  ...profile,
});
export const updateInput = z.object({
  displayName: name(80).nullish(),
  visibility: z.enum(['PUBLIC', 'PRIVATE']).nullish(),
  birthDate: z
    .string()
    .refine((day) => z.iso.date().safeParse(day).success, { ...because(userError('NOT_A_DATE')), abort: true })
    .transform((day) => new Date(day))
    .pipe(z.date().min(new Date('1900-01-01')))
    .refine((day) => day <= new Date(), because(userError('IN_THE_FUTURE')))
    .nullish(),
  levels: z
    .array(z.object({ sport: sportInput, level: z.int().min(1).max(10) }))
    .max(20)
    .transform((levels) => Object.fromEntries(levels.map(({ sport, level }) => [sport, level])))
    .nullish(),
  ...profile,
});

function refused(refusals: readonly IdentityRefusal[]): UserErrors {
  return new UserErrors(
    refusals.flatMap((refusal): readonly UserError[] => {
      switch (refusal.code) {
        case 'TOO_SHORT':
          return userError('TOO_SHORT', { min: refusal.min }, refusal.field).errors;
        case 'TOO_LONG':
          return userError('TOO_LONG', { max: refusal.max }, refusal.field).errors;
        case 'INVALID':
          return userError(refusal.reason, refusal.field).errors;
        default:
          return userError(refusal.code, refusal.field).errors;
      }
    }),
  );
}

@Injectable()
export class UsersService {
  private readonly log = new Logger(UsersService.name);
  readonly byId = batched((ids) => this.byIds(ids));

  constructor(
    private readonly prisma: PrismaClient,
    @Inject(OUTBOX) private readonly outbox: Outbox,
    @Inject(IDENTITY_PROVIDER) private readonly identities: IdentityProvider,
    @Inject(RATE_LIMITS) private readonly limits: RateLimits<LimitsOf<typeof manifest>>,
  ) {}

  /**
   * The users with these ids. Everybody may read them, but the resolvers hide the fields of a private profile: see
   * {@link mayReadPrivate}.
   */
  async byIds(ids: readonly string[]): Promise<Map<string, User>> {
    const users = await this.prisma.user.findMany({ where: { id: { in: [...ids] } } });
    return keyed(users);
  }

  /**
   * The users among these whose private fields the viewer may read: the viewer and the viewer's team mates. An
   * administrator may read the fields of all users.
   */
  async mayReadPrivate(viewer: Principal, ids: readonly string[]): Promise<Map<string, boolean>> {
    if (!viewer.userId) return new Map();
    if (hasRole(viewer, 'admin')) return new Map(ids.map((id) => [id, true]));
    const mates = await this.prisma.$queryRaw<{ id: string }[]>`
      SELECT DISTINCT theirs.user_id::text AS id
      FROM users.team_memberships mine JOIN users.team_memberships theirs USING (team_id)
      WHERE mine.user_id = ${viewer.userId}::uuid AND theirs.user_id = ANY (${[...ids]}::uuid[])`;
    return new Map([viewer.userId, ...mates.map(({ id }) => id)].map((id) => [id, true]));
  }

  /**
   * Whether each user has the age or level that a rule asks for. Other subgraphs get only this answer, because they
   * must not see the age or level itself. A user who has not set the value does not fit.
   */
  async playersFit(
    rules: readonly {
      userId: string;
      on?: string | null;
      sport?: string | null;
      min?: number | null;
      max?: number | null;
    }[],
  ): Promise<boolean[]> {
    const users = await this.#usersOf(rules);
    return rules.map(({ userId, on, sport, min, max }) => {
      const user = users.get(fromGlobalId('User', userId) ?? '');
      const value = on == null ? levelOf(user, sport ?? '') : ageOf(user, on);
      return value !== null && value >= (min ?? -Infinity) && value <= (max ?? Infinity);
    });
  }

  /**
   * Whether each user is of a city and plays a sport. Other subgraphs get only this answer, because they keep neither.
   */
  async peopleFit(
    rules: readonly { readonly userId: string; readonly city: string; readonly sport: string }[],
  ): Promise<boolean[]> {
    const users = await this.#usersOf(rules);
    return rules.map(({ userId, city, sport }) => {
      const user = users.get(fromGlobalId('User', userId) ?? '');
      return user?.city != null && folded(user.city) === folded(city) && user.sports.includes(sport);
    });
  }

  /** The users that these rules are about. */
  async #usersOf(rules: readonly { readonly userId: string }[]): Promise<Map<string, User>> {
    const ids = fromGlobalIds(
      'User',
      rules.map(({ userId }) => userId),
    );
    return keyed(await this.prisma.user.findMany({ where: { id: { in: ids } } }));
  }

  /**
   * The users among these whose profile is hidden from the viewer. Other subgraphs ask this, because they must not show
   * who such a user is.
   */
  async hiddenProfiles(viewer: Principal, ids: readonly string[]): Promise<string[]> {
    const privates = await this.prisma.user.findMany({
      where: { id: { in: [...ids] }, visibility: 'PRIVATE' },
      select: { id: true },
    });
    if (privates.length === 0) return [];
    const open = await this.mayReadPrivate(
      viewer,
      privates.map(({ id }) => id),
    );
    return privates.flatMap(({ id }) => (open.has(id) ? [] : [id]));
  }

  /**
   * The viewer's own profile. Null for a guest. It is the only query of this subgraph that writes: see
   * {@link createOnFirstUse}.
   */
  async me(viewer: Principal): Promise<User | null> {
    const id = viewerOf(viewer);
    if (!id) return null;
    return (await this.prisma.user.findUnique({ where: { id } })) ?? this.createOnFirstUse(id, viewer);
  }

  /**
   * Creates the profile of an account that was created directly at the identity provider. It takes the name from the
   * token. The provider does not report such accounts, so the first `me` or `updateProfile` creates the profile. There
   * is no mutation for this, because then all clients would have to call it first. The query may write, because it
   * creates the profile only once, also if several calls run at the same time.
   */
  private async createOnFirstUse(id: string, viewer: Principal): Promise<User> {
    const { username = id } = viewer;
    try {
      return await this.create({ id, username });
    } catch (error) {
      // The name is taken by the profile of an older account. So this user gets the id as user name.
      if (error instanceof UserErrors) return this.create({ id, username: id, displayName: username });
      throw error;
    }
  }

  /**
   * Creates an account and its profile. Guests may call it, so the rate limit is per network, and failed attempts
   * count.
   * @throws RATE_LIMITED; UserErrors; IdentityUnavailable when the identity provider does not answer
   */
  async register({ clientAddress = 'unknown' }: Principal, input: unknown): Promise<User> {
    await this.limits.take('register', clientNetworkOf(clientAddress), clientAddress);
    const { username, email, password, displayName, city, sports } = parseInput(registerInput, input);
    const created = await this.identities.createIdentity({ username, email, password });
    if ('refusals' in created) throw refused(created.refusals);
    try {
      return await this.create({ id: created.userId, username, displayName, city, sports });
    } catch (error) {
      // The account is deleted again. Otherwise its name would stay taken without a profile. If the deletion fails, the
      // account gets a profile when its owner signs in.
      await this.identities.deleteIdentity(created.userId).catch((second: unknown) => this.log.error(second));
      throw error;
    }
  }

  /** Changes the viewer's own profile. An omitted field does not change. @throws UserErrors */
  async updateProfile(viewer: Principal, input: unknown): Promise<User> {
    const { userId } = requireUser(viewer);
    const { displayName, visibility, city, sports, birthDate, levels } = parseInput(updateInput, input);
    const me = await this.me(viewer);
    return this.outbox.transaction(this.prisma, async (tx, emit) => {
      const user = await tx.user.update({
        where: { id: userId },
        data: {
          displayName: displayName === null ? me?.username : displayName,
          visibility: visibility ?? undefined,
          city,
          sports: sports === null ? [] : sports,
          birthDate,
          levels: levels === null ? {} : levels,
          lastSeq: { increment: 1 },
        },
      });
      emit(UserProfileUpdated, { seq: user.lastSeq, payload: summary(user) });
      return user;
    });
  }

  async teamMateJoined(
    tx: Prisma.TransactionClient,
    { teamId, userId }: { teamId: string; userId: string },
  ): Promise<void> {
    await tx.teamMembership.upsert({
      where: { teamId_userId: { teamId, userId } },
      create: { teamId, userId },
      update: {},
    });
  }

  async teamMateLeft(
    tx: Prisma.TransactionClient,
    { teamId, userId }: { teamId: string; userId: string },
  ): Promise<void> {
    await tx.teamMembership.deleteMany({ where: { teamId, userId } });
  }

  /** Makes these users the only members of the team in this service's copy of memberships. */
  async replaceTeamMembers(
    tx: Prisma.TransactionClient,
    { teamId, members }: { teamId: string; members: readonly { userId: string }[] },
  ): Promise<void> {
    const userIds = members.map(({ userId }) => userId);
    await tx.teamMembership.deleteMany({ where: { teamId, userId: { notIn: userIds } } });
    await tx.teamMembership.createMany({ data: userIds.map((userId) => ({ teamId, userId })), skipDuplicates: true });
  }

  /** A page of profiles as snapshots, for an announcement. It locks them, so that no change comes in between. */
  async states(tx: Prisma.TransactionClient, { after, limit }: Page): Promise<StatesOf<typeof UserSnapshot>> {
    const locked = await tx.$queryRaw<
      { id: string }[]
    >`SELECT id FROM users.users WHERE id > ${after ?? NIL}::uuid ORDER BY id LIMIT ${limit}::int FOR NO KEY UPDATE`;
    const users = await tx.user.findMany({ where: { id: { in: locked.map(({ id }) => id) } }, orderBy: { id: 'asc' } });
    return users.map((user) => ({ seq: user.lastSeq, payload: summary(user) }));
  }

  private async create({ id, username, displayName, city, sports }: NewUser): Promise<User> {
    return createOrFind(
      () =>
        this.outbox.transaction(this.prisma, async (tx, emit) => {
          const user = await tx.user.create({
            data: {
              id,
              username,
              displayName: displayName ?? username,
              city: city ?? null,
              sports: sports ?? [],
              lastSeq: 1,
            },
          });
          emit(UserRegistered, { seq: 1, payload: summary(user) });
          return user;
        }),
      async () => {
        // Two first requests of one account ran at the same time, and the other one created the profile.
        const existing = await this.prisma.user.findUnique({ where: { id } });
        if (!existing && (await this.prisma.user.findUnique({ where: { username } })))
          throw userError('TAKEN', 'username');
        return existing;
      },
    );
  }
}

interface NewUser {
  id: string;
  username: string;
  displayName?: string | null;
  city?: string | null;
  sports?: Sport[] | null;
}

const summary = ({ id, username, displayName }: User) => ({ userId: id, username, displayName });

const levelOf = (user: User | undefined, sport: string): number | null =>
  (user?.levels as Record<string, number> | undefined)?.[sport] ?? null;

/** The age in years on a day such as `2026-05-01`. A birthday on February 29 counts as March 1 in other years. */
function ageOf(user: User | undefined, on: string): number | null {
  const born = user?.birthDate?.toISOString().slice(0, 10);
  if (born === undefined) return null;
  const years = Number(on.slice(0, 4)) - Number(born.slice(0, 4));
  return on.slice(4) < born.slice(4) ? years - 1 : years;
}

/**
 * A city in the form in which cities are compared, because people write them by hand: "Королёв" is equal to "королев".
 */
const folded = (city: string): string => city.trim().toLowerCase().replaceAll('ё', 'е');
