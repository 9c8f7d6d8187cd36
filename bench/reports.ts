// How fast reports are written, and how much memory that takes: npm run bench:reports. It needs no database: the
// contents are made up, and the files go nowhere.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import {
  edition,
  match,
  season,
  tournament,
  tournamentOf,
} from '../subgraphs/notifications/reports/content.fixture.ts';
import type { Content } from '../subgraphs/notifications/reports/content.ts';
import { csvOf } from '../subgraphs/notifications/reports/csv.ts';
import { pdfOf } from '../subgraphs/notifications/reports/pdf/pdf.ts';

const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
const rss = (): number => process.memoryUsage.rss();

const before = rss();
console.log(`before the first report: ${mb(before)}`);
const cases: [name: string, content: Content, times: number][] = [
  ['match', match(), 20],
  ['season of a team', season(), 20],
  ['tournament of 32 teams', tournament(), 10],
  ['tournament of 1,000 matches', tournamentOf(1000), 5],
];
await pdfOf(match(), edition());
console.log(`after the first one: ${mb(rss())}`);
for (const [name, content, times] of cases) {
  let peak = 0;
  const watch = setInterval(() => (peak = Math.max(peak, rss())), 20);
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const began = performance.now();
  let [bytes, pages] = [0, 0];
  for (let time = 0; time < times; time++) {
    const written = await pdfOf(content, edition());
    [bytes, pages] = [written.body.byteLength, written.pages];
  }
  const seconds = (performance.now() - began) / 1000 / times;
  delay.disable();
  clearInterval(watch);
  const csvBegan = performance.now();
  const csv = csvOf(content, edition());
  const csvMs = performance.now() - csvBegan;
  console.log(
    `${name}: PDF ${seconds.toFixed(2)} s, ${(1 / seconds).toFixed(1)} a second, ${pages} pages, ${(bytes / 1e3).toFixed(0)} kB;` +
      ` memory at most ${mb(Math.max(peak, rss()))}; other work waits at most ${(delay.max / 1e6).toFixed(0)} ms;` +
      ` CSV ${csvMs.toFixed(0)} ms, ${(csv.byteLength / 1e3).toFixed(0)} kB`,
  );
}
