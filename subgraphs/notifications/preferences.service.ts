import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { because, parseInput } from '../../platform/graphql/input.ts';
import type { RateLimits } from '../../platform/http/rate-limits.ts';
import { type Principal, requireUser, viewerOf } from '../../platform/identity/principal.ts';
import { RATE_LIMITS } from '../../platform/injection/tokens.ts';
import type { LimitsOf } from '../../platform/manifest/manifest.ts';
import { isTimeZone } from '../../platform/time-zone.ts';
import { DeliveriesService } from './deliveries.service.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { KIND_NAMES, type KindName, kindOf } from './kinds.ts';
import { type Language, LANGUAGES, type Reader } from './languages.ts';
import { minutesOf, type QuietHours } from './local-time.ts';
import type { Channel } from './notice.ts';
import { userError } from './reasons.ts';
import type manifest from './subgraph.ts';
import { quietHoursOf, readerOf } from './wishes.ts';

const timeOfDay = z.string().refine((text) => minutesOf(text) !== null, because(userError('NOT_A_TIME_OF_DAY')));

export const setInput = z.object({
  kinds: z
    .array(
      z.object({
        kind: z.enum(KIND_NAMES as [KindName, ...KindName[]]),
        inApp: z.boolean().nullish(),
        email: z.boolean().nullish(),
        push: z.boolean().nullish(),
      }),
    )
    .max(KIND_NAMES.length)
    .nullish(),
  quietHours: z
    .object({ from: timeOfDay, to: timeOfDay })
    .refine(({ from, to }) => from !== to, because(userError('NO_QUIET_TIME')))
    .nullish(),
  timeZone: z
    .string()
    .max(64)
    .refine(isTimeZone, because(userError('NO_TIME_ZONE')))
    .nullish(),
  language: z.enum(LANGUAGES).nullish(),
  digest: z.boolean().nullish(),
});

/** A person's preferences. A kind and channel that the person has not chosen has its default. */
export interface Preferences {
  readonly kinds: readonly {
    readonly kind: KindName;
    readonly inApp: boolean;
    readonly email: boolean;
    readonly push: boolean;
  }[];
  readonly quietHours: QuietHours | null;
  readonly timeZone: string | null;
  readonly language: Language | null;
  readonly digest: boolean;
}

@Injectable()
export class PreferencesService {
  constructor(
    private readonly prisma: PrismaClient,
    private readonly deliveries: DeliveriesService,
    @Inject(RATE_LIMITS) private readonly limits: RateLimits<LimitsOf<typeof manifest>>,
  ) {}

  /** The viewer's preferences; null for a guest. */
  async own(viewer: Principal): Promise<Preferences | null> {
    const userId = viewerOf(viewer);
    return userId === undefined ? null : this.#of(userId);
  }

  /** The language and time zone for texts to this person. It checks no rights, because only this service calls it. */
  async readerOf(userId: string): Promise<Reader> {
    return readerOf(await this.prisma.settings.findUnique({ where: { userId } }));
  }

  /** Changes those of the viewer's preferences that the input has. @throws UserErrors, RATE_LIMITED */
  async set(viewer: Principal, input: unknown): Promise<Preferences> {
    const { userId } = requireUser(viewer);
    const { kinds, quietHours, timeZone, language, digest } = parseInput(setInput, input);
    await this.limits.take('setNotificationPreferences', userId, viewer.clientAddress);
    const chosen = (kinds ?? []).flatMap(({ kind, inApp, email, push }) =>
      Object.entries({ IN_APP: inApp, EMAIL: email, PUSH: push }).flatMap(([channel, isOn]) =>
        isOn == null ? [] : [{ userId, kind, channel, isOn }],
      ),
    );
    const settings = {
      ...(quietHours !== undefined && { quietFrom: quietHours?.from ?? null, quietTo: quietHours?.to ?? null }),
      ...(timeZone !== undefined && { timeZone }),
      ...(language !== undefined && { language }),
      ...(digest != null && { digest }),
    };
    await this.prisma.$transaction(async (tx) => {
      const row = await tx.settings.upsert({ where: { userId }, create: { userId, ...settings }, update: settings });
      if (quietHours !== undefined || timeZone !== undefined || digest != null)
        await this.deliveries.advance(tx, userId, {
          timeZone: readerOf(row).timeZone,
          quietHours: quietHoursOf(row),
          digest: row.digest,
        });
      for (const { isOn, ...choice } of chosen)
        await tx.preference.upsert({
          where: { userId_kind_channel: choice },
          create: { ...choice, isOn },
          update: { isOn },
        });
    });
    return this.#of(userId);
  }

  /**
   * Switches a channel off for these kinds. It checks no rights: the caller has checked the link in the person's
   * e-mail.
   */
  async switchOff(userId: string, kinds: readonly string[], channel: Channel): Promise<void> {
    await this.prisma.$transaction(
      kinds.map((kind) =>
        this.prisma.preference.upsert({
          where: { userId_kind_channel: { userId, kind, channel } },
          create: { userId, kind, channel, isOn: false },
          update: { isOn: false },
        }),
      ),
    );
  }

  async #of(userId: string): Promise<Preferences> {
    const [settings, rows] = await Promise.all([
      this.prisma.settings.findUnique({ where: { userId } }),
      this.prisma.preference.findMany({ where: { userId } }),
    ]);
    const chosen = new Map(rows.map(({ kind, channel, isOn }) => [`${kind} ${channel}`, isOn]));
    const isOn = (kind: KindName, channel: Channel): boolean =>
      chosen.get(`${kind} ${channel}`) ?? kindOf(kind)?.channels.includes(channel) ?? false;
    return {
      kinds: KIND_NAMES.map((kind) => ({
        kind,
        inApp: isOn(kind, 'IN_APP'),
        email: isOn(kind, 'EMAIL'),
        push: isOn(kind, 'PUSH'),
      })),
      quietHours: quietHoursOf(settings),
      timeZone: settings?.timeZone ?? null,
      language: (settings?.language ?? null) as Language | null,
      digest: settings?.digest ?? false,
    };
  }
}
