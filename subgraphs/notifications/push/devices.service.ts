import { createHash, createPublicKey } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { type PageArgs, readPage } from '../../../platform/graphql/connection.ts';
import { fromGlobalId } from '../../../platform/graphql/global-id.ts';
import { because, name, parseInput, text } from '../../../platform/graphql/input.ts';
import { batched, keyed } from '../../../platform/graphql/loader.ts';
import type { RateLimits } from '../../../platform/http/rate-limits.ts';
import { type Principal, requireUser, viewerOf } from '../../../platform/identity/principal.ts';
import { PUSH_SENDER, RATE_LIMITS } from '../../../platform/injection/tokens.ts';
import type { LimitsOf } from '../../../platform/manifest/manifest.ts';
import { createOnce } from '../../../platform/postgres/create-once.ts';
import type { PushAddress, PushSender } from '../../../platform/push/push-sender.ts';
import { type Device, type Prisma, PrismaClient } from '../generated/prisma/client.ts';
import { userError } from '../reasons.ts';
import type manifest from '../subgraph.ts';
import { PushKeys } from './keys.ts';

/** The largest number of devices that a person has. A further one replaces the one that was registered longest ago. */
const MOST_DEVICES = 10;

/** Whether the text is a public key of the curve P-256, as browsers give it: 65 bytes. */
function isPoint(text: string): boolean {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length !== 65 || bytes[0] !== 4 || bytes.toString('base64url') !== text) return false;
  const [x, y] = [bytes.subarray(1, 33).toString('base64url'), bytes.subarray(33).toString('base64url')];
  try {
    createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x, y } });
    return true;
  } catch {
    return false;
  }
}

/** Accepts base64url with `=` at its end, because some browsers add it. */
const base64url = z
  .string()
  .max(200)
  .transform((given) => given.replace(/=+$/, ''));

const registerInput = z.object({
  clientId: text(100),
  name: name(80).nullish(),
  web: z
    .object({
      endpoint: z.string().max(1000),
      p256dh: base64url.refine(isPoint, because(userError('NOT_A_PUSH_KEY'))),
      auth: base64url.refine((given) => /^[\w-]{22}$/.test(given), because(userError('NOT_A_PUSH_KEY'))),
    })
    .nullish(),
  fcmToken: z
    .string()
    .max(1000)
    .regex(/^[\w:.-]+$/)
    .nullish(),
});
const unregisterInput = z.object({ deviceId: z.string().max(200) });

/** The devices on which people get push messages. */
@Injectable()
export class DevicesService {
  readonly byId = batched((ids, viewer) => this.ownByIds(viewer, ids));

  constructor(
    private readonly prisma: PrismaClient,
    private readonly keys: PushKeys,
    @Inject(PUSH_SENDER) private readonly push: PushSender,
    @Inject(RATE_LIMITS) private readonly limits: RateLimits<LimitsOf<typeof manifest>>,
  ) {}

  /** The public key with which browsers subscribe. Everybody may read it. */
  async publicKey(): Promise<string> {
    return (await this.keys.own()).publicKey;
  }

  /** The viewer's own devices among these. Nobody else sees them, not even an administrator. */
  async ownByIds(viewer: Principal, ids: readonly string[]): Promise<Map<string, Device>> {
    const userId = viewerOf(viewer);
    if (userId === undefined) return new Map();
    return keyed(await this.prisma.device.findMany({ where: { userId, id: { in: [...ids] } } }));
  }

  /** The viewer's devices, the newest registration first; null for a guest. */
  async own(viewer: Principal, args: PageArgs = {}): Promise<Device[] | null> {
    const userId = viewerOf(viewer);
    const { size } = readPage(args);
    return userId === undefined ? null : (await devicesOf(this.prisma, userId)).slice(0, size);
  }

  /**
   * Registers a device of the viewer. A repeat returns the same device, which then counts as the newest. An address
   * belongs to the user who registered it last: a browser in which another user signs in gets only that user's
   * messages.
   * @throws UserErrors, RATE_LIMITED
   */
  async register(viewer: Principal, input: unknown): Promise<Device> {
    const { userId } = requireUser(viewer);
    const { clientId, name: deviceName = null, web, fcmToken } = parseInput(registerInput, input);
    if ((web == null) === (fcmToken == null)) throw userError('NOT_EXACTLY_ONE', { fields: 'web, fcmToken' });
    const to: PushAddress = web ? { kind: 'WEB', ...web } : { kind: 'FCM', token: fcmToken ?? '' };
    if (!this.push.accepts(to))
      throw web ? userError('NO_PUSH_SERVICE', 'web', 'endpoint') : userError('NO_APPS', 'fcmToken');
    const asked = { userId, clientId, name: deviceName, ...columnsOf(to) };
    const device = await createOnce(
      () => this.#findEarlier(asked),
      async () => {
        await this.limits.take('registerDevice', userId, viewer.clientAddress);
        const now = new Date();
        const { addressHash } = asked;
        return this.prisma.device.upsert({
          where: { addressHash },
          create: asked,
          update: { ...asked, refusals: 0, createdAt: now, seenAt: now },
        });
      },
    );
    // Surplus devices are deleted after the commit, so that of two concurrent registrations the later one sees both.
    const all = await this.prisma.device.findMany({ where: { userId }, orderBy: NEWEST, select: { id: true } });
    await this.prisma.device.deleteMany({ where: { userId, id: { in: all.slice(MOST_DEVICES).map(({ id }) => id) } } });
    return device;
  }

  /**
   * Removes a device of the viewer. Does nothing if the viewer has no such device.
   * @returns the id of the input
   * @throws UserErrors, RATE_LIMITED
   */
  async unregister(viewer: Principal, input: unknown): Promise<string> {
    const { userId } = requireUser(viewer);
    const { deviceId } = parseInput(unregisterInput, input);
    const id = fromGlobalId('Device', deviceId);
    await this.limits.take('registerDevice', userId, viewer.clientAddress);
    if (id !== null) await this.prisma.device.deleteMany({ where: { id, userId } });
    return deviceId;
  }

  /**
   * The device of an earlier request with this client id, or null.
   * @throws UserErrors CONFLICT if that request registered another device
   */
  async #findEarlier({ userId, clientId, ...asked }: Omit<Device, Unasked>): Promise<Device | null> {
    const device = await this.prisma.device.findUnique({ where: { userId_clientId: { userId, clientId } } });
    if (!device) return null;
    if (COMPARED.some((column) => device[column] !== asked[column])) throw userError('CLIENT_ID_USED', 'clientId');
    // Null if the device was removed in between, or got another owner: then the caller registers it again.
    const seen = await this.prisma.device.updateManyAndReturn({
      where: { id: device.id, userId },
      data: { seenAt: new Date() },
    });
    return seen[0] ?? null;
  }
}

type Unasked = 'id' | 'refusals' | 'createdAt' | 'seenAt';
const COMPARED = ['name', 'kind', 'address', 'p256dh', 'auth'] as const satisfies readonly (keyof Device)[];
const NEWEST = [{ seenAt: 'desc' }, { id: 'desc' }] as const satisfies Prisma.DeviceOrderByWithRelationInput[];

/** A person's devices, the newest first, at most {@link MOST_DEVICES}. */
export const devicesOf = (prisma: Pick<PrismaClient, 'device'>, userId: string): Promise<Device[]> =>
  prisma.device.findMany({ where: { userId }, orderBy: NEWEST, take: MOST_DEVICES });

function columnsOf(to: PushAddress) {
  const address = to.kind === 'WEB' ? to.endpoint : to.token;
  return {
    kind: to.kind,
    address,
    addressHash: createHash('sha256').update(`${to.kind} ${address}`).digest('base64url'),
    p256dh: to.kind === 'WEB' ? to.p256dh : null,
    auth: to.kind === 'WEB' ? to.auth : null,
  };
}

/** The address to which the messages of a stored device are sent. */
export const addressOf = ({ kind, address, p256dh, auth }: Device): PushAddress =>
  kind === 'WEB'
    ? { kind, endpoint: address, p256dh: p256dh ?? '', auth: auth ?? '' }
    : { kind: 'FCM', token: address };

/** The people among these who have a device. */
export async function withDevices(tx: Prisma.TransactionClient, userIds: readonly string[]): Promise<Set<string>> {
  const rows = await tx.device.findMany({
    where: { userId: { in: [...userIds] } },
    distinct: ['userId'],
    select: { userId: true },
  });
  return new Set(rows.map(({ userId }) => userId));
}
