import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { GraphQLError } from 'graphql';
import sharp from 'sharp';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { UserErrors } from '../../platform/graphql/user-errors.ts';
import { ANONYMOUS } from '../../platform/identity/principal.ts';
import { NoAnswer } from '../../platform/questions/definition.ts';
import { person, rateLimits, refused } from '../../platform/testing/service.testing.ts';
import { MediaFileChanged } from '../../schema/messages/media.ts';
import { afterTest } from '../../test/after-test.ts';
import { PART_BYTES, QUOTA } from './kinds.ts';
import { movie, openMedia, photo, send } from './media.fixture.ts';
import { UPLOAD_MS } from './media.service.ts';

type Opened = Awaited<ReturnType<typeof openMedia>>;

const HOUR_MS = 3_600_000;
const VIDEO = { 'content-type': 'video/mp4' };
const idOf = ({ id }: { id: string }): string => toGlobalId('MediaFile', id);
const codeIs =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof GraphQLError && error.extensions.code === code;

let t: Opened;
beforeAll(async () => {
  t = await openMedia(rateLimits({ createUpload: { count: 60, seconds: 3_600 } }));
});
afterAll(() => t.close());

/** The objects of a file: its upload, and its pictures. */
async function objectsOf({ id }: { id: string }, folder: string): Promise<string[]> {
  return [...(await t.stored.storage.list(`uploads/${id}/`)), ...(await t.stored.storage.list(folder))];
}

describe('an upload', () => {
  it('becomes pictures in three sizes and two formats, turned upright and without metadata', async () => {
    const owner = person();
    const file = await t.upload(owner, await photo({ width: 2400, height: 1200, orientation: 6 }));
    assert.equal(file.state, 'PROCESSING');
    const ready = await t.finished(owner, file);
    assert.deepEqual(
      [ready?.state, ready?.width, ready?.height, ready?.variants.length, typeof ready?.blurhash],
      ['READY', 1200, 2400, 6, 'string'],
    );
    const sides = { SMALL: 320, MEDIUM: 800, LARGE: 1600 } as Record<string, number>;
    for (const { key, size, extension } of ready?.variants ?? []) {
      const picture = sharp(await buffer((await t.stored.storage.get(key)).body));
      const { width, height, format, exif, icc, orientation } = await picture.metadata();
      assert.deepEqual(
        [width, height, format === 'heif' ? 'avif' : format, exif, icc, orientation],
        [(sides[size] ?? 0) / 2, sides[size], extension, undefined, undefined, undefined],
      );
      // Orientation 6 turns the left half of the stored picture to the top.
      const { data } = await picture.raw().toBuffer({ resolveWithObject: true });
      assert.ok((data[0] ?? 0) > 200 && (data[2] ?? 255) < 60, 'red is at the top');
      assert.match(key, /^files\/[0-9a-f]{32}\/[0-9a-f]{16}-(small|medium|large)\.(webp|avif)$/);
    }
    await t.at(0);
    assert.equal((await objectsOf(file, ready?.folder ?? '')).length, 6, 'the upload itself is gone');
  });

  it('is one file, however often and however concurrently the client asks', async () => {
    const owner = person();
    const body = await photo();
    const clientId = randomUUID();
    const begun = await Promise.all(Array.from({ length: 5 }, () => t.begin(owner, body, { clientId })));
    assert.equal(new Set(begun.map(({ file }) => file.id)).size, 1);
    const [first] = begun;
    assert.ok(first);
    await refused(t.begin(owner, body, { clientId, kind: 'AVATAR' }), 'CONFLICT', 'clientId');
    await refused(t.complete(owner, first.file), 'CONFLICT', 'fileId');
    for (const request of first.requests) assert.equal(await send(request, body), 200);
    assert.deepEqual(
      (await t.begin(owner, body, { clientId })).requests.map(({ isStored }) => isStored),
      [true],
    );
    const completed = await Promise.all(Array.from({ length: 5 }, () => t.complete(owner, first.file)));
    assert.deepEqual(new Set(completed.map(({ state }) => state)), new Set(['PROCESSING']));
    assert.equal(
      (await t.told()).jobs.filter(({ payload }) => (payload as { fileId: string }).fileId === first.file.id).length,
      1,
    );
    assert.equal((await t.finished(owner, first.file))?.state, 'READY');
    assert.equal((await t.complete(owner, first.file)).state, 'READY');
    assert.deepEqual((await t.begin(owner, body, { clientId })).requests, []);
    assert.deepEqual(await t.media.quota(owner).then((q) => [q?.files, Number(q?.bytes)]), [1, body.length]);
  });

  it('of a large video is sent in parts, and goes on where it was interrupted', async () => {
    const owner = person();
    const body = movie({ media: randomBytes(PART_BYTES + 5_000) });
    const video = { contentType: 'video/mp4', clientId: randomUUID() };
    const { file, requests } = await t.begin(owner, body, video);
    assert.deepEqual(
      requests.map(({ offset, bytes }) => [offset, bytes]),
      [
        [0, PART_BYTES],
        [PART_BYTES, body.length - PART_BYTES],
      ],
    );
    assert.ok(requests[1]);
    assert.equal(await send(requests[1], body), 200);
    await refused(t.complete(owner, file), 'CONFLICT', 'fileId');
    const again = await t.begin(owner, body, video);
    assert.deepEqual(
      again.requests.map(({ isStored }) => isStored),
      [false, true],
    );
    for (const request of again.requests.filter(({ isStored }) => !isStored))
      assert.equal(await send(request, body), 200);
    await t.complete(owner, file);
    const ready = await t.finished(owner, file);
    assert.deepEqual(
      [
        ready?.state,
        ready?.width,
        ready?.height,
        ready?.durationMs,
        ready?.blurhash,
        ready?.variants.map(({ size }) => size),
      ],
      ['READY', 640, 360, 2500, null, ['VIDEO']],
    );
    const stored = await buffer((await t.stored.storage.get(ready?.variants[0]?.key ?? '')).body);
    assert.equal(stored.length, body.length);
    assert.ok(!stored.includes('+55.75'), 'the place is gone');
    assert.ok(stored.subarray(-5_000).equals(body.subarray(-5_000)), 'the frames are unchanged');
  });

  it('in parts that were joined already, by a process that was killed, only needs to be completed', async () => {
    const owner = person();
    const body = movie({ media: randomBytes(PART_BYTES) });
    const video = { contentType: 'video/mp4', clientId: randomUUID() };
    const { file, requests } = await t.begin(owner, body, video);
    for (const request of requests) assert.equal(await send(request, body), 200);
    const sizes = requests.map(({ bytes }) => bytes);
    await t.stored.storage.joinParts(file.uploadKey, file.uploadId ?? '', sizes);
    const again = await t.begin(owner, body, video);
    assert.deepEqual(
      again.requests.map(({ isStored }) => isStored),
      [true, true],
    );
    await t.complete(owner, file);
    assert.equal((await t.finished(owner, file))?.state, 'READY');
  });

  it('of a video that was turned tells its size as people see it', async () => {
    const owner = person();
    const file = await t.upload(owner, movie({ turned: true }), { contentType: 'video/quicktime' });
    const ready = await t.finished(owner, file);
    assert.deepEqual([ready?.state, ready?.width, ready?.height], ['READY', 360, 640]);
  });
});

describe('a bad file', () => {
  const rejected = async (body: Uint8Array, more: object = {}) => {
    const owner = person();
    const file = await t.upload(owner, body, more);
    const end = await t.finished(owner, file);
    await t.at(0);
    assert.deepEqual(await objectsOf(file, file.folder), [], 'nothing of it is stored');
    assert.deepEqual(await t.media.quota(owner).then((q) => [q?.files, Number(q?.bytes)]), [0, 0]);
    assert.deepEqual(end?.variants, []);
    return [end?.state, end?.rejection];
  };

  it('that is another type than it says is rejected: a zip, an SVG with a script, a page, a PNG called JPEG', async () => {
    const zip = Buffer.concat([Buffer.from('PK\x03\x04\x14\0\0\0\x08\0'), randomBytes(200)]);
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
    const page = Buffer.from('<!doctype html><script>alert(1)</script>');
    for (const body of [zip, svg, page, Buffer.from('x')])
      assert.deepEqual(await rejected(body), ['REJECTED', 'WRONG_TYPE']);
    assert.deepEqual(await rejected(await photo({ format: 'png' })), ['REJECTED', 'WRONG_TYPE']);
    assert.deepEqual(await rejected(await photo(), { contentType: 'video/mp4' }), ['REJECTED', 'WRONG_TYPE']);
  });

  it('with 50,000 x 50,000 pixels in its header is refused before it is decoded', async () => {
    const small = await photo({ width: 8, height: 8 });
    const at = small.indexOf(Buffer.from([0xff, 0xc0])) + 5;
    small.writeUInt16BE(50_000, at);
    small.writeUInt16BE(50_000, at + 2);
    const began = performance.now();
    assert.deepEqual(await rejected(small), ['REJECTED', 'TOO_MANY_PIXELS']);
    assert.ok(performance.now() - began < 20_000);
  });

  it('that is damaged is rejected: cut off, without a picture, a video without a track', async () => {
    const whole = await photo({ width: 1000, height: 1000 });
    assert.deepEqual(await rejected(whole.subarray(0, whole.length / 2)), ['REJECTED', 'UNREADABLE']);
    assert.deepEqual(await rejected(Buffer.concat([whole.subarray(0, 4), randomBytes(500)])), [
      'REJECTED',
      'UNREADABLE',
    ]);
    const video = { contentType: 'video/mp4' };
    assert.deepEqual(await rejected(movie().subarray(0, 200), video), ['REJECTED', 'UNREADABLE']);
    assert.deepEqual(await rejected(movie({ extra: [Buffer.from('PK\x03\x04 a zip at the end')] }), video), [
      'REJECTED',
      'UNREADABLE',
    ]);
  });

  it('that needs too much time or memory is stopped from outside', async () => {
    const limits = t.processing.limits;
    const body = await photo({ width: 5000, height: 5000 });
    t.processing.limits = { ...limits, timeMs: 150 };
    assert.deepEqual(await rejected(body), ['REJECTED', 'TOO_DEMANDING']);
    t.processing.limits = { ...limits, memoryBytes: 40_000_000 };
    assert.deepEqual(await rejected(body), ['REJECTED', 'TOO_DEMANDING']);
    t.processing.limits = limits;
  });

  it('that is a picture and a page at once becomes a picture only', async () => {
    const owner = person();
    const polyglot = Buffer.concat([await photo(), Buffer.from('<script>alert(1)</script>PK\x05\x06')]);
    const ready = await t.finished(owner, await t.upload(owner, polyglot));
    assert.equal(ready?.state, 'READY');
    for (const { key } of ready?.variants ?? [])
      assert.ok(!(await buffer((await t.stored.storage.get(key)).body)).includes('<script>'));
  });

  it('with 10 MB of metadata becomes a small picture without them', async () => {
    const owner = person();
    const jpeg = await photo();
    const segment = Buffer.alloc(65_535, 'x');
    segment.writeUInt16BE(65_533, 2);
    Buffer.from([0xff, 0xe1]).copy(segment);
    segment.write('Exif\0\0', 4, 'latin1');
    const bomb = Buffer.concat([jpeg.subarray(0, 2), ...Array.from({ length: 150 }, () => segment), jpeg.subarray(2)]);
    const ready = await t.finished(owner, await t.upload(owner, bomb));
    assert.equal(ready?.state, 'READY');
    for (const { key } of ready?.variants ?? []) assert.ok(((await t.stored.storage.head(key))?.size ?? 0) < 20_000);
  });

  it('that was exchanged after the announcement is rejected', async () => {
    const owner = person();
    const body = await photo();
    const { file } = await t.begin(owner, body);
    const other = Buffer.from(body);
    other[other.length - 3] = (other[other.length - 3] ?? 0) ^ 1;
    await t.stored.storage.put(file.uploadKey, other);
    await t.complete(owner, file);
    assert.equal((await t.finished(owner, file))?.rejection, 'WRONG_CHECKSUM');
    const short = await t.begin(owner, body);
    await t.stored.storage.put(short.file.uploadKey, body.subarray(1));
    assert.equal((await t.complete(owner, short.file)).rejection, 'WRONG_SIZE');
  });

  it('leaves an earlier good file alone when another upload goes to the same link later', async () => {
    const owner = person();
    const body = await photo();
    const { file, requests } = await t.begin(owner, body);
    for (const request of requests) await send(request, body);
    await t.complete(owner, file);
    const ready = await t.finished(owner, file);
    await t.at(0);
    for (const request of requests) assert.equal(await send(request, body), 200);
    assert.equal((await t.finished(owner, file))?.state, 'READY');
    assert.equal(ready?.variants.length, 6);
    assert.equal((await objectsOf(file, file.folder)).length, 7);
    await t.at(2 * HOUR_MS);
    assert.equal((await objectsOf(file, file.folder)).length, 6, 'what came later is gone');
  });
});

describe('input', () => {
  it('is checked at the border', async () => {
    const owner = person();
    const body = await photo();
    await assert.rejects(t.begin(ANONYMOUS, body), codeIs('UNAUTHENTICATED'));
    for (const [more, field] of [
      [{ contentType: 'image/svg+xml' }, 'contentType'],
      [{ contentType: 'video/mp4', kind: 'AVATAR' }, 'contentType'],
      [{ kind: 'OTHER' }, 'kind'],
      [{ bytes: 0 }, 'bytes'],
      [{ bytes: 20_000_001 }, 'bytes'],
      [{ bytes: 500_000_001, contentType: 'video/mp4' }, 'bytes'],
      [{ checksum: 'x' }, 'checksum'],
      [{ clientId: '' }, 'clientId'],
    ] as const)
      await refused(t.begin(owner, body, more), 'INVALID', field);
    for (const fileId of ['../../etc/passwd', idOf({ id: randomUUID() }), ''])
      await refused(t.media.completeUpload(owner, { fileId }), 'NOT_FOUND', 'fileId');
  });

  it('bounds what a person stores', async () => {
    const owner = person();
    const body = await photo();
    await t.begin(owner, body);
    const full = { where: { userId: owner.userId } };
    await t.prisma.owner.update({ ...full, data: { bytes: QUOTA.bytes - 10 } });
    await assert.rejects(t.begin(owner, body), (error: unknown) => {
      assert.ok(error instanceof UserErrors);
      const [{ code, message } = assert.fail()] = error.errors;
      assert.equal(code, 'CONFLICT');
      assert.equal(message, 'your quota is 2000 megabytes, you use 2000, and this file has 1');
      return true;
    });
    await t.prisma.owner.update({ ...full, data: { bytes: 0, files: QUOTA.files } });
    await refused(t.begin(owner, body), 'CONFLICT', null);
    await t.prisma.owner.update({ ...full, data: { files: 1 } });
    for (let n = 1; n < QUOTA.uploads; n++) await t.begin(owner, body);
    await refused(t.begin(owner, body), 'CONFLICT', null);
    const often = person();
    for (let n = 0; n < 30; n++) {
      const { file } = await t.begin(often, body);
      await t.media.delete(often, { fileId: idOf(file) });
    }
    for (let n = 0; n < 30; n++) await t.begin(often, body);
    await assert.rejects(t.begin(often, body), codeIs('RATE_LIMITED'));
  });
});

describe('a file', () => {
  it('of another person can be neither completed, seen, used nor deleted', async () => {
    const [owner, other] = [person(), person()];
    const file = await t.upload(owner, await photo());
    await t.work();
    const fileId = idOf(file);
    const { file: open, requests } = await t.begin(owner, await photo());
    for (const request of requests) await send(request, await photo());
    await refused(t.complete(other, open), 'NOT_FOUND', 'fileId');
    assert.equal((await t.prisma.mediaFile.findUnique({ where: { id: open.id } }))?.state, 'UPLOADING');
    await refused(t.media.completeUpload(other, { fileId }), 'NOT_FOUND', 'fileId');
    await refused(t.media.delete(other, { fileId }), 'NOT_FOUND', 'fileId');
    await refused(t.uses.setAvatar(other, { fileId }), 'NOT_FOUND', 'fileId');
    assert.equal((await t.media.byIds(other, [file.id])).size, 0);
    assert.equal((await t.media.byIds(ANONYMOUS, [file.id])).size, 0);
    assert.equal((await t.media.byIds(person('admin'), [file.id])).size, 1);
  });

  it('in a message is seen by those whom chat lets read the room', async () => {
    const [owner, reader] = [person(), person()];
    const file = await t.upload(owner, await photo());
    await t.work();
    t.elsewhere.answers.attachmentsReadable = (id, viewer) => id === idOf(file) && viewer === reader.userId;
    assert.equal((await t.media.byIds(reader, [file.id])).size, 1);
    assert.equal((await t.media.byIds(person(), [file.id])).size, 0);
    t.elsewhere.away = true;
    assert.ok((await t.media.byIds(reader, [file.id])).get(file.id) instanceof NoAnswer);
    assert.equal((await t.media.byIds(owner, [file.id])).size, 1, 'the owner needs no answer');
    t.elsewhere.away = false;
    t.elsewhere.answers = {};
  });

  it('is deleted with its pictures, as soon as the storage answers', async () => {
    const owner = person();
    const file = await t.upload(owner, await photo());
    const ready = await t.finished(owner, file);
    assert.equal((await objectsOf(file, file.folder)).length, 7);
    await t.media.delete(owner, { fileId: idOf(file) });
    await t.at(0);
    assert.deepEqual(await objectsOf(file, ready?.folder ?? ''), []);
    assert.deepEqual(await t.media.quota(owner).then((q) => [q?.files, Number(q?.bytes)]), [0, 0]);
    await refused(t.media.delete(owner, { fileId: idOf(file) }), 'NOT_FOUND', 'fileId');
  });

  it('that is deleted while it is processed leaves nothing behind', async () => {
    const owner = person();
    const file = await t.upload(owner, await photo({ width: 1500, height: 1500 }));
    let deleted: Promise<unknown> | undefined;
    t.processing.onStarted = () => (deleted ??= t.media.delete(owner, { fileId: idOf(file) }));
    await t.work();
    t.processing.onStarted = undefined;
    await deleted;
    await t.at(0);
    assert.deepEqual(await objectsOf(file, file.folder), []);
    assert.equal((await t.media.byIds(owner, [file.id])).size, 0);
  });

  it('has no pictures besides its own: those of another worker, or of a killed one, are deleted', async () => {
    const owner = person();
    const [kept, gone] = [await t.upload(owner, await photo()), await t.upload(owner, await photo())];
    const ready = await t.finished(owner, kept);
    await t.media.delete(owner, { fileId: idOf(gone) });
    await t.at(0);
    // A worker that is killed in the middle has written a picture, and ends nothing any more.
    for (const { folder } of [kept, gone])
      await t.stored.storage.put(`${folder}0123456789abcdef-small.webp`, Buffer.from('half of the work'));
    await t.at(2 * HOUR_MS);
    assert.deepEqual(
      await objectsOf(kept, kept.folder),
      ready?.variants.map(({ key }) => key).sort(),
      'its own pictures stay',
    );
    assert.deepEqual(await objectsOf(gone, gone.folder), []);
  });

  it('is processed in a folder that the next job deletes, if the process was killed an hour ago', async () => {
    const [old, young] = await Promise.all([1, 2].map(() => mkdtemp(join(tmpdir(), 'prodvor-media-'))));
    assert.ok(old && young);
    afterTest(() => rm(young, { recursive: true, force: true }));
    await writeFile(join(old, 'original'), 'a video');
    const then = Date.now() / 1000 - 3_700;
    await utimes(old, then, then);
    const owner = person();
    await t.upload(owner, await photo());
    await t.work();
    assert.deepEqual([existsSync(old), existsSync(young)], [false, true]);
  });

  it('whose upload never ends is deleted after a day', async () => {
    const owner = person();
    const body = movie({ media: randomBytes(PART_BYTES + 1) });
    const { file, requests } = await t.begin(owner, body, { contentType: 'video/mp4' });
    assert.ok(requests[0]);
    await send(requests[0], body);
    await t.at(UPLOAD_MS - 1_000);
    assert.equal((await t.media.byIds(owner, [file.id])).size, 1);
    await t.at(1_000);
    await t.at(0);
    assert.equal((await t.media.byIds(owner, [file.id])).size, 0);
    assert.equal((await t.stored.storage.storedParts(file.uploadKey, file.uploadId ?? '')).size, 0);
    assert.equal((await t.media.quota(owner))?.files, 0);
    t.clock.now -= UPLOAD_MS;
  });

  it('is processed again when its process was killed, and only then', async () => {
    const owner = person();
    const file = await t.upload(owner, await photo({ width: 3000, height: 3000 }));
    t.processing.onStarted = (pid) => process.kill(pid, 'SIGKILL');
    await assert.rejects(t.processing.process(file.id), { name: 'ProcessorDied' });
    t.processing.onStarted = undefined;
    assert.equal((await t.media.byIds(owner, [file.id])).get(file.id) instanceof NoAnswer, false);
    assert.equal((await t.finished(owner, file))?.state, 'READY');
    const { variants } = (await t.finished(owner, file)) ?? {};
    await t.processing.process(file.id);
    assert.deepEqual((await t.finished(owner, file))?.variants, variants);
  });
});

describe('an upload in parts whose id was lost in a crash', () => {
  it('is deleted two days later, and no other', async () => {
    const own = await openMedia();
    afterTest(() => own.close());
    const owner = person();
    const { file } = await own.begin(owner, movie({ media: randomBytes(PART_BYTES) }), { contentType: 'video/mp4' });
    // A process that is killed at this point has not stored the row.
    const lost = `uploads/${randomUUID()}/original.mp4`;
    const uploadId = await own.stored.storage.beginParts(lost);
    const { url } = await own.stored.storage.signPart({ key: lost, uploadId, number: 1, size: 4, seconds: 60 });
    assert.equal((await fetch(url, { method: 'PUT', headers: VIDEO, body: 'four' })).status, 200);
    const isThere = async (key: string, id: string) => (await own.stored.storage.storedParts(key, id)).size > 0;
    await own.at(Date.now() - own.clock.now + 2 * UPLOAD_MS - HOUR_MS);
    assert.ok(await isThere(lost, uploadId));
    assert.equal((await own.media.byIds(owner, [file.id])).size, 0, 'an upload that was not completed');
    await own.at(UPLOAD_MS);
    assert.ok(!(await isThere(lost, uploadId)));
  });
});

describe('the events of a person', () => {
  it('tell every change in order, resume, and are of that person only', async () => {
    const [owner, other] = [person(), person()];
    await t.upload(other, await photo());
    const file = await t.upload(owner, await photo());
    await t.work();
    await t.media.delete(owner, { fileId: idOf(file) });
    const events = await t.media.events(owner, 0);
    const seen = [];
    for (let n = 0; n < 4; n++) seen.push((await events.next()).value);
    await events.return?.();
    assert.deepEqual(
      seen.map((event) => event && [event.seq, event.fileId === file.id, event.state]),
      [
        [1, true, 'UPLOADING'],
        [2, true, 'PROCESSING'],
        [3, true, 'READY'],
        [4, true, null],
      ],
    );
    const resumed = await t.media.events(owner, 3);
    assert.equal(((await resumed.next()).value as { seq: number }).seq, 4);
    await resumed.return?.();
    const beyond = await t.media.events(owner, 5);
    await assert.rejects(beyond.next(), codeIs('RESYNC_REQUIRED'));
    await assert.rejects(t.media.events(ANONYMOUS, 0), codeIs('UNAUTHENTICATED'));
    // The list has the position from which a client follows.
    const seqs = await Promise.all([owner, other, person()].map(async (who) => (await t.media.page(who, {}))?.seq));
    assert.deepEqual(seqs, [4, 3, 0]);
    const told = (await t.told()).events.filter(({ key }) => key === owner.userId);
    assert.deepEqual(
      told.map(({ payload }) => MediaFileChanged.payload.parse(payload).state),
      ['UPLOADING', 'PROCESSING', 'READY', null],
    );
  });
});

describe('avatars, logos and photos', () => {
  const ready = async (owner: ReturnType<typeof person>, kind: string) => {
    const file = await t.upload(owner, await photo(), { kind });
    await t.work();
    return file;
  };

  it('are shown to everybody; the previous one is deleted', async () => {
    const owner = person();
    const [first, second] = [await ready(owner, 'AVATAR'), await ready(owner, 'AVATAR')];
    assert.equal((await t.media.byIds(ANONYMOUS, [first.id])).size, 0);
    await t.uses.setAvatar(owner, { fileId: idOf(first) });
    assert.equal((await t.media.byIds(ANONYMOUS, [first.id])).size, 1);
    await t.uses.setAvatar(owner, { fileId: idOf(second) });
    await t.uses.setAvatar(owner, { fileId: idOf(second) });
    const shown = (await t.uses.filesOf('User', [owner.userId])).get(owner.userId);
    assert.deepEqual(
      shown?.map(({ id }) => id),
      [second.id],
    );
    assert.match(shown?.[0]?.variants[0]?.key ?? '', /^public\//);
    assert.equal((await t.media.byIds(owner, [first.id])).size, 0);
    await t.uses.setAvatar(owner, { fileId: null });
    assert.equal((await t.uses.filesOf('User', [owner.userId])).size, 0);
  });

  it('need a ready file of the right kind', async () => {
    const owner = person();
    await refused(t.uses.setAvatar(owner, { fileId: idOf(await ready(owner, 'ATTACHMENT')) }), 'CONFLICT', 'fileId');
    const { file } = await t.begin(owner, await photo(), { kind: 'AVATAR' });
    await refused(t.uses.setAvatar(owner, { fileId: idOf(file) }), 'CONFLICT', 'fileId');
    await refused(t.uses.setAvatar(owner, { fileId: 'x' }), 'NOT_FOUND', 'fileId');
  });

  it('of a team are set by its owner and captains', async () => {
    const [captain, player] = [person(), person()];
    const teamId = randomUUID();
    const team = toGlobalId('Team', teamId);
    t.elsewhere.answers = {
      _entities: (id) => id === team,
      rolesOfViewer: (_, viewer) =>
        viewer === captain.userId ? 'CAPTAIN' : viewer === player.userId ? 'PLAYER' : null,
    };
    await t.uses.setLogo(captain, { teamId: team, fileId: idOf(await ready(captain, 'TEAM_LOGO')) });
    assert.equal((await t.uses.filesOf('Team', [teamId])).get(teamId)?.length, 1);
    await refused(t.uses.setLogo(player, { teamId: team, fileId: null }), 'FORBIDDEN', 'teamId');
    await refused(t.uses.setLogo(player, { teamId: toGlobalId('Team', randomUUID()) }), 'NOT_FOUND', 'teamId');
    t.elsewhere.answers = {};
  });

  it('of a match are added by its people, each with the own files', async () => {
    const [member, referee, stranger] = [person(), person(), person()];
    const matchId = randomUUID();
    const match = toGlobalId('Match', matchId);
    const teams = { homeTeamId: toGlobalId('Team', randomUUID()), awayTeamId: toGlobalId('Team', randomUUID()) };
    t.elsewhere.answers = {
      matchesAsViewer: (id, viewer) => (id === match ? { ...teams, isOfficial: viewer === referee.userId } : null),
      teamsOfViewer: (id, viewer) => viewer === member.userId && id === teams.awayTeamId,
    };
    const [one, two] = [await ready(member, 'MATCH_PHOTO'), await ready(member, 'MATCH_PHOTO')];
    const both = { matchId: match, fileIds: [idOf(one), idOf(two)] };
    await t.uses.addPhotos(member, both);
    await t.uses.addPhotos(member, both);
    await refused(t.uses.addPhotos(stranger, both), 'FORBIDDEN', 'matchId');
    await refused(t.uses.addPhotos(referee, both), 'NOT_FOUND', 'fileIds');
    await refused(t.uses.addPhotos(member, { ...both, matchId: 'x' }), 'NOT_FOUND', 'matchId');
    const shown = async () => (await t.uses.filesOf('Match', [matchId])).get(matchId)?.map(({ id }) => id) ?? [];
    assert.deepEqual((await shown()).sort(), [one.id, two.id].sort());
    await refused(t.uses.removePhoto(stranger, { matchId: match, fileId: idOf(one) }), 'FORBIDDEN', 'matchId');
    await t.uses.removePhoto(referee, { matchId: match, fileId: idOf(one) });
    await t.uses.removePhoto(member, { matchId: match, fileId: idOf(one) });
    assert.deepEqual(await shown(), [two.id]);
    await t.media.delete(member, { fileId: idOf(two) });
    assert.deepEqual(await shown(), []);
    t.elsewhere.answers = {};
  });
});
