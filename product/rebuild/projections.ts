import type { Projection } from '../../platform/messaging/rebuild.ts';
import { ratings, statistics } from '../../subgraphs/matches/rebuild.ts';
import { standings } from '../../subgraphs/tournaments/rebuild.ts';

/** Everything that `npm run rebuild` can make again, by the name in the command. A new projection is a line here. */
export const PROJECTIONS: Readonly<Record<string, Projection>> = { ratings, statistics, standings };
