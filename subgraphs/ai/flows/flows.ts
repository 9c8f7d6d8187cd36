import type { Flow } from './flow.ts';
import { matchReportFlow } from './match-report.ts';
import { moderationHintFlow } from './moderation-hint.ts';
import { teamNamesFlow } from './team-names.ts';
import { tournamentAnnouncementFlow } from './tournament-announcement.ts';
import { trainingPlanFlow } from './training-plan.ts';
import { translationFlow } from './translation.ts';

/** Everything that the language model can be asked for, by the name in the configuration. */
export const FLOWS = {
  matchReport: matchReportFlow,
  tournamentAnnouncement: tournamentAnnouncementFlow,
  trainingPlan: trainingPlanFlow,
  teamNames: teamNamesFlow,
  moderationHint: moderationHintFlow,
  translation: translationFlow,
} as const satisfies Readonly<Record<string, Flow>>;
export type FlowName = keyof typeof FLOWS;
