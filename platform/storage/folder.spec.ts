import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, it } from '@jest/globals';
import { afterTest } from '../../test/after-test.ts';
import { openFolder } from './contract.adapters.ts';
import { FolderStorage } from './folder.ts';

describe('the folder of objects', () => {
  let folder: string;
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'prodvor-storage-'))));
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const open = (now?: () => number) =>
    new FolderStorage({ folder, origin: 'http://127.0.0.1:4000/', ...(now && { now }) });

  it('has the objects as files, and no drafts after failures', async () => {
    const storage = open();
    await storage.put('media/a/b.webp', Buffer.from('picture'));
    await assert.rejects(storage.put('media/a/c.webp', Readable.from([Buffer.alloc(10)]), 5));
    assert.equal(await readFile(join(folder, 'objects/media/a/b.webp'), 'utf8'), 'picture');
    assert.deepEqual(await readdir(join(folder, 'drafts')), []);
    await storage.delete('media/a/b.webp');
    assert.deepEqual(await readdir(join(folder, 'objects/media')), []);
  });

  it('signs with one secret in all processes, which only this user can read', async () => {
    const now = () => 1_700_000_000_000;
    const [one, two] = await Promise.all(
      [open(now), open(now)].map((storage) => storage.signDownload({ key: 'media/a/b.webp', seconds: 60 })),
    );
    assert.equal(one, two);
    assert.match(one ?? '', /^http:\/\/127\.0\.0\.1:4000\/storage\/media\/a\/b\.webp\?expires=1700000060&signature=/);
    assert.equal((await stat(join(folder, 'secret'))).mode & 0o077, 0);
  });

  it('loses drafts that a crash has left a day ago, not those of other processes', async () => {
    await open().ping();
    for (const name of ['old', 'young']) await writeFile(join(folder, 'drafts', name), '');
    const twoDaysAgo = Date.now() / 1000 - 2 * 86_400;
    await utimes(join(folder, 'drafts/old'), twoDaysAgo, twoDaysAgo);
    await open().ping();
    assert.deepEqual(await readdir(join(folder, 'drafts')), ['young']);
  });

  it('keeps both when objects of one folder are written and deleted at the same time', async () => {
    const storage = open();
    await Promise.all(
      Array.from({ length: 60 }, async (_, n) => {
        await storage.put(`media/a/${n}.webp`, Buffer.from(String(n)));
        if (n % 2 === 0) await storage.delete(`media/a/${n}.webp`);
      }),
    );
    assert.equal((await storage.list('media/a/')).length, 30);
  });

  it('says that the storage is away, with a code, when the folder cannot be used', async () => {
    await writeFile(join(folder, 'drafts'), 'a file, not a folder');
    await assert.rejects(open().put('media/a/b.webp', Buffer.from('x')), {
      code: 'STORAGE_UNAVAILABLE',
      permanent: false,
    });
  });
});

describe('the routes of the folder', () => {
  it('show public objects without a link, and no others', async () => {
    const opened = await openFolder();
    afterTest(() => opened.close());
    for (const key of ['public/a/b.webp', 'media/a/b.webp']) await opened.storage.put(key, Buffer.from('picture'));
    const origin = new URL(await opened.storage.signDownload({ key: 'media/a/b.webp', seconds: 9 })).origin;
    const shown = await fetch(`${origin}/storage/public/a/b.webp`);
    assert.deepEqual(
      [
        shown.status,
        await shown.text(),
        shown.headers.get('x-content-type-options'),
        shown.headers.get('content-security-policy'),
      ],
      [200, 'picture', 'nosniff', "default-src 'none'; sandbox"],
    );
    assert.equal((await fetch(`${origin}/storage/public/a/b.webp`, { method: 'HEAD' })).status, 200);
    assert.equal((await fetch(`${origin}/storage/public/a/b.webp`, { method: 'PUT', body: 'x' })).status, 403);
    const refused = async (path: string) => {
      const response = await fetch(origin + path);
      const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
      return [response.status, errors[0]?.extensions.code];
    };
    assert.deepEqual(await refused('/storage/media/a/b.webp'), [403, 'LINK_INVALID']);
    assert.deepEqual(await refused('/storage/public/a/none.webp'), [404, 'STORAGE_NOT_FOUND']);
    assert.deepEqual(await refused('/storage/public/%2e%2e/secret'), [400, 'STORAGE_INVALID']);
    assert.deepEqual(await refused('/storage/'), [400, 'STORAGE_INVALID']);
  });

  it('refuse a link with a parameter twice', async () => {
    const opened = await openFolder();
    afterTest(() => opened.close());
    await opened.storage.put('media/a/b.webp', Buffer.from('picture'));
    const url = await opened.storage.signDownload({ key: 'media/a/b.webp', seconds: 9 });
    assert.equal((await fetch(`${url}&expires=9999999999`)).status, 403);
    assert.equal((await fetch(url)).status, 200);
  });
});
