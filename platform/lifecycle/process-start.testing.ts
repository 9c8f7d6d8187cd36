import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterTest } from '../../test/after-test.ts';

const stat = (pid: number): string => readFileSync(`/proc/${pid}/stat`, 'utf8');

/**
 * The pid of a process that was killed with -9 and whose parent does not ask for its exit code before the test is over.
 */
export async function makeZombie(command = 'exec sleep 600'): Promise<number> {
  // The shell becomes a sleep, which does not know that it has a child.
  const parent = spawn('sh', ['-c', `sh -c '${command}' > /dev/null & echo $!; exec sleep 600`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  afterTest(() => void parent.kill('SIGKILL'));
  const [said] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(said.toString());
  // Until it is the sleep, with `setsid` done.
  while (!stat(pid).includes('(sleep)')) await delay(5);
  process.kill(pid, 'SIGKILL');
  while (!/\) Z /.test(stat(pid))) await delay(5);
  return pid;
}
