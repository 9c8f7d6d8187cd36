import { spawn } from 'node:child_process';
import { rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { encode } from 'blurhash';
import { fileTypeFromFile } from 'file-type';
import sharp, { type Sharp } from 'sharp';
import { cleanVideo, UnreadableVideo } from './mp4.ts';
import { type Made, type Outcome, type Refusal, SIDES, type Size, type Task } from './result.ts';

// All decoders of sharp are blocked but those of JPEG, PNG, WebP and HEIF (AVIF): no SVG, no PDF, no ImageMagick.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['VipsForeignLoadJpeg', 'VipsForeignLoadPng', 'VipsForeignLoadWebp', 'VipsForeignLoadHeif'],
});
sharp.cache(false);
sharp.concurrency(1);

/** A picture with more pixels is refused by its header, before it is decoded. 50 megapixels need 200 MB. */
const MOST_PIXELS = 50_000_000;
const FFMPEG_MS = 20_000;
/** AVIF takes 6 times longer at effort 4, for files that are 8 to 16 % smaller. */
const AVIF = { quality: 50, effort: 2 };
const WEBP = { quality: 80 };
const BLURHASH = { side: 32, x: 4, y: 3 };

class Refused extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal);
    this.refusal = refusal;
  }
}

/**
 * Checks a file by its content and makes everything that clients get of it. For a file that is wrong, damaged or too
 * large, it returns a refusal.
 * @throws other errors, such as those of the disk
 */
export async function work({ file, contentType, folder, ffmpeg = 'ffmpeg' }: Task): Promise<Outcome> {
  try {
    const found = await fileTypeFromFile(file);
    if (found === undefined || !isSameType(found.mime, contentType)) throw new Refused('WRONG_TYPE');
    return contentType.startsWith('video/')
      ? await video(file, contentType, folder, ffmpeg)
      : await picture(file, folder);
  } catch (error) {
    if (error instanceof Refused) return { refusal: error.refusal };
    if (error instanceof UnreadableVideo) return { refusal: 'UNREADABLE' };
    throw error;
  }
}

/**
 * Whether the type found is the announced one. MP4 and QuickTime count as one type, because phones confuse their names.
 */
const isSameType = (found: string, announced: string): boolean =>
  announced.startsWith('video/')
    ? ['video/mp4', 'video/quicktime', 'video/x-m4v'].includes(found)
    : found === announced;

async function picture(file: string, folder: string): Promise<Exclude<Outcome, { refusal: Refusal }>> {
  const header = await sharp(file, { limitInputPixels: false })
    .metadata()
    .catch(() => {
      throw new Refused('UNREADABLE');
    });
  if (header.width * header.height > MOST_PIXELS) throw new Refused('TOO_MANY_PIXELS');
  // The picture is rotated first, because its orientation is removed with the other metadata. Only the first frame of
  // an animation is used.
  const { data, info } = await sharp(file, { limitInputPixels: MOST_PIXELS, pages: 1, sequentialRead: true })
    .autoOrient()
    .resize({ width: SIDES.LARGE, height: SIDES.LARGE, fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch(() => {
      throw new Refused('UNREADABLE');
    });
  const decoded = (): Sharp =>
    sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } });
  const made: Made[] = [];
  for (const [size, side] of Object.entries(SIDES) as [Size, number][]) {
    const resized = decoded().resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true });
    for (const extension of ['webp', 'avif'] as const) {
      const name = join(folder, `${size.toLowerCase()}.${extension}`);
      const written = await (extension === 'webp' ? resized.clone().webp(WEBP) : resized.clone().avif(AVIF)).toFile(
        name,
      );
      made.push({ file: name, size, extension, width: written.width, height: written.height });
    }
  }
  const small = await decoded().resize(BLURHASH.side, BLURHASH.side, { fit: 'fill' }).ensureAlpha().raw().toBuffer();
  const blurhash = encode(new Uint8ClampedArray(small), BLURHASH.side, BLURHASH.side, BLURHASH.x, BLURHASH.y);
  const isTurned = (header.orientation ?? 1) >= 5;
  return {
    width: isTurned ? header.height : header.width,
    height: isTurned ? header.width : header.height,
    durationMs: null,
    blurhash,
    made,
  };
}

async function video(
  file: string,
  contentType: string,
  folder: string,
  ffmpeg: string,
): Promise<Exclude<Outcome, { refusal: Refusal }>> {
  const facts = await cleanVideo(file);
  const extension = contentType === 'video/quicktime' ? 'mov' : 'mp4';
  const name = join(folder, `video.${extension}`);
  const frame = join(folder, 'frame.png');
  const poster = (await frameOf(file, frame, ffmpeg)) ? await picture(frame, folder).catch(() => null) : null;
  await rename(file, name);
  return {
    ...facts,
    width: facts.width ?? poster?.width ?? null,
    height: facts.height ?? poster?.height ?? null,
    blurhash: poster?.blurhash ?? null,
    made: [{ file: name, size: 'VIDEO', extension, width: facts.width, height: facts.height }, ...(poster?.made ?? [])],
  };
}

/**
 * Writes the frame at one second, or the first frame of a shorter video. @returns false if ffmpeg is missing or fails
 */
async function frameOf(input: string, frame: string, program: string): Promise<boolean> {
  for (const at of ['1', '0']) {
    const args = ['-nostdin', '-v', 'error', '-y', '-protocol_whitelist', 'file', '-f', 'mov', '-ss', at, '-i', input];
    const code = await new Promise<number | null>((resolve) => {
      const child = spawn(program, [...args, '-frames:v', '1', '-an', '-threads', '1', frame], { stdio: 'ignore' });
      const limit = setTimeout(() => child.kill('SIGKILL'), FFMPEG_MS);
      const end = (value: number | null): void => {
        clearTimeout(limit);
        resolve(value);
      };
      child.once('error', () => end(null)).once('exit', end);
    });
    if (code === null) return false;
    if (code === 0 && (await stat(frame).catch(() => null))) return true;
  }
  return false;
}
