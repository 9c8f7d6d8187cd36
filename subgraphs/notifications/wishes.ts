import type { Prisma, Settings } from './generated/prisma/client.ts';
import { kindOf } from './kinds.ts';
import { DEFAULT_LANGUAGE, DEFAULT_TIME_ZONE, type Language, type Reader } from './languages.ts';
import { type QuietHours, quietUntil } from './local-time.ts';
import { type Channel, CHANNELS } from './notice.ts';

type Tx = Prisma.TransactionClient;

/** The channels by which a person wants one kind of notification, and the times at which it may be sent. */
export interface Wishes {
  readonly channels: ReadonlySet<Channel>;
  readonly timeZone: string;
  readonly quietHours: QuietHours | null;
  readonly digest: boolean;
}

export const quietHoursOf = (settings: Settings | null): QuietHours | null =>
  settings?.quietFrom && settings.quietTo ? { from: settings.quietFrom, to: settings.quietTo } : null;

export const readerOf = (settings: Settings | null): Reader => ({
  language: (settings?.language as Language | null | undefined) ?? DEFAULT_LANGUAGE,
  timeZone: settings?.timeZone ?? DEFAULT_TIME_ZONE,
});

/**
 * When the quiet hours end that each of these people has now. A person without quiet hours at this time is absent. One
 * SQL statement for any number of people.
 */
export async function quietEndsOf(
  tx: Pick<Tx, 'settings'>,
  userIds: readonly string[],
  now: Date,
): Promise<Map<string, Date>> {
  const rows = await tx.settings.findMany({ where: { userId: { in: [...userIds] }, quietFrom: { not: null } } });
  return new Map(
    rows.flatMap((row): [string, Date][] => {
      const hours = quietHoursOf(row);
      const end = hours ? quietUntil(now, hours, readerOf(row).timeZone) : now;
      return end > now ? [[row.userId, end]] : [];
    }),
  );
}

/**
 * The kinds that the person has switched off for this channel. Messages can wait for hours, so the person may have done
 * this after a message was planned.
 */
export async function switchedOff(tx: Pick<Tx, 'preference'>, userId: string, channel: Channel): Promise<string[]> {
  return (await tx.preference.findMany({ where: { userId, channel, isOn: false } })).map(({ kind }) => kind);
}

/**
 * By which of these channels, and when, each of these people wants this kind. Two SQL statements for any number of
 * people.
 */
export async function wishesOf(
  tx: Tx,
  kind: string,
  userIds: readonly string[],
  by: readonly Channel[] = CHANNELS,
): Promise<Map<string, Wishes>> {
  const where = { userId: { in: [...userIds] } };
  const settings = new Map((await tx.settings.findMany({ where })).map((row) => [row.userId, row]));
  const chosen = Map.groupBy(await tx.preference.findMany({ where: { ...where, kind } }), ({ userId }) => userId);
  const usual = kindOf(kind)?.channels ?? [];
  return new Map(
    userIds.map((userId) => {
      const own = settings.get(userId) ?? null;
      const choices = new Map(chosen.get(userId)?.map(({ channel, isOn }) => [channel, isOn]));
      return [
        userId,
        {
          channels: new Set(by.filter((channel) => choices.get(channel) ?? usual.includes(channel))),
          timeZone: own?.timeZone ?? DEFAULT_TIME_ZONE,
          quietHours: quietHoursOf(own),
          digest: own?.digest ?? false,
        },
      ];
    }),
  );
}
