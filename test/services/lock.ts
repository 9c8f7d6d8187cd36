import { setTimeout as delay } from 'node:timers/promises';
import { DataDirectoryError, lock as lockOrRefuse } from '../../platform/embedded-database/data-directory.ts';

/** Waits until no other running process holds the file, then holds it. @returns a function that releases it */
export async function lock(file: string, waiting?: () => void, signal?: AbortSignal): Promise<() => Promise<void>> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await lockOrRefuse(file, file);
    } catch (error) {
      if (!(error instanceof DataDirectoryError && error.code === 'DATA_DIRECTORY_IN_USE')) throw error;
    }
    if (attempt === 0) waiting?.();
    await delay(100, undefined, { signal });
  }
}
