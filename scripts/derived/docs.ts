import { NEEDS, type Use } from '../../platform/config/config.ts';
import { PLATFORM_RATE_LIMITS, type RateLimit } from '../../platform/http/rate-limits.ts';
import { asksOf, type OnDeletion, type Subgraph } from '../../platform/manifest/manifest.ts';
import { PLATFORM_DATA } from '../../platform/manifest/personal-data.ts';
import { table, withSection } from './section.ts';

const names = (list: readonly string[]): string => list.map((name) => `\`${name}\``).join(', ');

/** Puts the current table of subgraphs into the text of docs/architecture.md. */
export function architectureWith(text: string, subgraphs: readonly Subgraph[]): string {
  const asks = asksOf(Object.fromEntries(subgraphs.map((subgraph) => [subgraph.name, subgraph])));
  const rows = subgraphs.map(({ name, port, uses, routes, topics, queues }) => [
    `[${name}](../subgraphs/${name}/subgraph.ts)`,
    String(port),
    uses.join(', '),
    (asks.get(name) ?? []).join(', '),
    names(
      [...Map.groupBy(routes, ({ path }) => path)].map(
        ([path, of]) => `${of.map(({ method }) => method).join(' ')} ${path}`,
      ),
    ),
    names(topics.map((topic) => topic.name)),
    names(queues.map((queue) => queue.name)),
  ]);
  return withSection(
    text,
    'subgraphs',
    table(['subgraph', 'port', 'uses', 'asks', 'public routes', 'topics', 'queues'], rows),
  );
}

const outcome = (what: OnDeletion): string => (typeof what === 'string' ? what : `kept: ${what.kept}`);

/** Puts the current table of personal data into the text of docs/personal-data.md. */
export function personalDataWith(text: string, subgraphs: readonly Subgraph[]): string {
  const rows = [
    ...subgraphs.flatMap(({ name, personalData }) =>
      Object.entries(personalData).map(([column, what]) => [name, `\`${column}\``, outcome(what)]),
    ),
    ...Object.entries(PLATFORM_DATA).map(([column, what]) => ['each', `\`${column}\``, outcome(what)]),
  ];
  return withSection(text, 'personal data', table(['subgraph', 'column', 'when the person is deleted'], rows));
}

const UNITS: readonly (readonly [seconds: number, unit: string])[] = [
  [3_600, 'h'],
  [60, 'm'],
  [1, 's'],
];
/** A rate limit in the format of RATE_LIMITS. */
function rate({ count, seconds }: RateLimit): string {
  const [, unit] = UNITS.find(([length]) => length === seconds) ?? [];
  return unit ? `${count}/${unit}` : `${count} in ${seconds} s`;
}

/** Puts the current table of rate limits into the text of docs/configuration.md. */
export function configurationWith(text: string, subgraphs: readonly Subgraph[]): string {
  const limits = [...subgraphs.map(({ rateLimits }) => rateLimits), PLATFORM_RATE_LIMITS].flatMap((own) =>
    Object.entries<RateLimit>(own),
  );
  return withSection(
    text,
    'rate limits',
    table(
      ['name', 'default', 'counted by'],
      limits.map(([name, limit]) => [`\`${name}\``, rate(limit), limit.by]),
    ),
  );
}

/** The secrets without which a process starts too, by use. */
const OPTIONAL_SECRETS: Partial<Record<Use, readonly string[]>> = {
  mail: ['SMTP_URL', 'MAIL_WEBHOOK_SECRET', 'DKIM_PRIVATE_KEY'],
  push: ['VAPID_PRIVATE_KEY', 'FCM_SERVICE_ACCOUNT'],
  storage: ['S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY'],
  model: ['GOOGLE_API_KEY'],
};

/** Puts the current table of the secrets that each process gets into the text of docs/full-mode.md. */
export function fullModeWith(text: string, subgraphs: readonly Subgraph[]): string {
  const given = (uses: readonly Use[]): string => names(uses.flatMap((use) => NEEDS[use]));
  const optional = (use: Use): string => names(OPTIONAL_SECRETS[use] ?? []);
  const rows = [
    ['router', given(['signatures', 'cache'])],
    ['migrate', '`DATABASE_URL` of an administrator, `DATABASE_PASSWORDS`'],
    ['every subgraph', `its own ${given(['database', 'eventLog', 'signatures'])}`],
    ...subgraphs.flatMap(({ name, uses }) =>
      [
        [`${name}, besides`, given(uses)],
        ...uses.map((use) => [`${name}, for ${use}, if you set them`, optional(use)]),
      ].filter(([, secrets]) => secrets !== ''),
    ),
  ];
  return withSection(text, 'secrets', table(['process', 'is given'], rows));
}

/** Puts the current targets of Prometheus into the text of docs/observability.md or deploy/prometheus/prometheus.yml. */
export function targetsWith(text: string, subgraphs: readonly Subgraph[]): string {
  // One target per line: Prettier formats code blocks in Markdown, and leaves this layout unchanged for any number of
  // targets.
  const targets = ['router', ...subgraphs.map(({ name }) => name)].map((name) => `          - '${name}:9464'\n`);
  return withSection(text, 'targets', `    static_configs:\n      - targets:\n${targets.join('')}`);
}
