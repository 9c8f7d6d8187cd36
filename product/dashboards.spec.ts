// The dashboards of deploy/grafana ask only for metrics and labels that the running product has.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { Metrics } from '../platform/observability/metrics.ts';
import { openProduct } from './product.fixture.ts';

const FOLDER = join(import.meta.dirname, '../deploy/grafana/dashboards');
interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

/** Words of PromQL that are followed by a list of labels, or that join two expressions. */
const KEYWORDS = new Set(['and', 'or', 'unless', 'bool', 'offset', 'inf', 'nan']);

/** The metrics of an expression, and the labels that it uses. Functions are names in front of a parenthesis. */
function partsOf(expr: string): { metrics: string[]; labels: string[] } {
  const labels: string[] = [];
  const rest = expr
    .replaceAll(/\{([^}]*)\}/g, (_, matchers: string) => {
      labels.push(...[...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label));
      return ' ';
    })
    .replaceAll(/\[[^\]]*\]/g, ' ')
    .replaceAll(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)/g, (_, list: string) => {
      labels.push(...list.split(',').map((label) => label.trim()));
      return ' ';
    });
  const metrics = [...rest.matchAll(/[A-Za-z_:][\w:]*(?!\w*\s*\()/g)].map(([name]) => name);
  return { metrics: metrics.filter((name) => !KEYWORDS.has(name)), labels };
}

describe('the dashboards', () => {
  let product: Awaited<ReturnType<typeof openProduct>>;
  beforeAll(async () => {
    product = await openProduct();
  });
  afterAll(() => product?.close());

  it('ask for metrics of the product, with their labels', async () => {
    const page = await (await fetch(`${product.origin}/metrics`)).text();
    const types = new Map([...page.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]));
    const registries = [...product.apps.values()].map((app) => app.get(Metrics).registry);
    const labelsOf = (name: string): readonly string[] =>
      registries.flatMap(
        (registry) => (registry.getSingleMetric(name) as { labelNames?: string[] } | undefined)?.labelNames ?? [],
      );
    let expressions = 0;
    for (const file of globSync('*.json', { cwd: FOLDER })) {
      const { panels } = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as { panels: readonly Panel[] };
      for (const { title, targets = [] } of panels)
        for (const { expr } of targets) {
          expressions++;
          const { metrics, labels } = partsOf(expr);
          assert.ok(metrics.length > 0, `${file}, ${title}: ${expr}`);
          const families = metrics.map((name) =>
            types.has(name) ? name : name.replace(/_(?:bucket|sum|count)$/, (end) => (types.has(name) ? end : '')),
          );
          for (const name of families) assert.ok(types.has(name), `${file}, ${title}: there is no metric ${name}`);
          const known = new Set(['service', 'le', ...families.flatMap(labelsOf)]);
          assert.deepEqual(
            labels.filter((label) => !known.has(label)),
            [],
            `${file}, ${title}: labels of ${families.join()}`,
          );
          // Counters are read as rates, so that a restart is no drop.
          for (const name of families)
            if (types.get(name) === 'counter') assert.match(expr, /\b(?:rate|increase)\(/, `${file}, ${title}`);
        }
    }
    assert.ok(expressions >= 20);
  });

  it('reads expressions', () => {
    assert.deepEqual(
      partsOf(
        'histogram_quantile(0.95, sum by (queue, le) (rate(jobs_seconds_bucket{a="x", b=~"y|z"}[$__rate_interval])))',
      ),
      { metrics: ['jobs_seconds_bucket'], labels: ['a', 'b', 'queue', 'le'] },
    );
    assert.deepEqual(partsOf('max(x_total) / on (a) y'), { metrics: ['x_total', 'y'], labels: ['a'] });
  });
});
