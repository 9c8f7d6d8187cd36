// The planner process. It ends when the process that started it ends. That process kills it when an operation takes too
// long to plan. A panic of the native planner ends only this process.
import { RequestError } from '../operation/request-error.ts';
import { withFields } from './fetched-fields.ts';
import { yieldProcessor } from './yield-processor.ts';
import { createOperationPlanner } from './operation-planner.ts';
import type { OperationPlanner, PlanRequest } from './operation-planner.ts';
import type { FromPlanner, StartPlanner } from './planner-link.ts';

const send = (message: FromPlanner): void => void process.send?.(message);
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

process.on('disconnect', () => process.exit());
// Ctrl-C also signals this process, because it has the same terminal. It ignores the signal: the process that started
// it decides when it ends.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);

async function answer(planner: OperationPlanner, request: PlanRequest): Promise<FromPlanner> {
  try {
    const planned = await planner.plan(request, (phase) => send({ phase }));
    yieldProcessor();
    return { planned: JSON.stringify(planned, withFields) };
  } catch (error) {
    return error instanceof RequestError ? { refused: error.errors } : { failed: messageOf(error) };
  }
}

process.once('message', ({ sdl, limits, only }: StartPlanner) => {
  createOperationPlanner(sdl, limits, only).then(
    (planner) => {
      process.on('message', (request: PlanRequest) => void answer(planner, request).then(send));
      send({ ready: true });
    },
    (error: unknown) => {
      send({ failed: messageOf(error) });
      process.disconnect();
    },
  );
});
