import type { Counted } from '../../platform/graphql/connection.ts';
import type { MatchEventDetail, MatchScore } from '../../schema/messages/matches.ts';
import type { Match } from './generated/prisma/client.ts';

/**
 * What resolvers pass around for a type of the schema: rows of Prisma, and events as the topic carries them, so that
 * both sources are one.
 */
export type { Match } from './generated/prisma/client.ts';
export type MatchConnection = Counted<Match>;

type Detail<K extends MatchEventDetail['kind']> = Extract<MatchEventDetail, { kind: K }>;

export interface MatchEvent<D extends MatchEventDetail = MatchEventDetail> {
  readonly id: string;
  readonly matchId: string;
  readonly seq: number;
  readonly recordedAt: Date;
  readonly detail: D;
  /** After this event. */
  readonly score: MatchScore;
}

export type MatchStateChanged = MatchEvent<Detail<'STATE'>>;
export type PeriodStarted = MatchEvent<Detail<'PERIOD'>>;
export type GoalScored = MatchEvent<Detail<'GOAL'>>;
export type CardShown = MatchEvent<Detail<'CARD'>>;
export type MatchEventVoided = MatchEvent<Detail<'VOID'>>;
export type Score = MatchScore;
export type MatchPlayer = NonNullable<Detail<'GOAL'>['player']>;
