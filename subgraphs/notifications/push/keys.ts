import { Inject, Injectable } from '@nestjs/common';
import { PUSH_SENDER } from '../../../platform/injection/tokens.ts';
import type { PushSender, VapidKey } from '../../../platform/push/push-sender.ts';
import { newVapidKey } from '../../../platform/config/vapid.ts';
import { PrismaClient } from '../generated/prisma/client.ts';

/**
 * The key by which push services recognise this installation: the configured one, or else one in the database of this
 * service, which the first process makes. A browser subscribes for one key, so after a change of the key no subscribed
 * browser gets messages.
 */
@Injectable()
export class PushKeys {
  #key: Promise<VapidKey> | undefined;

  constructor(
    private readonly prisma: PrismaClient,
    @Inject(PUSH_SENDER) private readonly push: PushSender,
  ) {}

  own(): Promise<VapidKey> {
    this.#key ??= this.#load().catch((error: unknown) => {
      this.#key = undefined;
      throw error;
    });
    return this.#key;
  }

  async #load(): Promise<VapidKey> {
    if (this.push.key) return this.push.key;
    await this.prisma.pushKey.createMany({ data: [{ id: 1, ...newVapidKey() }], skipDuplicates: true });
    const { publicKey, privateKey } = await this.prisma.pushKey.findUniqueOrThrow({ where: { id: 1 } });
    return { publicKey, privateKey };
  }
}
