// How fast files are processed, and with how much memory: npm run bench:media [-- FILES].
import { randomBytes } from 'node:crypto';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { processFile } from '../subgraphs/media/processing/processor.ts';

const FILES = Number(process.argv[2] ?? 6);
const folder = await mkdtemp(join(tmpdir(), 'prodvor-bench-'));

/** A picture that compresses about as badly as a photo of a crowd: noise, scaled up. */
async function picture(width: number, height: number): Promise<string> {
  const [w, h] = [Math.round(width / 4), Math.round(height / 4)];
  const name = join(folder, `${width}x${height}.jpg`);
  const noise = sharp(randomBytes(w * h * 3), { raw: { width: w, height: h, channels: 3 } });
  await writeFile(name, await noise.resize(width, height).jpeg({ quality: 85 }).toBuffer());
  return name;
}

/** The largest resident memory of a process in MB until the promise settles. Only Linux reports this memory. */
async function peakOf(pid: number, until: Promise<unknown>): Promise<number> {
  let [peak, isOver] = [0, false];
  void until.finally(() => (isOver = true)).catch(() => undefined);
  while (!isOver) {
    const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(text)?.[1] ?? 0) / 1024);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return peak;
}

console.log(
  `${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}; ${FILES} files each; a picture becomes 6 variants`,
);
for (const [width, height] of [
  [1200, 900],
  [4000, 3000],
  [8000, 6000],
] as const) {
  const file = await picture(width, height);
  for (const atOnce of [1, 2]) {
    const peaks: Promise<number>[] = [];
    const began = performance.now();
    let next = 0;
    const worker = async (): Promise<void> => {
      for (let n = next++; n < FILES; n = next++) {
        const own = await mkdtemp(join(folder, 'file-'));
        await copyFile(file, join(own, 'original'));
        const task = { file: join(own, 'original'), contentType: 'image/jpeg', folder: own };
        const done: Promise<unknown> = processFile(task, undefined, (pid) =>
          queueMicrotask(() => void peaks.push(peakOf(pid, done))),
        );
        await done;
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    const seconds = (performance.now() - began) / 1000;
    const peak = Math.max(...(await Promise.all(peaks)));
    console.log(
      `${width} x ${height}, ${atOnce} at once: ${((6 * FILES) / seconds).toFixed(1)} variants/s, ${(seconds / FILES).toFixed(2)} s per file, at most ${peak.toFixed(0)} MB per process`,
    );
  }
}
await rm(folder, { recursive: true, force: true });
