import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { beginningOf } from './processes.ts';

/**
 * Waits until no other living process holds the file, then holds it. A holder that was killed holds nothing.
 * @returns the function that gives it back
 */
export async function lock(file: string, waiting?: () => void): Promise<() => void> {
  const mine = `${process.pid} ${beginningOf(process.pid)}`;
  let told = false;
  for (;;) {
    try {
      writeFileSync(file, mine, { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    let holder = '';
    try {
      holder = readFileSync(file, 'utf8');
    } catch {
      continue; // given back in between
    }
    const [pid = '', ...began] = holder.split(' ');
    if (holder !== '' && beginningOf(Number(pid)) !== began.join(' ')) {
      rmSync(file, { force: true });
      continue;
    }
    if (!told) waiting?.();
    told = true;
    await delay(100);
  }
}
