// node --import: on SIGUSR2 writes how late the event loop was since the last one, {p50, p95, p99, max} in ms, to the
// file LOOP_DELAYS. A timer of a millisecond measures it, so 1 is no delay.
import { renameSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

if (!process.channel) {
  // not in the children of what is measured
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  process.on('SIGUSR2', () => {
    const ms = (ns) => ns / 1e6;
    const file = process.env.LOOP_DELAYS;
    writeFileSync(
      `${file}.part`,
      JSON.stringify({
        p50: ms(delays.percentile(50)),
        p95: ms(delays.percentile(95)),
        p99: ms(delays.percentile(99)),
        max: ms(delays.max),
      }),
    );
    renameSync(`${file}.part`, file); // there, or not there, but never half of it
    delays.reset();
  });
}
