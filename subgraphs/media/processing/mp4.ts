import { open, type FileHandle } from 'node:fs/promises';

/** Facts from the header of a video (ISO/IEC 14496-12). */
export interface VideoFacts {
  readonly durationMs: number | null;
  readonly width: number | null;
  readonly height: number | null;
}

export class UnreadableVideo extends Error {}

interface Box {
  readonly type: string;
  /** Where the box begins, where its content begins, and where it ends. Bytes. */
  readonly at: number;
  readonly content: number;
  readonly end: number;
}

const MOST_BOXES = 2_000;
/** Types of boxes that can contain places, names and devices. A player does not need these boxes. */
const PERSONAL = new Set(['udta', 'meta', 'uuid', 'XMP_', 'free', 'skip']);
const ZEROS = Buffer.alloc(65_536);

/**
 * Reads the facts of an MP4 or QuickTime file, and overwrites its metadata with zeros, in place: the boxes of PERSONAL,
 * and all tracks but video and sound, because cameras store GPS in tracks. Pictures and sound keep their bytes and
 * offsets.
 * @throws {UnreadableVideo}
 */
export async function cleanVideo(file: string): Promise<VideoFacts> {
  const handle = await open(file, 'r+');
  try {
    const { size } = await handle.stat();
    const count = { boxes: 0 };
    const top = await boxesIn(handle, 0, size, count);
    if (top[0]?.type !== 'ftyp') throw new UnreadableVideo('there is no ftyp');
    const moov = top.find(({ type }) => type === 'moov');
    if (!moov || !top.some(({ type }) => type === 'mdat')) throw new UnreadableVideo('there is no moov or mdat');
    for (const box of top) if (PERSONAL.has(box.type)) await blank(handle, box);
    let facts: VideoFacts = { durationMs: null, width: null, height: null };
    let hasVideo = false;
    for (const box of await boxesIn(handle, moov.content, moov.end, count)) {
      if (PERSONAL.has(box.type)) await blank(handle, box);
      else if (box.type === 'mvhd') facts = { ...facts, durationMs: await durationOf(handle, box) };
      else if (box.type === 'trak') {
        const track = await readTrack(handle, box, count);
        if (track.kind === 'vide') {
          hasVideo = true;
          facts = { ...facts, width: track.width ?? facts.width, height: track.height ?? facts.height };
        } else if (track.kind !== 'soun') await blank(handle, box);
      }
    }
    if (!hasVideo) throw new UnreadableVideo('there is no track with a video');
    return facts;
  } finally {
    await handle.close();
  }
}

async function readTrack(
  handle: FileHandle,
  track: Box,
  count: { boxes: number },
): Promise<{ kind: string; width: number | null; height: number | null }> {
  let [kind, width, height]: [string, number | null, number | null] = ['', null, null];
  for (const box of await boxesIn(handle, track.content, track.end, count)) {
    if (PERSONAL.has(box.type)) await blank(handle, box);
    else if (box.type === 'tkhd') [width, height] = await sizeOf(handle, box);
    else if (box.type === 'mdia') {
      for (const inner of await boxesIn(handle, box.content, box.end, count)) {
        if (inner.type === 'hdlr') kind = (await bytes(handle, inner.content + 8, 4)).toString('latin1');
        else if (PERSONAL.has(inner.type)) await blank(handle, inner);
      }
    }
  }
  return { kind, width, height };
}

/**
 * The boxes between two offsets of the file. Four bytes after the last box are ignored.
 * @throws {UnreadableVideo} when the boxes do not fill the range, or the file has more than MOST_BOXES
 */
async function boxesIn(handle: FileHandle, from: number, to: number, count: { boxes: number }): Promise<Box[]> {
  const boxes: Box[] = [];
  for (let at = from; at < to;) {
    if (++count.boxes > MOST_BOXES) throw new UnreadableVideo('there are too many boxes');
    if (to - at < 8) {
      // QuickTime may end a list of boxes with four zero bytes.
      if (to - at === 4) break;
      throw new UnreadableVideo('a box is cut off');
    }
    const head = await bytes(handle, at, Math.min(16, to - at));
    const type = head.toString('latin1', 4, 8);
    const short = head.readUInt32BE(0);
    let [length, header] = [short === 0 ? to - at : short, 8];
    if (short === 1) {
      if (head.length < 16) throw new UnreadableVideo('a box is cut off');
      const long = head.readBigUInt64BE(8);
      if (long > BigInt(Number.MAX_SAFE_INTEGER)) throw new UnreadableVideo('a box is too long');
      [length, header] = [Number(long), 16];
    }
    if (length < header || at + length > to) throw new UnreadableVideo('a box is longer than the file');
    boxes.push({ type, at, content: at + header, end: at + length });
    at += length;
  }
  return boxes;
}

async function durationOf(handle: FileHandle, box: Box): Promise<number | null> {
  const body = await bytes(handle, box.content, Math.min(32, box.end - box.content));
  const isLong = body[0] === 1;
  if (body.length < (isLong ? 32 : 20)) throw new UnreadableVideo('mvhd is cut off');
  const scale = body.readUInt32BE(isLong ? 20 : 12);
  const duration = isLong ? Number(body.readBigUInt64BE(24)) : body.readUInt32BE(16);
  const ms = Math.round((duration / scale) * 1000);
  return scale > 0 && Number.isSafeInteger(ms) && ms < 2 ** 31 ? ms : null;
}

/** Width and height as people see them: a track may be rotated by its matrix. */
async function sizeOf(handle: FileHandle, box: Box): Promise<[number | null, number | null]> {
  const body = await bytes(handle, box.content, Math.min(100, box.end - box.content));
  const matrix = body[0] === 1 ? 52 : 40;
  if (body.length < matrix + 44) throw new UnreadableVideo('tkhd is cut off');
  const [width, height] = [body.readUInt32BE(matrix + 36) >> 16, body.readUInt32BE(matrix + 40) >> 16];
  if (width <= 0 || height <= 0) return [null, null];
  const isTurned = body.readInt32BE(matrix) === 0 && body.readInt32BE(matrix + 4) !== 0;
  return isTurned ? [height, width] : [width, height];
}

async function blank(handle: FileHandle, { at, content, end }: Box): Promise<void> {
  await handle.write(Buffer.from('free'), 0, 4, at + 4);
  for (let from = content; from < end; from += ZEROS.length)
    await handle.write(ZEROS, 0, Math.min(ZEROS.length, end - from), from);
}

async function bytes(handle: FileHandle, at: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await handle.read(buffer, 0, length, at);
  return buffer.subarray(0, bytesRead);
}
