import { Injectable } from '@nestjs/common';
import { batched, keyed } from '../../platform/graphql/loader.ts';
import { type Player, type Prisma, PrismaClient } from './generated/prisma/client.ts';

/** A person in a team sheet: the name, and the account if the person has one. */
export interface Sheet {
  readonly name: string;
  readonly userId: string | null;
}
export interface OnSheet extends Sheet {
  readonly teamId: string;
}

@Injectable()
export class PlayersService {
  readonly byId = batched((ids) => this.byIds(ids));
  /** By {@link keyOf}. */
  readonly bySheet = batched((keys) => this.bySheets(keys));

  constructor(private readonly prisma: PrismaClient) {}

  /** Reads players. Everybody may read them. */
  async byIds(ids: readonly string[]): Promise<Map<string, Player>> {
    return keyed(await this.prisma.player.findMany({ where: { id: { in: [...ids] } } }));
  }

  /** The players for the persons that events of version 1 name. Everybody may read them. */
  async bySheets(keys: readonly string[]): Promise<Map<string, Player>> {
    const players = await this.prisma.player.findMany({
      where: { OR: keys.map((key) => whereOf(JSON.parse(key) as OnSheet)) },
    });
    return new Map(players.map((player) => [keyOf(player), player]));
  }
}

/** A key for a player: the team and the account, or the team and the name of a person without an account. */
export const keyOf = ({ teamId, userId, name }: OnSheet): string =>
  JSON.stringify(userId === null ? { teamId, userId, name } : { teamId, userId });

const whereOf = ({ teamId, userId, name }: OnSheet): Prisma.PlayerWhereInput =>
  userId === null ? { teamId, userId: null, name } : { teamId, userId };

/**
 * Finds the players of these people. Creates new players, and gives a player with an account the newest name.
 * @returns ids by {@link keyOf}
 */
export async function identify(
  tx: Prisma.TransactionClient,
  people: readonly OnSheet[],
): Promise<ReadonlyMap<string, string>> {
  // All transactions write players in the same order. Otherwise two of them with the same people could deadlock.
  const sheets = [...new Map(people.map((one) => [keyOf(one), one]))]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, one]) => one);
  if (sheets.length === 0) return new Map();
  const where = { OR: sheets.map(whereOf) };
  const there = new Map((await tx.player.findMany({ where })).map((player) => [keyOf(player), player]));
  const isNew = sheets.filter((sheet) => !there.has(keyOf(sheet)));
  // Skips rows that another transaction creates at the same time.
  if (isNew.length > 0) {
    await tx.player.createMany({
      data: isNew.map(({ teamId, userId, name }) => ({ teamId, userId, name })),
      skipDuplicates: true,
    });
  }
  for (const { teamId, userId, name } of sheets) {
    const player = there.get(keyOf({ teamId, userId, name }));
    if (player && player.name !== name) await tx.player.update({ where: { id: player.id }, data: { name } });
  }
  const players = isNew.length > 0 ? await tx.player.findMany({ where }) : [...there.values()];
  return new Map(players.map((player) => [keyOf(player), player.id]));
}
