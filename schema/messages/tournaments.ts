import { z } from 'zod';
import {
  defineEvent,
  defineJob,
  defineQueue,
  defineSnapshot,
  defineTopic,
} from '../../platform/messaging/definitions.ts';

/** Events of tournaments. */
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
  state,
  startsAt: at,
  /** Users, the creator first. */
  organizerIds: z.array(z.uuid()),
  /** How long after the end of a match its result may be protested. */
  protestHours: z.int(),
});

/** A tournament exists, as a draft: the first event of each. */
export const TournamentCreated = defineEvent({
  topic: Tournaments,
  type: 'TournamentCreated',
  version: 1,
  key: 'tournamentId',
  payload: facts,
});
/** Everybody may see it from now on. */
export const TournamentPublished = defineEvent({
  topic: Tournaments,
  type: 'TournamentPublished',
  version: 1,
  key: 'tournamentId',
  payload: facts,
});
/** It has another name, state, start or time for protests. */
export const TournamentChanged = defineEvent({
  topic: Tournaments,
  type: 'TournamentChanged',
  version: 1,
  key: 'tournamentId',
  payload: facts,
});
/** Somebody became an organizer, or is none any more. `organizerIds` has all of them. */
export const OrganizersChanged = defineEvent({
  topic: Tournaments,
  type: 'OrganizersChanged',
  version: 1,
  key: 'tournamentId',
  payload: facts.extend({ appointed: z.uuid().nullable(), removed: z.uuid().nullable() }),
});
/** A draft was deleted: the last event of its key. */
export const TournamentDeleted = defineEvent({
  topic: Tournaments,
  type: 'TournamentDeleted',
  version: 1,
  key: 'tournamentId',
  payload: z.object({ tournamentId }),
});

/** A team entered, or its entry is in another state or has another seed. */
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
/** A team may enter a tournament that is by invitation. */
export const TeamInvitedToTournament = defineEvent({
  topic: Tournaments,
  type: 'TeamInvitedToTournament',
  version: 1,
  key: 'tournamentId',
  payload: z.object({ tournamentId, teamId: z.uuid() }),
});
/** Registration is closed. The draw will use the seed with this SHA-256. */
export const DrawSeedCommitted = defineEvent({
  topic: Tournaments,
  type: 'DrawSeedCommitted',
  version: 1,
  key: 'tournamentId',
  payload: z.object({ tournamentId, seedHash: z.string() }),
});
/** Entries have their seeds. `seed` is null when no lots were drawn: by hand, or by rating. */
export const TournamentDrawn = defineEvent({
  topic: Tournaments,
  type: 'TournamentDrawn',
  version: 1,
  key: 'tournamentId',
  payload: z.object({ tournamentId, seed: z.string().nullable(), entryIds: z.array(z.uuid()) }),
});

/** A match of the plan. */
const plannedMatch = z.object({
  matchId: z.uuid(),
  tournamentId,
  sport: z.string(),
  homeTeamId: z.uuid(),
  awayTeamId: z.uuid(),
  kickoffAt: at,
  /** Whether `kickoffAt` is the tournament's start, for a match without a time of its own. */
  kickoffIsEstimate: z.boolean(),
  venue: z.string().nullable(),
  refereeId: z.uuid().nullable(),
  /** The tournament's name. */
  competition: z.string(),
  round: z.string().nullable(),
  group: z.string().nullable(),
  /** Whether a draw is no result. */
  needsWinner: z.boolean(),
  protestHours: z.int(),
  /** The winner's score in a walkover; the loser has 0. */
  walkoverScore: z.int().min(0),
});
/** The plan has a new match. The consumer matches creates it, with this id. */
export const MatchPlanned = defineEvent({
  topic: Tournaments,
  type: 'MatchPlanned',
  version: 1,
  key: 'tournamentId',
  payload: plannedMatch,
});
/** Another time, place or referee. */
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
/** The plan does not have the match any more. If it was played, it counts nowhere. */
export const MatchUnplanned = defineEvent({
  topic: Tournaments,
  type: 'MatchUnplanned',
  version: 1,
  key: 'tournamentId',
  payload: z.object({ matchId: z.uuid(), tournamentId, reason: z.string() }),
});
/** A side cannot or may not play: a walkover for the other one, or for nobody. */
export const MatchForfeited = defineEvent({
  topic: Tournaments,
  type: 'MatchForfeited',
  version: 1,
  key: 'tournamentId',
  payload: z.object({ matchId: z.uuid(), tournamentId, winner: side }),
});
/** A stage was drawn, began, ended, or its tables or bracket are others. */
export const StageChanged = defineEvent({
  topic: Tournaments,
  type: 'StageChanged',
  version: 1,
  key: 'tournamentId',
  payload: z.object({ tournamentId, stageId: z.uuid(), state: z.enum(['PLANNED', 'RUNNING', 'COMPLETED']) }),
});
/** A result was corrected after the bracket had moved on; these slots have other sides now. */
export const BracketCorrected = defineEvent({
  topic: Tournaments,
  type: 'BracketCorrected',
  version: 1,
  key: 'tournamentId',
  payload: z.object({ tournamentId, stageId: z.uuid(), slotIds: z.array(z.uuid()) }),
});

/** The tournament ended without all of its matches. These teams had entered. */
export const TournamentCancelled = defineEvent({
  topic: Tournaments,
  type: 'TournamentCancelled',
  version: 1,
  key: 'tournamentId',
  payload: z.object({ tournamentId, reason: z.string().nullable(), teamIds: z.array(z.uuid()) }),
});
/** Everything is played. Null where nobody is champion. */
export const TournamentCompleted = defineEvent({
  topic: Tournaments,
  type: 'TournamentCompleted',
  version: 1,
  key: 'tournamentId',
  payload: z.object({ tournamentId, championTeamId: z.uuid().nullable() }),
});

/** A tournament as it is, with the matches that its plan has now. */
export const TournamentSnapshot = defineSnapshot({
  topic: Tournaments,
  type: 'TournamentSnapshot',
  version: 1,
  key: 'tournamentId',
  payload: facts.extend({ matches: z.array(plannedMatch) }),
});

/** A schedule of the tournament's matches was asked for, or is at another point. */
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

/** Long computations, each of them for seconds on one CPU. */
export const Computations = defineQueue({ name: 'computations', maxDeliveries: 5, retryDelayMs: 1000 });

/** Computes the schedule of a run. */
export const ScheduleComputation = defineJob({
  queue: Computations,
  kind: 'ScheduleComputation',
  reachesPeople: false,
  version: 1,
  payload: z.object({ tournamentId, runId: z.uuid() }),
});

/** All but the snapshot: each is in tournament_events, too. */
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
