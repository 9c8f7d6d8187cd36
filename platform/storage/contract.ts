import assert from 'node:assert/strict';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { type Opened, PAGE } from './contract.adapters.ts';
import { MIN_PART_BYTES, type SignedRequest, type Storage, type StorageErrorCode } from './storage.ts';

const sha256 = (body: string | Uint8Array): string => createHash('sha256').update(body).digest('base64');
const failsWith = (code: StorageErrorCode) => (error: unknown) => {
  assert.equal((error as { code?: unknown }).code, code, String(error));
  return true;
};

/** The tests that each adapter of {@link Storage} must pass. */
export function storageContract(name: string, open: () => Promise<Opened>): void {
  describe(name, () => {
    let opened: Opened;
    let storage: Storage;
    let listsUploads: boolean;
    beforeAll(async () => {
      opened = await open();
      storage = opened.storage;
      listsUploads = opened.listsUploads ?? true;
    });
    afterAll(() => opened.close());

    const folder = (): string => `media/${randomUUID()}`;
    const key = (extension: string): string => `${folder()}/original.${extension}`;
    const text = async (of: string): Promise<string> => (await buffer((await storage.get(of)).body)).toString();
    const send = (
      { method, url, headers }: SignedRequest,
      body: string | Buffer<ArrayBuffer>,
      others: Record<string, string> = {},
    ): Promise<Response> => fetch(url, { method, headers: { ...headers, ...others }, body });
    const uploadOf = (of: string, body: string | Uint8Array, seconds = 60) => ({
      key: of,
      size: Buffer.byteLength(body),
      sha256: sha256(body),
      seconds,
    });

    describe('objects', () => {
      it('are read as they were written, whole and in part', async () => {
        const at = key('pdf');
        await storage.put(at, Buffer.from('0123456789'));
        assert.deepEqual(await storage.head(at), { size: 10, contentType: 'application/pdf' });
        const { body, ...found } = await storage.get(at);
        assert.deepEqual(
          [found, (await buffer(body)).toString()],
          [{ size: 10, contentType: 'application/pdf' }, '0123456789'],
        );
        const part = await storage.get(at, { start: 2, end: 4 });
        assert.deepEqual([part.size, (await buffer(part.body)).toString()], [10, '234']);
        assert.equal((await buffer((await storage.get(at, { start: 8, end: 99 })).body)).toString(), '89');
        await assert.rejects(storage.get(at, { start: 10, end: 11 }), failsWith('STORAGE_INVALID'));
      });

      it('are written from a stream of an announced size, and replace earlier ones', async () => {
        const at = key('csv');
        const chunk = randomBytes(100_000);
        await storage.put(at, Readable.from([chunk, chunk, chunk]), 300_000);
        assert.deepEqual(await buffer((await storage.get(at)).body), Buffer.concat([chunk, chunk, chunk]));
        await storage.put(at, Buffer.from('new'));
        assert.deepEqual([await text(at), (await storage.head(at))?.size], ['new', 3]);
        await storage.put(at, Buffer.alloc(0));
        assert.deepEqual([await text(at), (await storage.head(at))?.size], ['', 0]);
      });

      it('do not appear when the stream has another size or fails', async () => {
        const at = key('txt');
        await assert.rejects(storage.put(at, Readable.from([Buffer.from('four')]), 3), failsWith('STORAGE_INVALID'));
        await assert.rejects(storage.put(at, Readable.from([Buffer.from('four')]), 5), failsWith('STORAGE_INVALID'));
        const broken = Readable.from(
          (async function* () {
            yield Buffer.from('some');
            throw new Error('the source failed');
          })(),
        );
        await assert.rejects(storage.put(at, broken, 100));
        assert.equal(await storage.head(at), undefined);
      });

      it('that are missing are not found', async () => {
        const at = key('png');
        assert.equal(await storage.head(at), undefined);
        await assert.rejects(storage.get(at), failsWith('STORAGE_NOT_FOUND'));
      });

      it('are listed by folder and deleted, also if they are already gone', async () => {
        const in1 = folder();
        const keys = ['a.webp', 'b/c.avif', 'd.jpg'].map((end) => `${in1}/${end}`);
        for (const each of keys) await storage.put(each, Buffer.from(each));
        await storage.put(`${in1}0/x.webp`, Buffer.from('of another folder'));
        assert.deepEqual(await storage.list(`${in1}/`), keys);
        await storage.delete(...keys.slice(0, 2), key('png'));
        assert.deepEqual(await storage.list(`${in1}/`), keys.slice(2));
        await storage.delete(...keys);
        assert.deepEqual([await storage.list(`${in1}/`), await text(`${in1}0/x.webp`)], [[], 'of another folder']);
        await storage.delete();
      });

      it('have keys without ways out: refused before anything is touched', async () => {
        const wrong = [
          '../secret.txt',
          'media/../../secret.txt',
          'media/..',
          'media/..%2f..%2fsecret.txt',
          '/etc/passwd.txt',
          'media//a.txt',
          'media/a',
          'media/a.txt/b.txt',
          'a.txt',
          'media/a.svg',
          'media/a.html',
          'media/a.constructor',
          'media/A.txt',
          'media/a b.txt',
          'media\\a.txt',
          'media/a\n.txt',
          'media/a\0.txt',
          `media/${'a'.repeat(200)}.txt`,
          '',
        ];
        for (const each of wrong) {
          for (const call of [
            () => storage.put(each, Buffer.from('x')),
            () => storage.get(each),
            () => storage.head(each),
            () => storage.delete(each),
            () => storage.signUpload(uploadOf(each, 'x')),
            () => storage.signDownload({ key: each, seconds: 60 }),
            () => storage.beginParts(each),
          ])
            await assert.rejects(call(), failsWith('STORAGE_INVALID'), each);
        }
        for (const each of ['..', '../', 'media', 'media/../', '/', ''])
          await assert.rejects(storage.list(each), failsWith('STORAGE_INVALID'), each);
      });
    });

    describe('a signed upload', () => {
      it('writes the announced file, also from a page', async () => {
        const at = key('jpg');
        const body = randomBytes(70_000);
        const response = await send(await storage.signUpload(uploadOf(at, body)), body, { origin: PAGE });
        assert.deepEqual([response.status, response.headers.get('access-control-allow-origin')], [200, PAGE]);
        assert.deepEqual(await buffer((await storage.get(at)).body), body);
        assert.deepEqual(await storage.head(at), { size: 70_000, contentType: 'image/jpeg' });
      });

      it('answers the preflight of allowed pages only', async () => {
        const { url, method } = await storage.signUpload(uploadOf(key('jpg'), 'x'));
        const ask = (origin: string) =>
          fetch(url, {
            method: 'OPTIONS',
            headers: {
              origin,
              'access-control-request-method': method,
              'access-control-request-headers': 'content-type,x-amz-checksum-sha256',
            },
          });
        const allowed = await ask(PAGE);
        assert.ok(allowed.ok, String(allowed.status));
        assert.equal(allowed.headers.get('access-control-allow-origin'), PAGE);
        assert.match(allowed.headers.get('access-control-allow-methods') ?? '', /PUT/);
        assert.equal((await ask('https://evil.example')).headers.get('access-control-allow-origin'), null);
      });

      it('refuses another size, type, checksum and key, and stores nothing', async () => {
        const at = key('png');
        const upload = await storage.signUpload(uploadOf(at, 'four'));
        const refusals = [
          await send(upload, 'longer than four'),
          await send(upload, 'f'),
          await send(upload, 'four', { 'content-type': 'text/html' }),
          await send(upload, 'wxyz'),
          await send({ ...upload, url: upload.url.replace('/original', '/other') }, 'four'),
          await send({ ...upload, url: upload.url.replace(/(size=|SignedHeaders=)/, '$1x') }, 'four'),
          await fetch(upload.url, { method: 'DELETE' }),
          await fetch(upload.url),
        ].map(({ status }) => status);
        assert.ok(
          refusals.every((status) => status >= 400 && status < 500),
          refusals.join(),
        );
        assert.deepEqual(await storage.list(at.slice(0, at.lastIndexOf('/') + 1)), []);
      });

      it('ends', async () => {
        const at = key('png');
        const upload = await opened.earlier(120).signUpload(uploadOf(at, 'four', 60));
        assert.equal((await send(upload, 'four')).status, 403);
        assert.equal(await storage.head(at), undefined);
      });

      it('is bounded', async () => {
        const valid = uploadOf(key('png'), 'four');
        for (const wrong of [
          { size: 0 },
          { size: -1 },
          { size: 1.5 },
          { size: NaN },
          { size: 6 * 2 ** 30 },
          { sha256: 'short' },
          { sha256: `${'a'.repeat(42)}\n=` },
          { seconds: 0 },
          { seconds: 604_801 },
        ])
          await assert.rejects(storage.signUpload({ ...valid, ...wrong }), failsWith('STORAGE_INVALID'));
      });
    });

    describe('a signed link', () => {
      it('shows the object until it ends, and allows nothing else', async () => {
        const at = key('pdf');
        await storage.put(at, Buffer.from('a report'));
        const url = await storage.signDownload({ key: at, seconds: 60 });
        const response = await fetch(url);
        assert.deepEqual(
          [response.status, response.headers.get('content-type'), await response.text()],
          [200, 'application/pdf', 'a report'],
        );
        assert.match(response.headers.get('cache-control') ?? '', /private/);
        const late = await opened.earlier(120).signDownload({ key: at, seconds: 60 });
        const statuses = [
          await fetch(late),
          await fetch(url.replace('original', 'other')),
          await fetch(url.split('?')[0] ?? ''),
          await fetch(url, { method: 'DELETE' }),
          await fetch(url, { method: 'PUT', body: 'x' }),
        ].map(({ status }) => status);
        assert.ok(
          statuses.every((status) => status === 403 || status === 405),
          statuses.join(),
        );
        assert.equal(await text(at), 'a report');
      });

      it('gives a file name in any language', async () => {
        const at = key('csv');
        await storage.put(at, Buffer.from('a;b'));
        const fileName = 'Турнир "Двор" 2026; q.csv';
        const response = await fetch(await storage.signDownload({ key: at, seconds: 60, fileName }));
        assert.equal(response.status, 200);
        const header = response.headers.get('content-disposition') ?? '';
        assert.match(header, /^attachment; /);
        assert.equal(decodeURIComponent(/filename\*=UTF-8''([^;]+)/.exec(header)?.[1] ?? ''), fileName);
        for (const wrong of ['a\r\nSet-Cookie: x', 'a/b', 'a\\b', '', 'x'.repeat(201), 'a\u202Efdp.exe'])
          await assert.rejects(
            storage.signDownload({ key: at, seconds: 60, fileName: wrong }),
            failsWith('STORAGE_INVALID'),
          );
      });

      it('serves ranges, as players of videos need', async () => {
        const at = key('mp4');
        await storage.put(at, Buffer.from('0123456789'));
        const url = await storage.signDownload({ key: at, seconds: 60 });
        const ranged = async (range: string) => {
          const response = await fetch(url, { headers: { range } });
          return [
            response.status,
            response.headers.get('content-range'),
            response.status < 300 && (await response.text()),
          ];
        };
        assert.deepEqual(await ranged('bytes=2-4'), [206, 'bytes 2-4/10', '234']);
        assert.deepEqual(await ranged('bytes=7-'), [206, 'bytes 7-9/10', '789']);
        assert.deepEqual(await ranged('bytes=-2'), [206, 'bytes 8-9/10', '89']);
        assert.equal((await ranged('bytes=10-'))[0], 416);
      });

      it('lets caches keep public objects for a year', async () => {
        const at = `public/${folder()}/a.webp`;
        await storage.put(at, Buffer.from('picture'));
        const response = await fetch(await storage.signDownload({ key: at, seconds: 60 }));
        assert.equal(response.headers.get('cache-control'), 'public, max-age=31536000, immutable');
      });
    });

    describe('an upload in parts', () => {
      it('is joined in order, once and again', async () => {
        const at = key('mp4');
        const [first, second] = [randomBytes(MIN_PART_BYTES), randomBytes(1_000)];
        const uploadId = await storage.beginParts(at);
        const sizes = [first.length, second.length];
        const put = async (number: number, body: Buffer<ArrayBuffer>) => {
          const signed = await storage.signPart({ key: at, uploadId, number, size: body.length, seconds: 60 });
          return (await send(signed, body)).status;
        };
        assert.equal(await put(2, second), 200);
        await assert.rejects(storage.joinParts(at, uploadId, sizes), failsWith('STORAGE_INCOMPLETE'));
        assert.equal(await storage.head(at), undefined);
        assert.equal(await put(1, randomBytes(MIN_PART_BYTES)), 200);
        assert.equal(await put(1, first), 200);
        assert.deepEqual(
          [...(await storage.storedParts(at, uploadId))].sort(([a], [b]) => a - b),
          [
            [1, first.length],
            [2, second.length],
          ],
        );
        for (const others of [[MIN_PART_BYTES, 2], [MIN_PART_BYTES], [MIN_PART_BYTES, MIN_PART_BYTES, 1]])
          await assert.rejects(storage.joinParts(at, uploadId, others), failsWith('STORAGE_INCOMPLETE'));
        for (const wrong of [
          [],
          [MIN_PART_BYTES - 1, 1],
          [1_000, MIN_PART_BYTES],
          [0],
          [NaN],
          Array(1_001).fill(2 ** 23),
        ])
          await assert.rejects(storage.joinParts(at, uploadId, wrong), failsWith('STORAGE_INVALID'));
        assert.equal(await storage.head(at), undefined);
        await Promise.all([1, 2, 3].map(() => storage.joinParts(at, uploadId, sizes)));
        await storage.joinParts(at, uploadId, sizes);
        assert.ok((await buffer((await storage.get(at)).body)).equals(Buffer.concat([first, second])));
        assert.deepEqual(await storage.head(at), { size: MIN_PART_BYTES + 1_000, contentType: 'video/mp4' });
      });

      it('refuses a part of another size, and a dropped upload', async () => {
        const at = key('mov');
        const uploadId = await storage.beginParts(at);
        const signed = await storage.signPart({ key: at, uploadId, number: 1, size: 4, seconds: 60 });
        const statusOf = async (body: string) => (await send(signed, body)).status;
        assert.equal(await statusOf('longer'), 403);
        assert.equal(await statusOf('four'), 200);
        await storage.dropParts(at, uploadId);
        await storage.dropParts(at, uploadId);
        assert.equal((await storage.storedParts(at, uploadId)).size, 0);
        assert.equal(await statusOf('four'), 404);
        await assert.rejects(storage.joinParts(at, uploadId, [4]), failsWith('STORAGE_INCOMPLETE'));
        assert.equal(await storage.head(at), undefined);
        for (const wrong of [{ number: 0 }, { number: 1_001 }, { size: 0 }, { uploadId: '' }, { uploadId: '../..\n' }])
          await assert.rejects(
            storage.signPart({ key: at, uploadId, number: 1, size: 4, seconds: 60, ...wrong }),
            failsWith('STORAGE_INVALID'),
          );
      });
    });

    it('drops old uploads in parts whose ids are lost, of one folder only', async () => {
      const [old, other] = [key('mp4'), `others/${randomUUID()}/original.mp4`];
      const [lost, kept] = [await storage.beginParts(old), await storage.beginParts(other)];
      const put = async (at: string, uploadId: string) =>
        (await send(await storage.signPart({ key: at, uploadId, number: 1, size: 4, seconds: 60 }), 'four')).status;
      assert.deepEqual([await put(old, lost), await put(other, kept)], [200, 200]);
      await storage.dropOldParts('media/', new Date(Date.now() - 60_000));
      assert.equal((await storage.storedParts(old, lost)).size, 1, 'it is young');
      const dropped = await storage.dropOldParts('media/', new Date(Date.now() + 60_000));
      if (listsUploads) assert.ok(dropped >= 1, String(dropped));
      assert.equal((await storage.storedParts(old, lost)).size, listsUploads ? 0 : 1);
      assert.equal((await storage.storedParts(other, kept)).size, 1, 'it is in another folder');
      await Promise.all([storage.dropParts(other, kept), storage.dropParts(old, lost)]);
    });

    it('survives a client that stops in the middle', async () => {
      const at = key('jpg');
      const { url, headers } = await storage.signUpload({ key: at, size: 1_000, sha256: sha256('x'), seconds: 60 });
      await new Promise<void>((resolve) => {
        const req = request(url, { method: 'PUT', headers: { ...headers, 'content-length': 1_000 } });
        req.on('error', () => resolve());
        req.write('half', () => setImmediate(() => req.destroy(new Error('gone'))));
      });
      await storage.ping();
      assert.equal(await storage.head(at), undefined);
    });
  });
}
