import { stageSpec } from './formats/stages.ts';
import { tableRules } from './standings/rules.ts';

/** The organizer’s choices for a stage, as its row stores them: format, entrants, rules of its tables. */
export const storedConfig = stageSpec.extend({ rules: tableRules });
