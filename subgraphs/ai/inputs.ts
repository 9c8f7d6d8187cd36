import { z } from 'zod';
import { because, name, parseInput, text } from '../../platform/graphql/input.ts';
import { isTimeZone } from '../../platform/time-zone.ts';
import { sportInput } from '../../schema/sports.ts';
import type { FlowName } from './flows/flows.ts';
import { userError } from './reasons.ts';

const common = { clientId: text(100), language: z.enum(['EN', 'RU']), wait: z.boolean().nullish() };

export const reportInput = z.object({
  ...common,
  matchId: z.string(),
  timeZone: z
    .string()
    .max(64)
    .refine(isTimeZone, because(userError('NO_TIME_ZONE')))
    .nullish(),
});
export const announcementInput = z.object({ ...common, tournamentId: z.string() });
export const planInput = z.object({
  ...common,
  sport: sportInput,
  level: z.enum(['BEGINNER', 'INTERMEDIATE', 'ADVANCED']),
  sessions: z.int().min(1).max(7),
  minutes: z.int().min(15).max(180),
  focus: text(200).nullish(),
});
export const namesInput = z.object({
  ...common,
  sport: sportInput,
  city: name(80).nullish(),
  style: text(200).nullish(),
  count: z.int().min(1).max(10).nullish(),
});
export const judgeInput = z.object({ ...common, messageId: z.string() });
export const translateInput = z.object({
  ...common,
  text: text(4000, { lines: true }).nullish(),
  messageId: z.string().nullish(),
});

/** The fields of every input. */
export interface Input {
  readonly clientId: string;
  readonly wait?: boolean | null | undefined;
}

/** Validates the input of a flow. @throws UserErrors */
export const parseInputOf: Readonly<Record<FlowName, (given: unknown) => Input>> = {
  matchReport: (given) => parseInput(reportInput, given),
  tournamentAnnouncement: (given) => parseInput(announcementInput, given),
  trainingPlan: (given) => parseInput(planInput, given),
  teamNames: (given) => parseInput(namesInput, given),
  moderationHint: (given) => parseInput(judgeInput, given),
  translation: (given) => parseInput(translateInput, given),
};
