import { randomUUID } from 'node:crypto';
import {
  type IdentityProvider,
  IdentityUnavailable,
  type NewIdentity,
} from '../../platform/identity/identity-provider.ts';
import { openService, rateLimits } from '../../platform/testing/service.testing.ts';
import { UsersConsumers } from './consumers.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { UsersService } from './users.service.ts';

/** An identity provider with accounts in memory. While `away` is true, it refuses to create accounts. */
class Identities implements IdentityProvider {
  readonly accounts = new Map<string, NewIdentity>();
  away = false;

  async createIdentity(identity: NewIdentity): ReturnType<IdentityProvider['createIdentity']> {
    if (this.away) throw new IdentityUnavailable('connect ECONNREFUSED');
    if (identity.password === identity.username)
      return { refusals: [{ field: 'password', code: 'INVALID', reason: 'SAME_AS_USERNAME' }] };
    for (const { username, email } of this.accounts.values()) {
      const taken = username === identity.username ? 'username' : email === identity.email ? 'email' : undefined;
      if (taken) return { refusals: [{ field: taken, code: 'TAKEN' }] };
    }
    const userId = randomUUID();
    this.accounts.set(userId, identity);
    return { userId };
  }

  async deleteIdentity(userId: string): Promise<void> {
    if (this.away) throw new IdentityUnavailable('connect ECONNREFUSED');
    this.accounts.delete(userId);
  }

  async contactOf(userId: string): ReturnType<IdentityProvider['contactOf']> {
    const { email } = this.accounts.get(userId) ?? {};
    return email === undefined ? null : { email, emailVerified: false };
  }

  async markEmailVerified(userId: string, email: string): Promise<boolean> {
    return this.accounts.get(userId)?.email === email;
  }
}

/** Creates the service on a new database, with a fake identity provider and a list of the sent mails. */
export async function openUsers(limits = rateLimits()) {
  const service = await openService('users', PrismaClient);
  const identities = new Identities();
  const users = new UsersService(service.prisma, service.outbox, identities, limits);
  new UsersConsumers(service.consumers, service.prisma, users);
  await service.consumers.onApplicationBootstrap();
  return {
    ...service,
    users,
    identities,
    anna: { username: 'anna', email: 'anna@prodvor.example', password: 'correct horse' },
  };
}
