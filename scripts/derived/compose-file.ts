import type { Use } from '../../platform/config/config.ts';
import type { Subgraph } from '../../platform/manifest/manifest.ts';
import { withSection } from './section.ts';

/** For each use: the environment that a subgraph's container needs, and the container that it waits for. */
const FOR_USE: Readonly<Record<Use, { readonly environment: readonly string[]; readonly needs?: string }>> = {
  // Every subgraph gets the variables of these three uses from &subgraph-environment, and its own login below.
  database: { environment: [] },
  eventLog: { environment: [] },
  signatures: { environment: [] },
  jobQueue: {
    environment: ['RABBITMQ_URL: amqp://prodvor:${RABBITMQ_PASSWORD:?see .env.development}@rabbitmq:5672'],
    needs: 'rabbitmq',
  },
  cache: { environment: ['REDIS_URL: redis://redis:6379'], needs: 'redis' },
  accounts: {
    environment: [
      'KEYCLOAK_CLIENT_ID: prodvor-backend',
      'KEYCLOAK_CLIENT_SECRET: ${KEYCLOAK_CLIENT_SECRET:?see .env.development}',
    ],
    needs: 'keycloak',
  },
  storage: {
    environment: [
      'S3_BUCKET: prodvor',
      'S3_ENDPOINT: http://s3:9000',
      'S3_PUBLIC_ENDPOINT: ${S3_PUBLIC_URL:?see .env.development}',
      "S3_PUBLIC_READ: 'yes'",
      'MEDIA_PUBLIC_URL: ${S3_PUBLIC_URL:?see .env.development}/prodvor',
      'S3_ACCESS_KEY_ID: prodvor',
      'S3_SECRET_ACCESS_KEY: ${S3_SECRET_ACCESS_KEY:?see .env.development}',
      'CORS_ORIGINS: ${PRODVOR_WEB_URL:?see .env.development}',
    ],
    needs: 's3',
  },
  mail: {
    environment: [
      'SMTP_URL: ${SMTP_URL:?see .env.development}',
      'WEB_URL: ${PRODVOR_WEB_URL:?see .env.development}',
      'MAIL_WEBHOOK_SECRET: ${MAIL_WEBHOOK_SECRET:-}',
      'DKIM_SELECTOR: ${DKIM_SELECTOR:-}',
      'DKIM_PRIVATE_KEY: ${DKIM_PRIVATE_KEY:-}',
    ],
  },
  push: {
    environment: [
      'PUSH_HOSTS: ${PUSH_HOSTS:-}',
      'VAPID_PRIVATE_KEY: ${VAPID_PRIVATE_KEY:-}',
      'FCM_SERVICE_ACCOUNT: ${FCM_SERVICE_ACCOUNT:-}',
    ],
  },
  model: {
    environment: [
      'GOOGLE_API_KEY: ${GOOGLE_API_KEY:-}',
      'AI_FLOWS_OFF: ${AI_FLOWS_OFF:-}',
      'AI_DAILY_QUOTA: ${AI_DAILY_QUOTA:-50}',
    ],
  },
};

/** The variable that holds the password of a subgraph's database role. */
const passwordVariable = (name: string): string => `${name.toUpperCase()}_DATABASE_PASSWORD`;
const password = (name: string): string => `\${${passwordVariable(name)}:?see .env.development}`;

/** The texts as lines, each indented by `depth` spaces. */
const lines = (depth: number, ...texts: readonly string[]): string =>
  texts.map((text) => `${' '.repeat(depth)}${text}\n`).join('');
/** A folded YAML text whose parts are separated by commas. */
const list = (depth: number, name: string, parts: readonly string[]): string =>
  lines(depth, `${name}: >-`) +
  lines(depth + 2, ...parts.map((part, index) => (index < parts.length - 1 ? `${part},` : part)));

/**
 * docker-compose.yml with the containers of these subgraphs, and with the addresses and settings of the subgraphs that
 * other containers need.
 */
export function composeFileWith(text: string, subgraphs: readonly Subgraph[]): string {
  const names = subgraphs.map(({ name }) => name);
  const sections: readonly [string, string][] = [
    [
      'addresses',
      list(
        2,
        'SUBGRAPH_URLS',
        subgraphs.map(({ name, port }) => `${name}=http://${name}:${port}/graphql`),
      ),
    ],
    [
      'passwords of roles',
      list(
        6,
        'DATABASE_PASSWORDS',
        names.map((name) => `${name}=${password(name)}`),
      ),
    ],
    ['whom the router waits for', lines(6, ...names.map((name) => `${name}: { condition: service_healthy }`))],
    ['subgraphs', subgraphs.map(container).join('\n')],
  ];
  return sections.reduce((sofar, [name, content]) => withSection(sofar, name, content), text);
}

function container({ name, port, uses }: Subgraph): string {
  const needed = uses.flatMap((use) => FOR_USE[use].needs ?? []);
  return (
    lines(2, `${name}:`) +
    lines(4, '<<: *product', `command: ['node', '--import', './loader.mjs', 'main.ts', '${name}']`, 'environment:') +
    lines(
      6,
      '<<: *subgraph-environment',
      `PORT: ${port}`,
      `DATABASE_URL: postgresql://prodvor_${name}:${password(name)}@postgres:5432/prodvor`,
      ...uses.flatMap((use) => FOR_USE[use].environment),
    ) +
    lines(4, 'healthcheck: *product-healthcheck') +
    (needed.length === 0
      ? lines(4, 'depends_on: *subgraph-needs')
      : lines(4, 'depends_on:') +
        lines(6, '<<: *subgraph-needs', ...needed.map((other) => `${other}: { condition: service_healthy }`)))
  );
}

/**
 * .env.development with a password for each subgraph's role. `platform/config/secrets.ts` accepts these passwords on
 * the developer's machine only.
 */
export function developmentWith(text: string, subgraphs: readonly Subgraph[]): string {
  return withSection(
    text,
    'passwords of roles',
    subgraphs.map(({ name }) => `${passwordVariable(name)}=${name}-development-only\n`).join(''),
  );
}
