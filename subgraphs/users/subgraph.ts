import { defineSubgraph } from '../../platform/manifest/manifest.ts';
import { Users } from '../../schema/messages/users.ts';

/** Accounts and profiles of users. */
export default defineSubgraph({
  name: 'users',
  port: 4001,
  module: async () => (await import('./users.module.ts')).UsersModule,
  // The outbox of an earlier version may still have e-mails, which the relay hands to the queue.
  uses: ['jobQueue', 'cache', 'accounts'],
  routes: [
    {
      method: 'POST',
      path: '/register',
      body: 'json',
      maxBodyBytes: 16_384,
      timeoutMs: 15_000,
      rateLimit: { minute: 10, hour: 60 },
    },
  ],
  rateLimits: {
    register: {
      count: 20,
      seconds: 3_600,
      by: 'the client’s IPv4 address or IPv6 /64, over HTTP, WebSocket and `POST /register`; failed attempts count too',
    },
  },
  topics: [Users],
  nodes: { User: ['User'] },
  personalData: {
    'User.id': 'deleted',
    'User.username': 'deleted',
    'User.displayName': 'deleted',
    'User.city': 'deleted',
    'User.sports': 'deleted',
    'User.birthDate': 'deleted',
    'User.levels': 'deleted',
    'TeamMembership.userId': 'deleted',
  },
});
