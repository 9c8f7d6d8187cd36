import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { broker, host } from './ports.ts';
import { findProgram } from './service.ts';
import type { Context, Service } from './service.ts';

// The package's own starter. The one on the PATH requires the user rabbitmq and its folders.
const starter = '/usr/lib/rabbitmq/bin/rabbitmq-server';

const sharedSettings = fileURLToPath(new URL('../../deploy/rabbitmq/rabbitmq.conf', import.meta.url));

/** RabbitMQ without plugins, and its epmd. Without a running epmd the broker would start one that outlives it. */
export const rabbitmq: Service = {
  name: 'rabbitmq',
  patience: 90,
  missing: () =>
    existsSync(starter) && findProgram('epmd') ? undefined : 'is not installed: apt-get install rabbitmq-server',
  async prepare({ dir, ports }: Context) {
    for (const folder of ['mnesia', 'log', 'home']) mkdirSync(join(dir, folder), { recursive: true });
    writeFileSync(join(dir, 'enabled_plugins'), '[].');
    // The user has another name than guest, because guest may connect only from the same machine and the product's
    // containers do not.
    const user = `default_user = ${broker.user}\ndefault_pass = ${broker.password}\n`;
    writeFileSync(join(dir, 'rabbitmq.conf'), readFileSync(sharedSettings, 'utf8') + user);
    const epmd = { ERL_EPMD_PORT: String(ports.epmd), ERL_EPMD_ADDRESS: host };
    const env = {
      ...epmd,
      HOME: join(dir, 'home'),
      RABBITMQ_NODENAME: 'prodvor@localhost',
      RABBITMQ_NODE_IP_ADDRESS: host,
      RABBITMQ_NODE_PORT: String(ports.rabbitmq),
      RABBITMQ_DIST_PORT: String(ports.rabbitmqDistribution),
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
      RABBITMQ_MNESIA_BASE: join(dir, 'mnesia'),
      RABBITMQ_LOG_BASE: join(dir, 'log'),
      RABBITMQ_LOGS: '-', // to stdout, which is the log file
      RABBITMQ_ENABLED_PLUGINS_FILE: join(dir, 'enabled_plugins'),
      RABBITMQ_PID_FILE: join(dir, 'rabbitmq.pid'),
      RABBITMQ_CONFIG_FILE: join(dir, 'rabbitmq'),
      ERL_CRASH_DUMP_SECONDS: '0',
      RUNNING_UNDER_SYSTEMD: '1', // The starter becomes the broker instead of its parent, so its pid is the broker's.
    };
    return [
      { id: 'epmd', command: findProgram('epmd') ?? 'epmd', args: [], env: epmd, ports: [ports.epmd] },
      { id: 'broker', command: starter, args: [], env, ports: [ports.rabbitmq, ports.rabbitmqDistribution] },
    ];
  },
};
