import { fork } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { killGroup } from './group.ts';
import type { Outcome, Task } from './result.ts';

export interface ProcessorLimits {
  /** Milliseconds. */
  readonly timeMs: number;
  /**
   * The largest resident memory of the process and its ffmpeg together, in bytes. It is read from /proc; without /proc
   * only the time is limited.
   */
  readonly memoryBytes: number;
}

/**
 * 60 s are about 20 times what a 12-megapixel picture takes on one core. A picture of 50 megapixels needs about 350 MB.
 */
export const PROCESSOR_LIMITS: ProcessorLimits = { timeMs: 60_000, memoryBytes: 1_000_000_000 };

/** The PATH of the process: the folders where ffmpeg may be. */
export const PROGRAMS = '/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin';
const LOOK_MS = 50;
const PROGRAM = fileURLToPath(new URL('process.ts', import.meta.url));

/**
 * The error when the process ended without a result, and not because of a limit. Then the job fails and is tried again.
 */
class ProcessorDied extends Error {
  override readonly name = 'ProcessorDied';
}

/**
 * Processes a file in a process of its own. A file that needs more than the limits allow is refused as TOO_DEMANDING: a
 * time limit inside of the process would not stop the encoders.
 * @throws {ProcessorDied}
 */
export async function processFile(
  task: Task,
  limits: ProcessorLimits = PROCESSOR_LIMITS,
  onStarted?: (pid: number) => void,
): Promise<Outcome> {
  const child = fork(PROGRAM, [], {
    // Node runs this TypeScript itself. The process gets none of the product's secrets.
    execArgv: ['--disable-warning=ExperimentalWarning', '--max-old-space-size=512'],
    env: { PATH: PROGRAMS },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    // The leader of a group, so that its ffmpeg can be killed with it.
    detached: process.platform !== 'win32',
  });
  return new Promise<Outcome>((resolve, reject) => {
    let isOver = false;
    let answer: Outcome | { readonly error: string } | undefined;
    const kill = (): void => {
      isOver = true;
      killGroup(child.pid);
    };
    const time = setTimeout(kill, limits.timeMs);
    const memory = setInterval(() => {
      void residentBytes(child.pid).then((bytes) => {
        if (bytes > limits.memoryBytes) kill();
      });
    }, LOOK_MS);
    const end = (): void => {
      clearTimeout(time);
      clearInterval(memory);
    };
    child.once('message', (message: typeof answer) => void (answer = message));
    child.once('error', (error) => {
      end();
      reject(new ProcessorDied(error.message));
    });
    // The answer is read before the channel closes, but perhaps after the exit.
    const closed = new Promise<void>((done) => child.once('disconnect', done));
    child.once('exit', (code, signal) => {
      end();
      // If somebody has killed the process, its ffmpeg still runs.
      killGroup(child.pid);
      void closed.then(() => {
        if (answer && !('error' in answer)) resolve(answer);
        else if (isOver) resolve({ refusal: 'TOO_DEMANDING' });
        else reject(new ProcessorDied(answer ? answer.error : `ended with ${signal ?? code}`));
      });
    });
    // An error of sending is ignored: then the process ends without an answer, and 'exit' rejects.
    child.send(task, () => undefined);
    if (child.pid !== undefined) onStarted?.(child.pid);
  });
}

const PAGE_BYTES = 4096;

/** The resident memory of a process and its children. Zero when the process has ended. */
async function residentBytes(pid: number | string | undefined): Promise<number> {
  const read = (name: string): Promise<string> => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
  const [text, children] = await Promise.all([read('statm'), read(`task/${pid}/children`)]);
  const below = await Promise.all((children.match(/\d+/g) ?? []).map(residentBytes));
  return below.reduce((sum, bytes) => sum + bytes, Number(text.split(' ')[1] ?? 0) * PAGE_BYTES);
}
