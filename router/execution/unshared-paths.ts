import type { PathStep, PlanNode } from '../planning/plan-nodes.ts';

/**
 * Returns a function of a path of the response: whether each object there must get its own copy of an entity. Later
 * fetches may add different data to such objects, depending on the types or the @context on their paths. If two of them
 * shared one entity, the data for one would also appear in the other.
 */
export function unsharedPaths(plan: PlanNode | undefined): (path: readonly PathStep[]) => boolean {
  const paths: (readonly PathStep[])[] = [];
  let contextual = false;
  const collect = (node: PlanNode, path: readonly PathStep[]): void => {
    switch (node.kind) {
      case 'Fetch':
        contextual ||= node.contextValues !== undefined;
        paths.push(path);
        break;
      case 'BatchFetch':
        for (const { paths: further } of node.entities) paths.push(...further.map((each) => [...path, ...each]));
        break;
      case 'Flatten':
        collect(node.node, [...path, ...node.path]);
        break;
      case 'Sequence':
      case 'Parallel':
        for (const inner of node.nodes) collect(inner, path);
        break;
      case 'Condition':
        for (const inner of [node.ifClause, node.elseClause]) if (inner !== undefined) collect(inner, path);
        break;
      case 'Defer':
        for (const { node: inner } of [node.primary, ...node.deferred]) if (inner !== undefined) collect(inner, path);
    }
  };
  if (plan !== undefined) collect(plan, []);
  if (contextual) return () => true;
  const typed = paths.filter((path) => path.some((step) => 'types' in step));
  if (typed.length === 0) return () => false;

  /** For each place, the different paths by which fetches reach it. A place is a path without its type conditions. */
  const ways = new Map<string, Set<string>>();
  for (const path of paths) {
    let place = '';
    let way = '';
    for (const step of path) {
      if ('types' in step) {
        way += `|${step.types.join()}`;
        continue;
      }
      const name = 'field' in step ? `.${step.field}` : '@';
      place += name;
      way += name;
      const known = ways.get(place);
      if (known === undefined) ways.set(place, new Set([way]));
      else known.add(way);
    }
  }
  return (path) => {
    const place = path.map((step) => ('field' in step ? `.${step.field}` : 'items' in step ? '@' : '')).join('');
    return (ways.get(place)?.size ?? 0) > 1;
  };
}
