// Reads the queries of queries/ as bodies to POST in turn.
import { existsSync, readFileSync } from 'node:fs';

/**
 * Reads a query.
 * @param name the name of a query in queries/, or a file
 * @param vary "variable=from..to": the variable counts up from request to request, so that no two requests in flight
 *   are equal
 * @param step the increment
 * @returns {title, bodies}
 */
export function readQuery(name, { vary, step = 1, variables } = {}) {
  const file = existsSync(name) ? name : new URL(`../queries/${name}.graphql`, import.meta.url).pathname;
  if (!existsSync(file)) throw new Error(`no query ${name}`);
  const query = readFileSync(file, 'utf8');
  const range = /^(\w+)=(\d+)\.\.(\d+)$/.exec(vary ?? (/\$skip\b/.test(query) ? 'skip=0..199' : ''));
  if (vary && !range) throw new Error('--vary wants name=from..to');
  const operationName = /(?:query|mutation)\s+(\w+)/.exec(query)?.[1];
  const body = (more) =>
    JSON.stringify({ query, variables: { ...(variables && JSON.parse(variables)), ...more }, operationName });
  const [from, to] = range ? [Number(range[2]), Number(range[3])] : [0, 0];
  const bodies = range
    ? Array.from({ length: to - from + 1 }, (_, i) => body({ [range[1]]: (from + i) * step }))
    : [body()];
  return { title: file.split('/').pop(), bodies };
}
