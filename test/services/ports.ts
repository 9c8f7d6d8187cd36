// The names, ports, development credentials and environment variables of full mode's servers. The ports differ from the
// default ones, so that the machine's own PostgreSQL or Redis causes no conflict.

export const serviceNames = ['postgres', 'redis', 'rabbitmq', 'kafka', 'keycloak', 's3'] as const;
export type ServiceName = (typeof serviceNames)[number];

export const host = '127.0.0.1';
export const database = { user: 'prodvor', password: 'prodvor', name: 'prodvor' };
export const broker = { user: 'prodvor', password: 'prodvor' };
const realm = 'prodvor';
/** The key of the S3 server, and the bucket of the product. */
export const bucket = { name: 'prodvor', user: 'prodvor', password: 'prodvor-development-only', region: 'us-east-1' };
export const backendClient = { id: 'prodvor-backend', secret: 'prodvor-backend-development-only' };

export interface Ports {
  postgres: number;
  redis: number;
  rabbitmq: number;
  /**
   * Erlang's port for connections between nodes. By default RabbitMQ takes its own port + 20000, which can be in the
   * range of ephemeral ports.
   */
  rabbitmqDistribution: number;
  epmd: number;
  kafka: number;
  kafkaController: number;
  keycloak: number;
  s3: number;
}

/**
 * The ports plus `offset`, so that a second set of servers (for tests that start from nothing) can run at the same
 * time.
 */
export function portsAt(offset = 0): Ports {
  return {
    postgres: 25432 + offset,
    redis: 26379 + offset,
    rabbitmq: 5674 + offset,
    rabbitmqDistribution: 5675 + offset,
    epmd: 5676 + offset,
    kafka: 29092 + offset,
    kafkaController: 29093 + offset,
    keycloak: 28080 + offset,
    s3: 29000 + offset,
  };
}

export function serviceUrl(name: ServiceName, ports: Ports): string {
  switch (name) {
    case 'postgres':
      return `postgresql://${database.user}:${database.password}@${host}:${ports.postgres}/${database.name}`;
    case 'redis':
      return `redis://${host}:${ports.redis}`;
    case 'rabbitmq':
      return `amqp://${broker.user}:${broker.password}@${host}:${ports.rabbitmq}`;
    case 'kafka':
      return `${host}:${ports.kafka}`;
    case 'keycloak':
      return `http://${host}:${ports.keycloak}/realms/${realm}`;
    case 's3':
      return `http://${host}:${ports.s3}`;
  }
}

/**
 * The environment variables with which full mode uses the named servers of `npm run services -- start`.
 */
export function serviceEnvironment(offset = 0, names: readonly ServiceName[] = serviceNames): Record<string, string> {
  const ports = portsAt(offset);
  const variables: Record<ServiceName, Record<string, string>> = {
    postgres: { DATABASE_URL: serviceUrl('postgres', ports) },
    redis: { REDIS_URL: serviceUrl('redis', ports) },
    rabbitmq: { RABBITMQ_URL: serviceUrl('rabbitmq', ports) },
    kafka: { KAFKA_BROKERS: serviceUrl('kafka', ports) },
    keycloak: {
      KEYCLOAK_ISSUER: serviceUrl('keycloak', ports),
      KEYCLOAK_CLIENT_ID: backendClient.id,
      KEYCLOAK_CLIENT_SECRET: backendClient.secret,
    },
    s3: {
      S3_ENDPOINT: serviceUrl('s3', ports),
      S3_BUCKET: bucket.name,
      S3_ACCESS_KEY_ID: bucket.user,
      S3_SECRET_ACCESS_KEY: bucket.password,
    },
  };
  return Object.assign({}, ...names.map((name) => variables[name]));
}
