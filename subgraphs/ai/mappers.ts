import type { z } from 'zod';
import type { matchReport } from './flows/match-report.ts';
import type { moderationHint } from './flows/moderation-hint.ts';
import type { teamNames } from './flows/team-names.ts';
import type { tournamentAnnouncement } from './flows/tournament-announcement.ts';
import type { trainingPlan } from './flows/training-plan.ts';
import type { translation } from './flows/translation.ts';
import type { Failure } from './errors.ts';

/** The objects that resolvers get for the types of the schema: rows of Prisma, and stored answers of the model. */
export type { Generation } from './generated/prisma/client.ts';
export type {
  GenerationEvent as GenerationFinished,
  GenerationEvent as TextAdded,
  GenerationEvent as TextDiscarded,
} from './generated/prisma/client.ts';
export interface GenerationFailure {
  readonly reason: Failure;
  readonly retryAfter: number | null;
}
export type MatchReport = z.output<typeof matchReport>;
export type TournamentAnnouncement = z.output<typeof tournamentAnnouncement>;
export type TrainingPlan = z.output<typeof trainingPlan>;
export type TeamNames = z.output<typeof teamNames>;
export type ModerationHint = z.output<typeof moderationHint>;
export type Translation = z.output<typeof translation> & { readonly language: 'EN' | 'RU' };
