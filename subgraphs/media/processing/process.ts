// The process that decodes one file and then ends. A file that makes a decoder crash ends only this process.
import { killGroup } from './group.ts';
import { work } from './work.ts';
import type { Task } from './result.ts';

// If the parent was killed, nobody waits for the result, and nobody else would stop this process and its ffmpeg.
process.on('disconnect', () => killGroup(process.pid));
process.once('message', (task: Task) => {
  work(task).then(
    (outcome) => process.send?.(outcome, () => process.disconnect()),
    (error: unknown) => process.send?.({ error: (error as Error).name }, () => process.disconnect()),
  );
});
