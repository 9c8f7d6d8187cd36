// A worker process of the contract suite: `contract.worker.ts <json of WorkerRequest>`. It reports each delivery to its
// parent.
import { Logger } from '@nestjs/common';
import type { QueueDefinition } from './job-queue.ts';
import { openJobQueue } from './contract.adapters.ts';
import type { AdapterChoice } from './contract.adapters.ts';

export interface WorkerRequest {
  readonly adapter: AdapterChoice;
  readonly definition: QueueDefinition;
  readonly concurrency: number;
  /** Whether handlers never end, so that the process can be killed in one. */
  readonly hold: boolean;
}

export type WorkerReport = { readonly ready: true } | { readonly id: string; readonly attempt: number };

Logger.overrideLogger(false);
const request = JSON.parse(process.argv[2] ?? '') as WorkerRequest;
const report = (message: WorkerReport) => process.send?.(message);
const queue = await openJobQueue(request.adapter);
await queue.ensureQueues([request.definition]);
await queue.work(request.definition.name, {
  concurrency: request.concurrency,
  handler: async ({ id, attempt }) => {
    report({ id, attempt });
    // The handler takes long enough that one process alone cannot take all jobs.
    await new Promise((resolve) => {
      setTimeout(resolve, request.hold ? 2 ** 30 : 20);
    });
  },
});
process.on('disconnect', () => process.exit());
process.on('message', () => void queue.close().then(() => process.exit()));
report({ ready: true });
