import { readdir } from 'node:fs/promises';
import { messagesIn } from '../../platform/messaging/definitions.ts';

const files = (await readdir(import.meta.dirname))
  .filter((name) => /^[a-z-]+\.ts$/.test(name) && name !== 'index.ts')
  .sort();

/** All topics, queues, events and jobs that the files of this folder define. */
export const { topics, queues, events, jobs } = messagesIn(
  await Promise.all(files.map((name) => import(`./${name}`) as Promise<object>)),
);
