import { findProgram } from './service.ts';
import type { Context, Service } from './service.ts';
import { host } from './ports.ts';

/** Redis as a cache: with a memory limit, and nothing on disk. */
export const redis: Service = {
  name: 'redis',
  patience: 20,
  missing: () => (findProgram('redis-server') ? undefined : 'is not installed: apt-get install redis-server'),
  async prepare({ dir, ports }: Context) {
    const memory = ['--save', '', '--appendonly', 'no', '--maxmemory', '256mb', '--maxmemory-policy', 'allkeys-lru'];
    const args = ['--port', String(ports.redis), '--bind', host, '--dir', dir, ...memory];
    return [{ id: 'server', command: findProgram('redis-server') ?? 'redis-server', args, ports: [ports.redis] }];
  },
};
