import { z } from 'zod';
import {
  defineEvent,
  defineJob,
  defineQueue,
  defineSnapshot,
  defineTopic,
} from '../../platform/messaging/definitions.ts';
import { rebuildJob } from '../../platform/messaging/rebuilds/projection.ts';

/** The events of tournaments. The topic keeps them for 30 days; PostgreSQL has the whole history. */
export const Tournaments = defineTopic({
  name: 'tournaments.v1',
  partitions: 8,
  retentionHours: 30 * 24,
  cleanup: 'delete',
});

const tournamentId = z.uuid();
const at = z.iso.datetime();
const state = z.enum(['DRAFT', 'REGISTRATION', 'CHECK_IN', 'SEEDED', 'RUNNING', 'COMPLETED', 'ARCHIVED', 'CANCELLED']);
const side = z.enum(['HOME', 'AWAY', 'NONE']);

/** The facts of a tournament that other services keep. */
const facts = z.object({
  tournamentId,
  name: z.string(),
  sport: z.string(),
  /** The city of the tournament; null when it is not set. Absent in events of older programs. */
  city: z.string().nullable().optional(),
  state,
  startsAt: at,
  /** The ids of the organizers, the creator first. */
  organizerIds: z.array(z.uuid()),
  /** For how many hours after the end of a match its teams may protest. */
  protestHours: z.int(),
});

/** A tournament was created, as a draft. It is the first event of the tournament. */
export const TournamentCreated = defineEvent({
  topic: Tournaments,
  type: 'TournamentCreated',
  version: 1,
  key: 'tournamentId',
  payload: facts,
});
/** A draft was published: the tournament is public now. */
export const TournamentPublished = defineEvent({
  topic: Tournaments,
  type: 'TournamentPublished',
  version: 1,
  key: 'tournamentId',
  payload: facts,
});
/** The tournament changed. The payload has its current facts. The change may be in a part that is not among them. */
export const TournamentChanged = defineEvent({
  topic: Tournaments,
  type: 'TournamentChanged',
  version: 1,
  key: 'tournamentId',
  payload: facts,
});
/** An organizer was appointed or removed. `organizerIds` has all organizers. */
export const OrganizersChanged = defineEvent({
  topic: Tournaments,
  type: 'OrganizersChanged',
  version: 1,
  key: 'tournamentId',
  payload: facts.extend({ appointed: z.uuid().nullable(), removed: z.uuid().nullable() }),
});
/** A draft was deleted. It is the last event of the tournament. */
export const TournamentDeleted = defineEvent({
  topic: Tournaments,
  type: 'TournamentDeleted',
  version: 1,
  key: 'tournamentId',
  payload: z.object({ tournamentId }),
});

/** A team entered, or its entry changed its state or got a seed. */
export const EntryChanged = defineEvent({
  topic: Tournaments,
  type: 'EntryChanged',
  version: 1,
  key: 'tournamentId',
  payload: z.object({
    tournamentId,
    entryId: z.uuid(),
    teamId: z.uuid(),
    state: z.enum([
      'PENDING',
      'WAITING',
      'ACCEPTED',
      'CHECKED_IN',
      'REJECTED',
      'WITHDRAWN',
      'MISSED_CHECK_IN',
      'DISQUALIFIED',
    ]),
    seed: z.int().nullable(),
  }),
});
/**
 * A team was invited to enter the tournament. The invitations of a draft are sent when it is published. Older programs
 * sent them at once.
 */
export const TeamInvitedToTournament = defineEvent({
  topic: Tournaments,
  type: 'TeamInvitedToTournament',
  version: 1,
  key: 'tournamentId',
  payload: z.object({ tournamentId, teamId: z.uuid() }),
});
/** Registration closed. A draw by lot will use a secret random seed; `seedHash` is the SHA-256 of this seed. */
export const DrawSeedCommitted = defineEvent({
  topic: Tournaments,
  type: 'DrawSeedCommitted',
  version: 1,
  key: 'tournamentId',
  payload: z.object({ tournamentId, seedHash: z.string() }),
});
/**
 * The draw was made: `entryIds` has the entries, the best seed first. `seed` is the random seed of the draw; null if an
 * organizer or an administrator made the order by hand. `ratings` are the ratings of the first entries; the other
 * entries have none. `method` and `ratings` are absent in events of older programs.
 */
export const TournamentDrawn = defineEvent({
  topic: Tournaments,
  type: 'TournamentDrawn',
  version: 1,
  key: 'tournamentId',
  payload: z.object({
    tournamentId,
    seed: z.string().nullable(),
    entryIds: z.array(z.uuid()),
    method: z.enum(['BY_LOT', 'BY_HAND', 'BY_RATING']).optional(),
    ratings: z.array(z.number()).optional(),
  }),
});

/** A match in the plan of a tournament. */
const plannedMatch = z.object({
  matchId: z.uuid(),
  tournamentId,
  sport: z.string(),
  homeTeamId: z.uuid(),
  awayTeamId: z.uuid(),
  kickoffAt: at,
  /** Whether the match has no time yet. Then `kickoffAt` is the start of the tournament. */
  kickoffIsEstimate: z.boolean(),
  venue: z.string().nullable(),
  refereeId: z.uuid().nullable(),
  /** The tournament's name. */
  competition: z.string(),
  round: z.string().nullable(),
  group: z.string().nullable(),
  /** Whether the match must not end in a draw. */
  needsWinner: z.boolean(),
  /** For a tie of two legs: both legs have the same key. Absent in events of older programs. */
  tie: z.object({ key: z.string(), leg: z.int().min(1).max(2) }).nullish(),
  protestHours: z.int(),
  /** The winner's score in a walkover; the loser has 0. */
  walkoverScore: z.int().min(0),
});
/** The plan has a new match. The subgraph matches creates it with this id, or lets a friendly with this id join. */
export const MatchPlanned = defineEvent({
  topic: Tournaments,
  type: 'MatchPlanned',
  version: 1,
  key: 'tournamentId',
  payload: plannedMatch,
});
/** The plan of a match has another time, place or referee. */
export const MatchReplanned = defineEvent({
  topic: Tournaments,
  type: 'MatchReplanned',
  version: 1,
  key: 'tournamentId',
  payload: plannedMatch.pick({
    matchId: true,
    tournamentId: true,
    kickoffAt: true,
    kickoffIsEstimate: true,
    venue: true,
    refereeId: true,
  }),
});
/** A match was taken from the plan. It counts nowhere, even if it was played. */
export const MatchUnplanned = defineEvent({
  topic: Tournaments,
  type: 'MatchUnplanned',
  version: 1,
  key: 'tournamentId',
  payload: z.object({ matchId: z.uuid(), tournamentId, reason: z.string() }),
});
/** A side left before the match was over, so the other side wins by walkover. `winner` is NONE if both sides left. */
export const MatchForfeited = defineEvent({
  topic: Tournaments,
  type: 'MatchForfeited',
  version: 1,
  key: 'tournamentId',
  payload: z.object({ matchId: z.uuid(), tournamentId, winner: side }),
});
/** The state, a table or the bracket of a stage changed. The payload has only the new state of the stage, no table. */
export const StageChanged = defineEvent({
  topic: Tournaments,
  type: 'StageChanged',
  version: 1,
  key: 'tournamentId',
  payload: z.object({ tournamentId, stageId: z.uuid(), state: z.enum(['PLANNED', 'RUNNING', 'COMPLETED']) }),
});
/** A correction changed the sides of these slots, so their matches were taken from the plan. */
export const BracketCorrected = defineEvent({
  topic: Tournaments,
  type: 'BracketCorrected',
  version: 1,
  key: 'tournamentId',
  payload: z.object({ tournamentId, stageId: z.uuid(), slotIds: z.array(z.uuid()) }),
});

/** The tournament was cancelled. `teamIds` are the teams that had a place or waited for one. */
export const TournamentCancelled = defineEvent({
  topic: Tournaments,
  type: 'TournamentCancelled',
  version: 1,
  key: 'tournamentId',
  payload: z.object({ tournamentId, reason: z.string().nullable(), teamIds: z.array(z.uuid()) }),
});
/** All matches are over. `championTeamId` is null if there is no champion. A correction can emit this event again. */
export const TournamentCompleted = defineEvent({
  topic: Tournaments,
  type: 'TournamentCompleted',
  version: 1,
  key: 'tournamentId',
  payload: z.object({ tournamentId, championTeamId: z.uuid().nullable() }),
});

/** The current state of a tournament, with the current matches of its plan. */
export const TournamentSnapshot = defineSnapshot({
  topic: Tournaments,
  type: 'TournamentSnapshot',
  version: 1,
  key: 'tournamentId',
  payload: facts.extend({ matches: z.array(plannedMatch) }),
});

/** The state or the progress of a schedule run changed, or a run was created. */
export const ScheduleRunChanged = defineEvent({
  topic: Tournaments,
  type: 'ScheduleRunChanged',
  version: 1,
  key: 'tournamentId',
  payload: z.object({
    tournamentId,
    runId: z.uuid(),
    state: z.enum(['QUEUED', 'RUNNING', 'DONE', 'FAILED', 'CANCELLED']),
    percent: z.int(),
  }),
});

/** Long computations of tournaments. Each of them uses one CPU for seconds or minutes. */
export const Computations = defineQueue({ name: 'computations', maxDeliveries: 5, retryDelayMs: 1000 });

/** Computes the schedule of a run. */
export const ScheduleComputation = defineJob({
  queue: Computations,
  kind: 'ScheduleComputation',
  reachesPeople: false,
  version: 1,
  payload: z.object({ tournamentId, runId: z.uuid() }),
});

/** Rebuilds standings. */
export const RebuildTournaments = rebuildJob(Computations, 'RebuildTournaments');

/**
 * All events of tournaments, without the snapshot. Each is also a row of tournament_events, until TournamentDeleted
 * deletes the rows of its tournament.
 */
export const TOURNAMENT_EVENTS = [
  TournamentCreated,
  TournamentPublished,
  TournamentChanged,
  OrganizersChanged,
  TournamentDeleted,
  EntryChanged,
  TeamInvitedToTournament,
  DrawSeedCommitted,
  TournamentDrawn,
  MatchPlanned,
  MatchReplanned,
  MatchUnplanned,
  MatchForfeited,
  StageChanged,
  BracketCorrected,
  TournamentCancelled,
  TournamentCompleted,
  ScheduleRunChanged,
] as const;
