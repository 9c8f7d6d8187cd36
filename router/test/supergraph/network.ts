import { createNetwork } from '../harness.ts';
import { accounts } from './accounts.ts';
import { catalog } from './catalog.ts';
import { inventory } from './inventory.ts';
import { reviewing } from './reviews.ts';
import { scores } from './scores.ts';

/** A supergraph that is difficult to plan: several subgraphs contribute fields to most types. */
export const createHardNetwork = () => createNetwork([catalog, reviewing, accounts, inventory, scores]);
