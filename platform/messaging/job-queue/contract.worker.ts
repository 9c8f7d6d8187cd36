// A worker process of the contract suite: `contract.worker.ts <json of WorkerRequest>`, tells its parent what happens.
import { Logger } from '@nestjs/common';
import type { QueueDefinition } from './job-queue.ts';
import { openJobQueue } from './contract.adapters.ts';
import type { AdapterChoice } from './contract.adapters.ts';

export interface WorkerRequest {
  readonly adapter: AdapterChoice;
  readonly definition: QueueDefinition;
  readonly concurrency: number;
  /** Handlers that never end, to be killed in. */
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
    // long enough that one process alone cannot take all
    await new Promise((resolve) => {
      setTimeout(resolve, request.hold ? 2 ** 30 : 20);
    });
  },
});
process.on('disconnect', () => process.exit());
process.on('message', () => void queue.close().then(() => process.exit()));
report({ ready: true });
