import { z } from 'zod';
import { type AnyFault, answerText, defineFlow } from './flow.ts';
import type { planInput } from '../inputs.ts';

export const trainingPlan = z.object({
  title: answerText(120),
  sessions: z
    .array(
      z.object({
        title: answerText(120),
        exercises: z
          .array(z.object({ name: answerText(120), minutes: z.int().min(1).max(180), description: answerText(600) }))
          .min(1)
          .max(12),
      }),
    )
    .min(1)
    .max(7),
});
type Plan = z.output<typeof trainingPlan>;

export const trainingPlanFlow = defineFlow<z.output<typeof planInput>, z.output<typeof trainingPlan>>({
  name: 'trainingPlan',
  value: 'TRAINING_PLAN',
  promptVersion: 1,
  maxTokens: 4000,
  maxCharacters: 40_000,
  async prepare(_viewer, { sport, level, sessions, minutes, focus, language }) {
    return {
      language,
      data: { sport, level, sessions, minutes, focus: focus ?? null },
      isShared: focus == null,
      schema: trainingPlan,
      render: textOfPlan,
      check: () => [],
      checkWhole: (plan) => faultsOfPlan(plan, { sessions, minutes }),
    };
  },
});

/** The title, then a line for each training and each complete exercise. */
function textOfPlan({ title, sessions }: Partial<Plan>): string {
  const lines = (sessions ?? []).flatMap((session) => [
    session?.title ?? '',
    ...(session?.exercises ?? []).flatMap((exercise) =>
      exercise?.name === undefined || exercise.minutes === undefined || exercise.description === undefined
        ? []
        : [`${exercise.name}, ${exercise.minutes}: ${exercise.description}`],
    ),
  ]);
  return [title ?? '', ...lines].filter((line) => line !== '').join('\n');
}

function faultsOfPlan(plan: Plan, asked: { readonly sessions: number; readonly minutes: number }): AnyFault[] {
  const faults: AnyFault[] = [];
  if (plan.sessions.length !== asked.sessions)
    faults.push({ kind: 'NUMBER', words: `${plan.sessions.length} sessions instead of ${asked.sessions}` });
  for (const { title, exercises } of plan.sessions) {
    const sum = exercises.reduce((total, { minutes }) => total + minutes, 0);
    if (sum !== asked.minutes)
      faults.push({ kind: 'NUMBER', words: `${title}: ${sum} minutes instead of ${asked.minutes}` });
  }
  return faults;
}
