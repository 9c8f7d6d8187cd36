// npm run bench:notifications measures how long one event takes that notifies very many people. Its arguments are the
// numbers of people.
//
// Without TEST_DATABASE_URL it starts a temporary PostgreSQL. It uses the real services and their timers: batches of
// people, inboxes, events of inboxes, and deliveries by e-mail and push. Only the last step of a delivery, the sending,
// is left out.
import { randomUUID } from 'node:crypto';
import { openNotifications } from '../subgraphs/notifications/notifications.fixture.ts';

const counts = process.argv.slice(2).map(Number);
const t = await openNotifications();
const cell = (value: number, digits = 0): string => value.toLocaleString('en', { maximumFractionDigits: digits });
/** The largest resident memory of this process since the last call, in MB. Samples it ten times a second. */
let peak = 0;
const sampling = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss());
  // The fixture records them for tests.
  t.statements.length = 0;
  t.handed.length = 0;
}, 100);
const peakMb = (): number => {
  const found = Math.max(peak, process.memoryUsage.rss()) / 2 ** 20;
  peak = 0;
  return found;
};

async function measured(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

console.log(
  '| people | channels | until all are in inboxes, s | notifications/s | then until all are handed over, s | memory, MB |',
);
console.log(
  '| -----: | -------- | -------------------------: | --------------: | ------------------------------: | ---------: |',
);
for (const count of counts.length > 0 ? counts : [10_000, 50_000, 100_000]) {
  const teamId = randomUUID();
  await t.prisma.$executeRaw`
    INSERT INTO notifications.known_members (team_id, user_id, role)
    SELECT ${teamId}::uuid, gen_random_uuid(), 'PLAYER' FROM generate_series(1, ${count}::int)`;
  await t.prisma.$executeRawUnsafe('ANALYZE notifications.known_members');
  for (const channels of ['inbox only', 'inbox only, again', 'inbox and e-mail']) {
    // Nobody has a device here. So an e-mail is the only message for each person.
    const isOn = channels === 'inbox and e-mail';
    await t.prisma.$executeRaw`
      INSERT INTO notifications.preferences (user_id, kind, channel, is_on)
      SELECT user_id, 'CUP_WON', 'EMAIL', ${isOn} FROM notifications.known_members WHERE team_id = ${teamId}::uuid
      ON CONFLICT (user_id, kind, channel) DO UPDATE SET is_on = EXCLUDED.is_on`;
    await t.prisma.$executeRawUnsafe('ANALYZE notifications.preferences');
    const subject = { type: 'Tournament' as const, id: randomUUID() };
    t.clock.now += 3_600_000;
    peakMb();
    const written = await measured(async () => {
      await t.outbox.transaction(t.prisma, (tx, emit) =>
        t.notices.give(tx, emit, {
          kind: 'CUP_WON',
          cause: randomUUID(),
          subject,
          facts: { tournament: 'Yard Cup', team: 'Foxes' },
          occurredAt: new Date(t.clock.now).toISOString(),
          to: { teams: [teamId], roles: ['PLAYER'], except: null },
        }),
      );
      while ((await t.prisma.fanOut.count()) > 0) await t.passes(0);
    });
    const added = await t.prisma.notification.count({ where: { subjectId: subject.id } });
    if (added !== count) throw new Error(`${added} of ${count} were notified`);
    const handed = await measured(async () => {
      while ((await t.prisma.delivery.count({ where: { handedAt: null } })) > 0) await t.passes(60_000);
    });
    console.log(
      `| ${cell(count)} | ${channels} | ${cell(written, 1)} | ${cell(count / written)} | ${cell(handed, 1)} | ${cell(peakMb())} |`,
    );
  }
}
clearInterval(sampling);
await t.close();
