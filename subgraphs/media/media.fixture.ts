import { createHash, randomUUID } from 'node:crypto';
import sharp from 'sharp';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import type { Principal } from '../../platform/identity/principal.ts';
import { Timers } from '../../platform/messaging/timers/timers.ts';
import { Metrics } from '../../platform/observability/metrics.ts';
import { NoAnswer } from '../../platform/questions/definition.ts';
import { openFolder, type Opened } from '../../platform/storage/contract.adapters.ts';
import { questionsTo } from '../../platform/testing/questions.testing.ts';
import { openService, rateLimits } from '../../platform/testing/service.testing.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { type FileWithVariants, MediaService, type PlannedRequest } from './media.service.ts';
import { ProcessingService } from './processing.service.ts';
import { UsesService } from './uses.service.ts';

/** The services of media with a database and a storage of their own. Only the test moves their clock. */
export async function openMedia(limits = rateLimits(), openStorage: () => Promise<Opened> = openFolder) {
  const [opened, stored] = await Promise.all([openService('media', PrismaClient), openStorage()]);
  const { prisma, outbox } = opened;
  const clock = { now: Date.parse('2026-05-01T12:00:00.000Z') };
  const timers = new Timers({ url: opened.url, outbox, clock: () => clock.now });
  /** The answers of other subgraphs, by the field of Query that is asked. Without an entry the answer is null. */
  const elsewhere = { answers: {} as Record<string, (item: string, viewer?: string) => unknown>, away: false };
  const questions = questionsTo(({ to, field }, items, viewer) => {
    if (elsewhere.away) throw new NoAnswer(`${to} is away`);
    return items.map((item) => {
      const asked = typeof item === 'string' ? item : String((item as { id?: unknown }).id);
      return elsewhere.answers[field]?.(asked, viewer?.userId) ?? null;
    });
  });
  const media = new MediaService(prisma, outbox, opened.live, limits, stored.storage, timers, questions);
  const processing = new ProcessingService(prisma, media, new Metrics('media'), outbox, stored.storage, timers);
  const uses = new UsesService(prisma, media, outbox, questions, limits);
  media.now = processing.now = () => new Date(clock.now);
  const runner = processing.runner();
  let done = 0;

  /** Does the jobs that were emitted since the last call. */
  async function work(): Promise<void> {
    const { jobs } = await opened.told();
    for (const { payload } of jobs.slice(done)) await processing.process((payload as { fileId: string }).fileId);
    done = jobs.length;
  }

  const begin = (owner: Principal, body: Uint8Array, more: object = {}) =>
    media.createUpload(owner, { clientId: randomUUID(), ...described(body), ...more });

  return {
    ...opened,
    stored,
    clock,
    elsewhere,
    media,
    uses,
    processing,
    begin,
    work,
    complete: (owner: Principal, { id }: { id: string }) =>
      media.completeUpload(owner, { fileId: toGlobalId('MediaFile', id) }),
    /** Uploads a file and completes it. It is not processed yet. */
    async upload(owner: Principal, body: Uint8Array, more: object = {}): Promise<FileWithVariants> {
      const { file, requests } = await begin(owner, body, more);
      for (const request of requests) await send(request, body);
      return media.completeUpload(owner, { fileId: toGlobalId('MediaFile', file.id) });
    },
    /** The file as its owner sees it, after all jobs. */
    async finished(owner: Principal, { id }: { id: string }): Promise<FileWithVariants | undefined> {
      await work();
      const found = (await media.byIds(owner, [id])).get(id);
      return found instanceof NoAnswer ? undefined : found;
    },
    /** Moves the clock forward by this number of milliseconds, and runs the timers that are due then. */
    async at(later: number): Promise<void> {
      clock.now += later;
      await runner.fireDue();
    },
    async close(): Promise<void> {
      await timers.close();
      await opened.close();
      await stored.close();
    },
  };
}

/** The input of createUpload for these bytes, announced as an attached JPEG. */
const described = (body: Uint8Array) => ({
  kind: 'ATTACHMENT',
  contentType: 'image/jpeg',
  bytes: body.length,
  checksum: createHash('sha256').update(body).digest('base64'),
});

/** Sends the bytes of a request, as a client does. @returns the HTTP status */
export async function send({ method, url, headers, offset, bytes }: PlannedRequest, body: Uint8Array): Promise<number> {
  const part = Buffer.from(body.subarray(offset, offset + bytes));
  return (await fetch(url, { method, headers, body: part })).status;
}

/** A picture: red in its left half, blue in its right one, with a place in its metadata. */
export function photo({
  width = 400,
  height = 200,
  format = 'jpeg',
  orientation,
}: {
  width?: number;
  height?: number;
  format?: 'jpeg' | 'png' | 'webp' | 'avif';
  orientation?: number;
} = {}): Promise<Buffer> {
  const half = { width: Math.ceil(width / 2), height, channels: 3, background: '#f00' } as const;
  return sharp({ create: { width, height, channels: 3, background: '#00f' } })
    .composite([{ input: { create: half }, left: 0, top: 0 }])
    .withExif({ IFD0: { Copyright: 'Anna' }, IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '55/1 45/1 0/1' } })
    .withMetadata(orientation === undefined ? {} : { orientation })
    .toFormat(format)
    .toBuffer();
}

/** A box of an MP4 file. */
const box = (type: string, ...contents: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(contents);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length + 8, 0);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, body]);
};

/** The boxes of an MP4 file of 2.5 s with 640 x 360 pixels, and a place in its metadata. No player could show it. */
export function movie({ extra = [] as readonly Buffer[], turned = false, media = Buffer.from('frames') } = {}): Buffer {
  const mvhd = Buffer.alloc(100);
  mvhd.writeUInt32BE(1000, 12);
  mvhd.writeUInt32BE(2500, 16);
  const tkhd = Buffer.alloc(84);
  const matrix = turned ? [0, 0x10000, 0, -0x10000, 0] : [0x10000, 0, 0, 0, 0x10000];
  matrix.forEach((value, index) => tkhd.writeInt32BE(value, 40 + index * 4));
  tkhd.writeUInt32BE(640 << 16, 76);
  tkhd.writeUInt32BE(360 << 16, 80);
  const hdlr = (kind: string) => box('hdlr', Buffer.alloc(8), Buffer.from(kind), Buffer.alloc(13));
  const place = box('udta', box('\xa9xyz', Buffer.from('+55.7500+037.6200/')));
  return Buffer.concat([
    box('ftyp', Buffer.from('isom'), Buffer.alloc(4), Buffer.from('isomiso2avc1mp41')),
    box(
      'moov',
      box('mvhd', mvhd),
      box('trak', box('tkhd', tkhd), box('mdia', hdlr('vide'))),
      box(
        'trak',
        box('tkhd', tkhd),
        box('mdia', hdlr('meta')),
        Buffer.from([0, 0, 0, 20]),
        Buffer.from('gpmd+55.7500+037'),
      ),
      place,
    ),
    ...extra,
    box('mdat', media),
  ]);
}
