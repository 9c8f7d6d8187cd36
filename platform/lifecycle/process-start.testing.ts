import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterTest } from '../../test/after-test.ts';

const stat = (pid: number): string => readFileSync(`/proc/${pid}/stat`, 'utf8');

/** The pid of a zombie: it was killed with -9, and its parent does not read its exit code before the test is over. */
export async function makeZombie(command = 'exec sleep 600'): Promise<number> {
  // The outer shell becomes `sleep`, which does not wait for its child. So the killed child stays a zombie.
  const parent = spawn('sh', ['-c', `sh -c '${command}' > /dev/null & echo $!; exec sleep 600`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  afterTest(() => void parent.kill('SIGKILL'));
  const [said] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(said.toString());
  // Waits until both run `sleep`: then the child has run the earlier parts of the command, and the parent, no longer a
  // shell, does not read its exit code.
  for (const each of [pid, parent.pid ?? 0]) while (!stat(each).includes('(sleep)')) await delay(5);
  process.kill(pid, 'SIGKILL');
  while (!/\) Z /.test(stat(pid))) await delay(5);
  return pid;
}
