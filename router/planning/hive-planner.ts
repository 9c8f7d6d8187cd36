import { print } from 'graphql';
import type { DocumentNode } from 'graphql';
import { QueryPlanner } from '@graphql-hive/router-query-planner';
import { planFromHive } from './from-hive.ts';
import type { Overrides } from './overrides.ts';
import type { Plan } from './plan-nodes.ts';
import type { VariableNames } from './variables.ts';

/** Plans documents of one operation. */
export interface QueryPlans {
  /** @throws Error when it finds no plan */
  plan(document: DocumentNode, names: VariableNames, overrides: Overrides): Plan;
}

/** In the planner's unit: it compares whole numbers. */
const PERCENT = 1_000_000;

/**
 * Plans with @graphql-hive/router-query-planner, native code. It may panic, which ends the whole process, and a call
 * cannot be interrupted: for a process of its own only.
 */
export function createHivePlans(sdl: string): QueryPlans {
  const planner = new QueryPlanner(sdl);
  return {
    plan: (document, names, { labels, percentage }) =>
      planFromHive(planner.plan(print(document), null, new Set(labels), percentage * PERCENT), names),
  };
}
