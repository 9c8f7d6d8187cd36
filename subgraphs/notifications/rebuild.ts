import { PrismaPg } from '@prisma/adapter-pg';
import type { LoggedEvent } from '../../platform/messaging/event-log/event-log.ts';
import { Outbox } from '../../platform/messaging/outbox/outbox.ts';
import type { Projection, Rebuild } from '../../platform/messaging/rebuilds/projection.ts';
import { MissedChat } from '../../schema/messages/chat.ts';
import { Matches } from '../../schema/messages/matches.ts';
import { RebuildNotifications } from '../../schema/messages/notifications.ts';
import { Teams } from '../../schema/messages/teams.ts';
import { Tournaments } from '../../schema/messages/tournaments.ts';
import { Users } from '../../schema/messages/users.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { add, KEPT_MS, missingOf, putBack, withdraw } from './inbox.ts';
import { StoredKnown } from './known.ts';
import { BATCH } from './notices.service.ts';
import { wishesOf } from './wishes.ts';
import { type Given, Replay } from './replay.ts';

/**
 * The projection of `npm run rebuild` that adds notifications that follow from the event log and are not in inboxes.
 */
export const notifications: Projection = {
  service: 'notifications',
  job: RebuildNotifications,
  topics: [Users.name, Teams.name, Tournaments.name, Matches.name, MissedChat.name],
  describe: 'notifications that inboxes lack',
  open: async (url, signal) =>
    new NotificationsRebuild(
      new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max: 2 }, { schema: 'notifications' }) }),
      signal,
    ),
};

/**
 * Adds the notifications that inboxes lack. It sends no e-mails and push messages, and withdraws only notifications
 * that it has added. If the inbox still has the event of a lost notification, the notification is put back as it was:
 * with its `seq`, and read if the person had read it. Otherwise it is added as a new, unread one, and live streams show
 * it.
 */
export class NotificationsRebuild implements Rebuild {
  readonly #prisma: PrismaClient;
  readonly #signal: AbortSignal | undefined;
  readonly #outbox = new Outbox({ schema: 'notifications' });
  #replay = new Replay();
  /** The clock. Tests replace it. */
  now = (): Date => new Date();

  constructor(prisma: PrismaClient, signal?: AbortSignal) {
    this.#prisma = prisma;
    this.#signal = signal;
  }

  handle(event: LoggedEvent): void {
    this.#replay.handle(event);
  }

  async finish(readOn: () => Promise<void>): Promise<Record<string, number>> {
    const { given, unknown } = await this.#run();
    const figures = { notices: given.length, restored: 0, added: 0, unknown };
    const written: Given[] = [];
    for (const one of given) {
      const people = [...one.userIds].sort();
      for (let at = 0; at < people.length; at += BATCH) {
        this.#signal?.throwIfAborted();
        const { restored, added } = await this.#write(one, people.slice(at, at + BATCH));
        figures.restored += restored;
        figures.added += added;
        if (restored + added > 0) written.push(one);
      }
    }
    // Meanwhile an event may have withdrawn a notification that was not added yet. So the log is read again, and such
    // notifications are withdrawn here.
    this.#replay = new Replay();
    await readOn();
    const open = new Set((await this.#run()).given.map(({ notice }) => `${notice.kind} ${notice.cause}`));
    for (const { notice } of written)
      if (!open.has(`${notice.kind} ${notice.cause}`))
        await this.#outbox.transaction(this.#prisma, (tx, emit) => withdraw(tx, emit, notice, this.now()));
    return figures;
  }

  async close(): Promise<void> {
    await this.#prisma.$disconnect();
  }

  /** The notices that should be in inboxes now, and how many notices are unknown. */
  async #run(): Promise<{ readonly given: Given[]; readonly unknown: number }> {
    const now = this.now();
    const members = await this.#prisma.knownMember.findMany();
    const { given, unknown } = await this.#replay.run(members, new StoredKnown(this.#prisma), now);
    const oldest = now.getTime() - KEPT_MS;
    return { given: given.filter(({ notice }) => Date.parse(notice.occurredAt) > oldest), unknown };
  }

  async #write({ notice }: Given, people: readonly string[]): Promise<{ restored: number; added: number }> {
    // Most notifications are in their inboxes, so this first check takes no lock.
    if ((await missingOf(this.#prisma, notice, people)).length === 0) return { restored: 0, added: 0 };
    return this.#outbox.transaction(this.#prisma, async (tx, emit) => {
      const now = this.now();
      const restored = await putBack(tx, notice, people);
      const missing = await missingOf(tx, notice, people);
      const wishes = await wishesOf(tx, notice.kind, missing);
      const wanting = missing.filter((userId) => wishes.get(userId)?.channels.size);
      const shown = new Set(wanting.filter((userId) => wishes.get(userId)?.channels.has('IN_APP')));
      const added = await add(tx, emit, notice, wanting, shown, now);
      return { restored, added: added.length };
    });
  }
}
