import { print } from 'graphql';
import type { DocumentNode } from 'graphql';
import { QueryPlanner } from '@graphql-hive/router-query-planner';
import { planFromHive } from './from-hive.ts';
import type { Overrides } from './overrides.ts';
import type { Plan } from './plan-nodes.ts';
import type { VariableNames } from './variables.ts';

/** Plans documents that have one operation. */
export interface QueryPlans {
  /** Plans the operation of a document. @throws Error when it finds no plan */
  plan(document: DocumentNode, names: VariableNames, overrides: Overrides): Plan;
}

/** One percent in the unit of the planner, which compares percentages as whole numbers. */
const PERCENT = 1_000_000;

/**
 * Plans with @graphql-hive/router-query-planner, which is native code. It may panic, which ends the whole process, and
 * a call cannot be interrupted. Use it only in a separate process.
 */
export function createHivePlans(sdl: string): QueryPlans {
  const planner = new QueryPlanner(sdl);
  return {
    plan: (document, names, { labels, percentage }) =>
      planFromHive(planner.plan(print(document), null, new Set(labels), percentage * PERCENT), names),
  };
}
