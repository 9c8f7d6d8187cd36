import type { Projection } from '../../platform/messaging/rebuilds/projection.ts';
import { ratings, statistics } from '../../subgraphs/matches/rebuild.ts';
import { notifications } from '../../subgraphs/notifications/rebuild.ts';
import { standings } from '../../subgraphs/tournaments/rebuild.ts';

/** The projections that `npm run rebuild` can rebuild, by their names in the command. Add a new projection here. */
export const PROJECTIONS: Readonly<Record<string, Projection>> = { ratings, statistics, standings, notifications };
