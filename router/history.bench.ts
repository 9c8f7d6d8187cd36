// Measures how long a late joiner waits for 1 MB of history over each transport. The history comes from the events that
// the shared stream keeps, or from the subgraph. Router, subgraph and readers share one process, so the figures include
// the readers' work.
// Run: `npm run --silent bench:history -- ROUNDS`
import { startHistory, TRANSPORTS } from './history.fixture.ts';

const ROUNDS = Number(process.argv[2] ?? 15);
const [EVENTS, BYTES] = [1_000, 1_000];

console.log(`| transport | history from | median ms | slowest ms | pauses |\n| --- | --- | --: | --: | --: |`);
for (const [name, listen] of Object.entries(TRANSPORTS)) {
  for (const [from, keptEvents] of [
    ['the kept events', EVENTS],
    ['the subgraph', 1],
  ] as const) {
    const history = await startHistory({ events: EVENTS, bytes: BYTES, limits: { keptEvents, keptBytes: 4_000_000 } });
    const first = await listen(history.origin, 0);
    await first.until(() => first.seqs().length === EVENTS);
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const began = performance.now();
      const late = await listen(history.origin, 0);
      await late.until(() => late.seqs().length === EVENTS || late.ended() !== undefined);
      times.push(performance.now() - began);
      if (late.seqs().length !== EVENTS) throw new Error(`${name}, from ${from}: ended with ${String(late.ended())}`);
      late.close();
    }
    times.sort((a, b) => a - b);
    console.log(
      `| ${name} | ${from} | ${times[ROUNDS >> 1]?.toFixed(0)} | ${times.at(-1)?.toFixed(0)} | ${history.router.stats().pauses} |`,
    );
    first.close();
    await history.close();
  }
}
process.exit(0); // This also ends the planner process.
