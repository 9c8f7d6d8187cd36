import { defineSubgraph } from '../../platform/manifest/manifest.ts';
import { Ai } from '../../schema/messages/ai.ts';

/** Texts by a language model. */
export default defineSubgraph({
  name: 'ai',
  port: 4008,
  module: async () => (await import('./ai.module.ts')).AiModule,
  uses: ['model'],
  rateLimits: { generate: { count: 20, seconds: 60, by: 'user' } },
  topics: [Ai],
  asks: ['chat', 'matches', 'tournaments'],
  personalData: {
    'Generation.ownerId': { kept: 'for 30 days, with the whole row' },
    'Generation.result': { kept: 'for 30 days: it may contain names of players, or the text of a message' },
    'Generation.text': { kept: 'for 30 days: it may contain names of players, or the text of a message' },
    'GenerationEvent.text': { kept: 'for 30 days, with the generation' },
    'DayOfPerson.ownerId': { kept: 'for at most 3 days after the last generation of anybody ends' },
  },
  notPersonal: { 'GenerationEvent.generationId': 'a generation' },
});
