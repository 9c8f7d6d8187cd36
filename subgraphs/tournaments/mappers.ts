import type { Connection, Counted } from '../../platform/graphql/connection.ts';
import type { Entry, Ruling, Stage, Standing, Tournament as Row } from './generated/prisma/client.ts';
import type { FairPlayRow as Fair, PlayerRow } from './awards.service.ts';
import type { PlannedSlot } from './plan.service.ts';

/** The object that resolvers get for each type of the schema: usually a Prisma row, or an event with its payload. */
export type { Entry, Group, Round, Stage, Tournament } from './generated/prisma/client.ts';
export type { TournamentAsFacts } from '../../schema/questions/tournaments.ts';
export type TournamentConnection = Counted<Row>;
export type EntryConnection = Connection<Entry> & { readonly totalCount: () => Promise<number> };
export type Registration = Row;
export type Draw = Row;
export type Bracket = Stage;
export type BracketSlot = PlannedSlot;
export interface BracketSide {
  readonly slot: PlannedSlot;
  readonly side: 'home' | 'away';
}
export type StandingRow = Standing;
export type Deduction = Ruling;
export type TopScorer = PlayerRow;
export type TopAssist = PlayerRow;
export type FairPlayRow = Fair;
export interface Match {
  readonly id: string;
}

export type { Pitch, ScheduleRun, Venue } from './generated/prisma/client.ts';
export type { PlaceOfSlot as ScheduledMatch, StoredConflict as ScheduleConflict } from './schedule-result.ts';

export interface TournamentEvent {
  readonly tournamentId: string;
  readonly seq: number;
  readonly occurredAt: Date;
  /** The type of an event definition in schema/messages/tournaments.ts, which has validated `payload`. */
  readonly type: string;
  readonly payload: unknown;
}
export type TournamentUpdated = TournamentEvent;
export type TournamentDeleted = TournamentEvent;
export type EntryUpdated = TournamentEvent;
export type TeamInvitedToTournament = TournamentEvent;
export type DrawSeedCommitted = TournamentEvent;
export type TournamentDrawn = TournamentEvent;
export type TournamentMatchUpdated = TournamentEvent;
export type StageUpdated = TournamentEvent;
export type BracketCorrected = TournamentEvent;
export type TournamentCancelled = TournamentEvent;
export type TournamentCompleted = TournamentEvent;
export type ScheduleRunUpdated = TournamentEvent;
