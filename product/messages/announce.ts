import { setTimeout as sleep } from 'node:timers/promises';
import type { Announcement } from '../../platform/messaging/announcements/announcements.ts';
import type { MessageStores } from './stores.ts';

const LOOK_EVERY_MS = 250;
/**
 * How long the command waits for progress before it fails. Milliseconds. A running owner starts to announce within a
 * second. So if there is no progress for this time, the owner does not run, or it waits for its event log.
 */
const PATIENCE_MS = 15_000;

/**
 * Asks the topic's owner to announce it. If the product may be running, waits as long as the announcement advances.
 * @param stores the stores of the owner
 * @param onKeys is called with the number of published keys when it has grown
 */
export async function announceTopic(
  { services, mayRun }: MessageStores,
  topic: string,
  onKeys: (keys: number) => void,
): Promise<Announcement> {
  const [owner] = services;
  if (!owner) throw new Error(`${topic} has no owner`);
  await owner.announcements.ask(topic);
  let moved = performance.now();
  for (let known = 0; ; await sleep(LOOK_EVERY_MS)) {
    const announced = await owner.announcements.of(topic);
    if (!announced) throw new Error(`${topic} is no longer announced`);
    if (announced.finished || announced.error !== undefined || !mayRun || performance.now() - moved > PATIENCE_MS)
      return announced;
    if (announced.keys === known) continue;
    known = announced.keys;
    moved = performance.now();
    onKeys(known);
  }
}
