import { createHash, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { MAIL_SETTINGS } from '../../../platform/injection/tokens.ts';
import type { MailSettings } from '../../../platform/mail/mail-sender.ts';
import { PrismaClient } from '../generated/prisma/client.ts';

/** The purposes of links in e-mails, each with the content of its token. A token works for its own purpose only. */
const PURPOSES = {
  /** Confirms that an address belongs to a user. `address` is a hash, because links are logged on their way. */
  verify: z.object({ userId: z.uuid(), address: z.string() }),
  /** Ends the user's e-mails with these kinds of notifications. */
  unsubscribe: z.object({ userId: z.uuid(), kinds: z.array(z.string().max(50)).min(1).max(50) }),
} as const;
export type Purpose = keyof typeof PURPOSES;
type Payload<P extends Purpose> = z.output<(typeof PURPOSES)[P]>;

/** How long the link that confirms an address works. The text of the e-mail has the same number. */
const VERIFY_HOURS = 48;

/** The hash of an address, without regard to case. The database and the links contain it instead of the address. */
export const addressHash = (email: string): string =>
  createHash('sha256').update(email.toLowerCase()).digest('base64url');

/**
 * Makes and reads the links in e-mails. Each has a token (RFC 7519, HS256) that works without signing in. The key that
 * signs tokens is in the database of this service. So every process has this key, and links still work after a restart.
 */
@Injectable()
export class EmailLinks {
  #keys: Promise<ReadonlyMap<string, Uint8Array>> | undefined;

  constructor(
    private readonly prisma: PrismaClient,
    @Inject(MAIL_SETTINGS) private readonly settings: MailSettings,
  ) {
    // Without PUBLIC_URL the process does not start. Otherwise the first mail would have a link that leads nowhere.
    if (settings.publicUrl === '') throw new Error('PUBLIC_URL is missing: links in e-mails begin with it');
  }

  /** The link that confirms this address. It works for 48 hours, as long as the account has this address. */
  async verify(userId: string, email: string): Promise<string> {
    return this.#url('verify', { userId, address: addressHash(email) }, `${VERIFY_HOURS}h`);
  }

  /** The link that ends e-mails of these kinds. It does not expire, because people keep mails for years. */
  async unsubscribe(userId: string, kinds: readonly string[]): Promise<string> {
    return this.#url('unsubscribe', { userId, kinds: [...new Set(kinds)].sort() });
  }

  /**
   * The content of a token; null when no key of ours signed it, when it has another purpose or form, or when it has
   * expired.
   */
  async read<P extends Purpose>(purpose: P, token: string): Promise<Payload<P> | null> {
    try {
      const keys = await this.#allKeys();
      const { payload } = await jwtVerify(token, ({ kid = '' }) => keys.get(kid) ?? new Uint8Array(32), {
        algorithms: ['HS256'],
        audience: purpose,
      });
      return PURPOSES[purpose].parse(payload) as Payload<P>;
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof z.ZodError) return null;
      throw error;
    }
  }

  async #url<P extends Purpose>(purpose: P, payload: Payload<P>, expires?: string): Promise<string> {
    const keys = await this.#allKeys();
    const [kid, secret] = [...keys][0] ?? [];
    if (kid === undefined || !secret) throw new Error('there is no key for links');
    const token = new SignJWT(payload).setProtectedHeader({ alg: 'HS256', kid }).setAudience(purpose);
    if (expires !== undefined) token.setExpirationTime(expires);
    return `${this.settings.publicUrl}/emails/${purpose}/${await token.sign(secret)}`;
  }

  /** The keys by their ids, the newest first. The first process of the installation creates a key. */
  #allKeys(): Promise<ReadonlyMap<string, Uint8Array>> {
    this.#keys ??= this.#load().catch((error: unknown) => {
      this.#keys = undefined;
      throw error;
    });
    return this.#keys;
  }

  async #load(): Promise<ReadonlyMap<string, Uint8Array>> {
    await this.prisma.linkKey.createMany({ data: [{ id: 1, secret: randomBytes(32) }], skipDuplicates: true });
    const rows = await this.prisma.linkKey.findMany({ orderBy: { id: 'desc' } });
    return new Map(rows.map(({ id, secret }) => [String(id), secret]));
  }
}
