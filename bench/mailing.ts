// How fast a mailing is, how much memory its worker needs, and what a kill in the middle costs: npm run bench:mailing.
// The worker and the API are processes of embedded mode; the SMTP server and PostgreSQL are on this machine.
import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { openMailingRun } from '../product/mailings/mailing-run.fixture.ts';

const { values } = parseArgs({
  options: { people: { type: 'string', default: '10000' }, kills: { type: 'string', default: '1' } },
});
const [people, kills] = [Number(values.people), Number(values.kills)];
const LOOK_MS = 500;

const run = await openMailingRun({ people, mode: 'embedded' });
try {
  await run.worker.start();
  const arrived = async (): Promise<number> => (await run.mailbox.all()).length;
  const residentMb = async (): Promise<number> => {
    const metrics = await fetch(`${run.worker.origin}/metrics`).then(
      (response) => response.text(),
      () => '',
    );
    return Number(/^process_resident_memory_bytes\S* (\S+)$/m.exec(metrics)?.[1] ?? 0) / 2 ** 20;
  };
  const begin = performance.now();
  await run.order();
  let [killed, downMs, peakMb] = [0, 0, 0];
  const started = await residentMb();
  for (;;) {
    const count = await arrived();
    peakMb = Math.max(peakMb, await residentMb());
    if (killed < kills && count > (people * (killed + 1)) / (kills + 1)) {
      killed++;
      const at = performance.now();
      await run.worker.end('SIGKILL');
      const atKill = await arrived();
      await run.worker.start();
      while ((await arrived()) === atKill) await sleep(20);
      downMs += performance.now() - at;
    }
    const { state } = await run.state();
    if (state === 'FINISHED') break;
    await sleep(LOOK_MS);
  }
  const seconds = (performance.now() - begin) / 1000;
  const mails = await run.mailbox.all();
  const to = new Set(mails.map(({ raw }) => /^To: (\S+)\r$/m.exec(raw)?.[1]));
  const ids = new Set(mails.map(({ messageId }) => messageId));
  const { counts } = await run.state();
  console.log('| people | seconds | e-mails/s while it runs | killed | down | lost | twice | memory at first, most |');
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- |');
  console.log(
    `| ${people} | ${seconds.toFixed(1)} | ${(people / (seconds - downMs / 1000)).toFixed(0)} | ${killed} | ${(downMs / 1000).toFixed(1)} s | ${people - to.size} | ${mails.length - ids.size} | ${started.toFixed(0)}, ${peakMb.toFixed(0)} MB |`,
  );
  console.log(JSON.stringify(counts));
} finally {
  await run.close();
}
