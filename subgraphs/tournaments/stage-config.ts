import { stageSpec } from './formats/stages.ts';
import { tableRules } from './standings/rules.ts';

/** What an organizer chose for a stage, as its row stores it: the format, whom it takes, and the rules of its tables. */
export const storedConfig = stageSpec.extend({ rules: tableRules });
