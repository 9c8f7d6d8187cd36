import { z } from 'zod';
import { TextOfMessage } from '../../../schema/questions/chat.ts';
import { userError } from '../reasons.ts';
import { answerText, defineFlow } from './flow.ts';
import type { judgeInput } from '../inputs.ts';

const VERDICTS = ['FINE', 'INSULT', 'THREAT', 'HATE', 'SPAM', 'PERSONAL_DATA', 'UNCLEAR'] as const;

export const moderationHint = z.object({ verdict: z.enum(VERDICTS), reason: answerText(400) });

export const moderationHintFlow = defineFlow<z.output<typeof judgeInput>, z.output<typeof moderationHint>>({
  name: 'moderationHint',
  value: 'MODERATION_HINT',
  promptVersion: 1,
  maxTokens: 300,
  maxCharacters: 2_000,
  async prepare(viewer, { messageId, language }, questions) {
    const message = await questions.ask(TextOfMessage, messageId, viewer);
    if (message === null) throw userError('MESSAGE_NOT_FOUND', 'messageId');
    return {
      language,
      data: { message },
      isShared: false,
      schema: moderationHint,
      render: ({ reason }) => reason ?? '',
      check: () => [],
      checkWhole: () => [],
    };
  },
});
