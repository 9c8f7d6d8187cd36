import { NEEDS, type Use } from '../../platform/config/config.ts';
import { PLATFORM_RATE_LIMITS, type RateLimit } from '../../platform/http/rate-limits.ts';
import { asksOf, type OnDeletion, type Subgraph } from '../../platform/manifest/manifest.ts';
import { PLATFORM_DATA } from '../../platform/manifest/personal-data.ts';
import { table, withSection } from './section.ts';

const names = (list: readonly string[]): string => list.map((name) => `\`${name}\``).join(', ');

/** docs/architecture.md with the table of subgraphs. */
export function architectureWith(text: string, subgraphs: readonly Subgraph[]): string {
  const asks = asksOf(Object.fromEntries(subgraphs.map((subgraph) => [subgraph.name, subgraph])));
  const rows = subgraphs.map(({ name, port, uses, routes, topics, queues }) => [
    `[${name}](../subgraphs/${name}/subgraph.ts)`,
    String(port),
    uses.join(', '),
    (asks.get(name) ?? []).join(', '),
    names(routes.map(({ method, path }) => `${method} ${path}`)),
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

/** docs/personal-data.md with the table of personal data. */
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

/** docs/configuration.md with the table of rate limits. */
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

/** docs/full-mode.md with the table of the secrets that each process gets. */
export function fullModeWith(text: string, subgraphs: readonly Subgraph[]): string {
  const given = (uses: readonly Use[]): string =>
    names(uses.flatMap((use) => (use === 'mail' ? ['SMTP_URL'] : NEEDS[use])));
  const rows = [
    ['router', given(['signatures', 'cache'])],
    ['migrate', '`DATABASE_URL` of an administrator, `DATABASE_PASSWORDS`'],
    ['every subgraph', `its own ${given(['database', 'eventLog', 'signatures'])}`],
    ...subgraphs.filter(({ uses }) => uses.length > 0).map(({ name, uses }) => [`${name}, besides`, given(uses)]),
  ];
  return withSection(text, 'secrets', table(['process', 'is given'], rows));
}

/** docs/observability.md with the targets of Prometheus. */
export function observabilityWith(text: string, subgraphs: readonly Subgraph[]): string {
  // One target per line: Prettier formats code blocks in Markdown, and leaves this layout unchanged for any number of
  // targets.
  const targets = ['router', ...subgraphs.map(({ name }) => name)].map((name) => `          - '${name}:9464'\n`);
  return withSection(text, 'targets', `    static_configs:\n      - targets:\n${targets.join('')}`);
}
