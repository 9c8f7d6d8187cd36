import { Inject, Injectable } from '@nestjs/common';
import { type Contact, type IdentityProvider } from '../../../platform/identity/identity-provider.ts';
import { IDENTITY_PROVIDER } from '../../../platform/injection/tokens.ts';
import { PrismaClient } from '../generated/prisma/client.ts';
import { addressHash } from './links.ts';

/**
 * How long an address is reused. So ten mails to a person in a minute cost one call of the identity provider.
 * Milliseconds.
 */
const CACHED_MS = 60_000;
/**
 * The largest number of addresses in memory. Above it, the address that was fetched from the identity provider longest
 * ago is dropped.
 */
const MOST_CACHED = 10_000;

/** The reasons why a person gets no notifications by e-mail. */
export type Unreachable = 'NO_ADDRESS' | 'UNVERIFIED' | 'BOUNCED' | 'COMPLAINED';

/**
 * Finds the e-mail addresses of people. Only the identity provider stores addresses. This class keeps them in memory
 * for a minute, and stores hashes of blocked ones.
 */
@Injectable()
export class Contacts {
  readonly #cache = new Map<string, { readonly contact: Contact | null; readonly until: number }>();

  constructor(
    private readonly prisma: PrismaClient,
    @Inject(IDENTITY_PROVIDER)
    private readonly identities: Pick<IdentityProvider, 'contactOf' | 'markEmailVerified'>,
  ) {}

  /**
   * The person's address, and why notifications may not be sent to it; `unreachable` is null when they may.
   * @throws IdentityUnavailable
   */
  async of(userId: string): Promise<{ readonly email: string | null; readonly unreachable: Unreachable | null }> {
    const contact = await this.#contactOf(userId);
    if (!contact) return { email: null, unreachable: 'NO_ADDRESS' };
    const blocked = await this.prisma.blockedAddress.findUnique({ where: { hash: addressHash(contact.email) } });
    const unreachable = (blocked?.reason ?? (contact.emailVerified ? null : 'UNVERIFIED')) as Unreachable | null;
    return { email: contact.email, unreachable };
  }

  /**
   * Marks the address with this hash as confirmed. If e-mails to it bounced, it gets e-mails again. Resolves to false
   * when the account has no address or another one by now. @throws IdentityUnavailable
   */
  async verify(userId: string, hash: string): Promise<boolean> {
    const contact = await this.identities.contactOf(userId);
    if (!contact || addressHash(contact.email) !== hash) return false;
    if (!(await this.identities.markEmailVerified(userId, contact.email))) return false;
    this.#cache.delete(userId);
    // The link was in an e-mail to this address. So e-mails arrive there, and an earlier bounce is forgotten. A
    // complaint stays, because the reader who complained wants no e-mails.
    await this.prisma.blockedAddress.deleteMany({ where: { hash, reason: 'BOUNCED' } });
    return true;
  }

  /**
   * Blocks these addresses. An address that bounced gets only the link that confirms it, when its user asks for the
   * link. An address with a complaint gets nothing. A complaint replaces a bounce, and a bounce does not replace a
   * complaint.
   */
  async block(
    addresses: readonly { readonly email: string; readonly reason: 'BOUNCED' | 'COMPLAINED' }[],
  ): Promise<void> {
    for (const { email, reason } of addresses) {
      const hash = addressHash(email);
      const blockedAt = new Date();
      await this.prisma.blockedAddress.upsert({
        where: { hash },
        create: { hash, reason, blockedAt },
        update: reason === 'COMPLAINED' ? { reason, blockedAt } : {},
      });
    }
  }

  async #contactOf(userId: string): Promise<Contact | null> {
    const now = Date.now();
    const cached = this.#cache.get(userId);
    if (cached && cached.until > now) return cached.contact;
    const contact = await this.identities.contactOf(userId);
    this.#cache.delete(userId);
    this.#cache.set(userId, { contact, until: now + CACHED_MS });
    const [oldest] = this.#cache.keys();
    if (this.#cache.size > MOST_CACHED && oldest !== undefined) this.#cache.delete(oldest);
    return contact;
  }
}
