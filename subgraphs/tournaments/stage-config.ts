import { z } from 'zod';
import { stageSpec } from './formats/stages.ts';
import { tableRules } from './standings/rules.ts';

/** The organizer's choices for a stage, as the column `config` stores them: format, entrants, rules of its tables. */
export const storedConfig = stageSpec.extend({
  rules: tableRules,
  /** Whether the stage decides the title. Stages of older versions do. */
  crowns: z.boolean().default(true),
});
