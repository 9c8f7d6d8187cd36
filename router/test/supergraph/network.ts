import { createNetwork } from '../harness.ts';
import { accounts } from './accounts.ts';
import { catalog } from './catalog.ts';
import { inventory } from './inventory.ts';
import { reviewing } from './reviews.ts';
import { scores } from './scores.ts';

/** The supergraph made to be hard: what one subgraph knows of a type, another completes. */
export const createHardNetwork = () => createNetwork([catalog, reviewing, accounts, inventory, scores]);
