// Measures delays of the event loop. Use with node --import. On SIGUSR2 it writes the delays since the last SIGUSR2 as
// {p50, p95, p99, max} in ms to the file LOOP_DELAYS. It measures with a timer of one millisecond, so 1 means no delay.
import { renameSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

if (!process.channel) {
  // Forked processes load this file too, but they are not measured.
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
    renameSync(`${file}.part`, file); // A rename is atomic, so a reader never sees a half-written file.
    delays.reset();
  });
}
