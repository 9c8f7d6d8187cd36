import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, it } from '@jest/globals';
import sharp from 'sharp';
import { until } from '../../../test/network/until.ts';
import { movie, photo } from '../media.fixture.ts';
import { processFile, PROCESSOR_LIMITS, PROGRAMS } from './processor.ts';

const FFMPEG = PROGRAMS.split(':')
  .map((folder) => join(folder, 'ffmpeg'))
  .find((path) => existsSync(path));

describe('the process that decodes files', () => {
  let folder: string;
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'prodvor-processor-'))));
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const write = async (name: string, body: Uint8Array | string): Promise<string> => {
    await writeFile(join(folder, name), body);
    return join(folder, name);
  };

  it('makes the poster of a video with ffmpeg, where there is one', async () => {
    await write('poster.png', await photo({ width: 640, height: 360, format: 'png' }));
    // This program does what ffmpeg does with these arguments: it writes a picture to the file that the last one names.
    const ffmpeg = await write('ffmpeg', `#!/bin/sh\nfor last; do :; done\ncp ${folder}/poster.png "$last"\n`);
    await chmod(ffmpeg, 0o755);
    const file = await write('film.mp4', movie());
    const outcome = await processFile({ file, contentType: 'video/mp4', folder, ffmpeg });
    assert.ok(!('refusal' in outcome));
    assert.deepEqual(
      outcome.made.map(({ size, extension }) => `${size} ${extension}`),
      ['VIDEO mp4', 'SMALL webp', 'SMALL avif', 'MEDIUM webp', 'MEDIUM avif', 'LARGE webp', 'LARGE avif'],
    );
    assert.equal(typeof outcome.blurhash, 'string');
    assert.deepEqual([outcome.width, outcome.height, outcome.durationMs], [640, 360, 2500]);
  });

  it('needs no poster: ffmpeg may fail, or write something else', async () => {
    for (const script of ['#!/bin/sh\nexit 1\n', '#!/bin/sh\nfor last; do :; done\necho no picture > "$last"\n']) {
      const ffmpeg = await write('ffmpeg', script);
      await chmod(ffmpeg, 0o755);
      const file = await write('film.mp4', movie());
      const outcome = await processFile({ file, contentType: 'video/mp4', folder, ffmpeg });
      assert.ok(!('refusal' in outcome));
      assert.deepEqual([outcome.made.length, outcome.blurhash], [1, null]);
    }
  });

  it('leaves a video without a poster where there is no ffmpeg', async () => {
    const file = await write('film.mp4', movie());
    const outcome = await processFile({ file, contentType: 'video/mp4', folder, ffmpeg: join(folder, 'none') });
    assert.ok(!('refusal' in outcome));
    assert.deepEqual(
      [outcome.made.map(({ size }) => size), outcome.blurhash, outcome.width, outcome.durationMs],
      [['VIDEO'], null, 640, 2500],
    );
  });

  describe('and ffmpeg of its own', () => {
    /** A program that writes its pid to a file, and then needs much time or memory. */
    const slow = async (then: string): Promise<() => Promise<number>> => {
      const script = `#!/bin/sh\necho $$ > ${folder}/pid.draft\nmv ${folder}/pid.draft ${folder}/pid\nexec ${then}\n`;
      await chmod(await write('ffmpeg', script), 0o755);
      return () => until('ffmpeg runs', async () => Number(await readFile(join(folder, 'pid'), 'utf8').catch(() => 0)));
    };
    const task = async () => ({
      file: await write('film.mp4', movie()),
      contentType: 'video/mp4',
      folder,
      ffmpeg: join(folder, 'ffmpeg'),
    });
    const isGone = (pid: number): Promise<boolean> =>
      until('ffmpeg is gone', async () => {
        const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
        return status === '' || status.includes(') Z ');
      });

    it('ends with it when the time is over', async () => {
      const started = await slow('sleep 60');
      const outcome = processFile(await task(), { ...PROCESSOR_LIMITS, timeMs: 3_000 });
      const pid = await started();
      assert.deepEqual(await outcome, { refusal: 'TOO_DEMANDING' });
      assert.ok(await isGone(pid));
    });

    it('ends with it when somebody kills it', async () => {
      const started = await slow('sleep 60');
      let decoder = 0;
      const outcome = processFile(await task(), PROCESSOR_LIMITS, (pid) => (decoder = pid));
      const pid = await started();
      process.kill(decoder, 'SIGKILL');
      await assert.rejects(outcome, { name: 'ProcessorDied' });
      assert.ok(await isGone(pid));
    });

    (process.platform === 'linux' ? it : it.skip)('counts its memory', async () => {
      const started = await slow(`${process.execPath} -e 'Buffer.alloc(4e8, 1); setTimeout(() => {}, 60_000)'`);
      const outcome = processFile(await task(), { ...PROCESSOR_LIMITS, memoryBytes: 4e8 });
      const pid = await started();
      assert.deepEqual(await outcome, { refusal: 'TOO_DEMANDING' });
      assert.ok(await isGone(pid));
    });
  });

  it('reads JPEG, PNG, WebP and AVIF, also with transparency, and enlarges none', async () => {
    for (const format of ['jpeg', 'png', 'webp', 'avif'] as const) {
      const file = await write(`a.${format}`, await photo({ width: 100, height: 50, format }));
      const outcome = await processFile({ file, contentType: `image/${format}`, folder });
      assert.ok(!('refusal' in outcome), format);
      assert.deepEqual(
        outcome.made.map(({ width, height }) => [width, height]),
        Array.from({ length: 6 }, () => [100, 50]),
      );
    }
    const clear = await sharp({ create: { width: 64, height: 64, channels: 4, background: '#0000' } })
      .png()
      .toBuffer();
    const outcome = await processFile({ file: await write('clear.png', clear), contentType: 'image/png', folder });
    assert.ok(!('refusal' in outcome));
    const { data } = await sharp(await readFile(outcome.made[0]?.file ?? ''))
      .raw()
      .toBuffer({ resolveWithObject: true });
    assert.equal(data[3], 0, 'still transparent');
  });

  it('does not follow what the bytes ask for: an SVG that names a file, as PNG and as JPEG', async () => {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink"><image x:href="file:///etc/passwd"/></svg>`;
    for (const contentType of ['image/png', 'image/jpeg', 'image/webp']) {
      const outcome = await processFile({ file: await write('a', svg), contentType, folder });
      assert.deepEqual(outcome, { refusal: 'WRONG_TYPE' });
    }
  });

  it('blanks the metadata of a video in all its places, and keeps its length', async () => {
    const before = movie();
    const file = await write('film.mov', before);
    const outcome = await processFile({ file, contentType: 'video/quicktime', folder });
    assert.ok(!('refusal' in outcome));
    const after = await readFile(outcome.made[0]?.file ?? '');
    assert.equal((await stat(outcome.made[0]?.file ?? '')).size, before.length);
    for (const secret of ['+55.75', 'gpmd', 'udta'])
      assert.ok(before.includes(secret) && !after.includes(secret), secret);
    assert.ok(after.includes('frames'));
  });

  (FFMPEG === undefined ? describe.skip : describe)('with the real ffmpeg, if this machine has it', () => {
    const run = (...args: string[]): Promise<{ stdout: string; stderr: string }> =>
      promisify(execFile)(args[0] ?? '', args.slice(1), { timeout: 30_000 });
    /** A video of a phone: turned, with a place and sound, and with its index at the end. */
    const film = async (name: string, seconds: number): Promise<string> => {
      const [plain, turned] = [join(folder, `plain-${name}`), join(folder, name)];
      const inputs = ['-f', 'lavfi', '-i', `testsrc=size=640x360:rate=10:duration=${seconds}`];
      const sound = ['-f', 'lavfi', '-i', `sine=duration=${seconds}`];
      const place = ['-metadata', 'location=+55.7500+037.6200/', '-metadata', 'comment=of Anna'];
      const codecs = ['-c:v', 'mpeg4', '-c:a', 'aac', '-shortest'];
      await run(FFMPEG ?? '', '-v', 'error', ...inputs, ...sound, ...codecs, ...place, plain);
      await run(FFMPEG ?? '', '-v', 'error', '-i', plain, '-c', 'copy', '-metadata:s:v:0', 'rotate=90', turned);
      return turned;
    };
    const tagsOf = async (file: string): Promise<string> =>
      (await run(join(FFMPEG ?? '', '../ffprobe'), '-v', 'error', '-show_format', '-show_streams', file)).stdout;

    it.each([
      ['film.mp4', 'video/mp4', 3],
      ['film.mov', 'video/quicktime', 3],
      ['short.mp4', 'video/mp4', 0.5],
    ])(
      'makes a poster of %s, without its metadata, and a player still plays it',
      async (name, contentType, seconds) => {
        const file = await film(name, seconds);
        assert.match(await tagsOf(file), /55\.75/);
        const outcome = await processFile({ file, contentType, folder });
        assert.ok(!('refusal' in outcome), JSON.stringify(outcome));
        assert.deepEqual([outcome.made.length, outcome.width, outcome.height], [7, 360, 640], 'as people see it');
        assert.ok(Math.abs((outcome.durationMs ?? 0) - seconds * 1000) < 150, String(outcome.durationMs));
        assert.equal(typeof outcome.blurhash, 'string');
        const large = outcome.made.find(({ size, extension }) => size === 'LARGE' && extension === 'webp');
        const poster = await sharp(large?.file).metadata();
        assert.deepEqual([poster.width, poster.height], [360, 640]);
        const { stdDev } = (await sharp(large?.file).stats()).channels.map(({ stdev }) => ({ stdDev: stdev }))[0] ?? {};
        assert.ok((stdDev ?? 0) > 20, 'the poster shows the test picture');
        const cleaned = outcome.made[0]?.file ?? '';
        assert.doesNotMatch(await tagsOf(cleaned), /55\.75|Anna/);
        const played = await run(FFMPEG ?? '', '-v', 'error', '-xerror', '-i', cleaned, '-f', 'null', '-');
        assert.equal(played.stderr, '');
      },
    );
  });
});
