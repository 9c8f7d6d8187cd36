import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, mkdir, open, readdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { create as contentDisposition } from 'content-disposition';
import { Links } from './links.ts';
import {
  type ByteRange,
  checkDownload,
  checkFolder,
  checkKey,
  checkKeys,
  checkPart,
  checkParts,
  checkRange,
  checkSize,
  checkUpload,
  checkUploadId,
  contentTypeOf,
  type Download,
  type PartUpload,
  type SignedRequest,
  type Storage,
  StorageError,
  type StoredObject,
  type Upload,
} from './storage.ts';

export interface FolderStorageOptions {
  /** The folder, which is created if it is missing. Several processes may use the same folder. */
  readonly folder: string;
  /** URL of the process that serves the folder (`folder.http.ts`), as clients reach it. */
  readonly origin: string;
  readonly now?: () => number;
}

/** The URL path below which the process serves the folder. */
export const STORAGE_PATH = '/storage/';

const DRAFT_MS = 86_400_000;

/**
 * Stores objects as files, for running without an S3 server. `<folder>/objects/<key>` is the object itself. An object
 * is written as a draft, synced, and renamed, so it survives a crash or does not exist.
 */
export class FolderStorage implements Storage {
  readonly #folder: string;
  readonly #origin: string;
  readonly #now: (() => number) | undefined;
  #opened?: Promise<Links>;

  constructor({ folder, origin, now }: FolderStorageOptions) {
    this.#folder = folder;
    this.#origin = origin.replace(/\/$/, '');
    this.#now = now;
  }

  async put(key: string, body: Uint8Array | Readable, size?: number): Promise<void> {
    checkKey(key);
    const bytes = body instanceof Readable ? size : body.byteLength;
    checkSize(bytes ?? -1);
    await this.#write(this.#file(key), body instanceof Readable ? body : Readable.from([body]), { size: bytes ?? 0 });
  }

  /**
   * Writes what a client sends with a signed request.
   * @throws {StorageError} STORAGE_INVALID when the size or the checksum differs; STORAGE_NOT_FOUND for a part of an
   * unknown upload
   */
  async receive(
    key: string,
    body: Readable,
    { size, sha256, part }: { size: number; sha256?: string; part?: { uploadId: string; number: number } },
  ): Promise<void> {
    const file = part ? join(this.#parts(part.uploadId), String(part.number)) : this.#file(key);
    if (part && (await this.#uploadOf(part.uploadId)) !== key) throw new StorageError('STORAGE_NOT_FOUND', 'No upload');
    await this.#write(file, body, { size, ...(sha256 !== undefined && { sha256 }) });
  }

  async get(key: string, range?: ByteRange): Promise<StoredObject & { readonly body: Readable }> {
    const file = this.#file(checkKey(key));
    if (range) checkRange(range);
    return this.#during('read', async () => {
      // The handle, and not the path, so that size and content are of the same object.
      const handle = await open(file, 'r');
      const { size } = await handle.stat();
      if (range && range.start >= size) {
        await handle.close();
        throw new StorageError('STORAGE_INVALID', 'The range begins after the end of the object');
      }
      return { size, contentType: contentTypeOf(key), body: handle.createReadStream({ ...range }) };
    });
  }

  async head(key: string): Promise<StoredObject | undefined> {
    const file = this.#file(checkKey(key));
    return this.#during('read', async () => ({ size: (await stat(file)).size, contentType: contentTypeOf(key) })).catch(
      (error: unknown) => {
        if (error instanceof StorageError && error.code === 'STORAGE_NOT_FOUND') return undefined;
        throw error;
      },
    );
  }

  async delete(...keys: readonly string[]): Promise<void> {
    checkKeys(keys);
    await this.#during('delete', async () => {
      for (const key of keys) {
        await rm(this.#file(key), { force: true });
        // Removes the folder if it is empty now. `#write` creates it again.
        await rmdir(dirname(this.#file(key))).catch(() => undefined);
      }
    });
  }

  async list(folder: string): Promise<readonly string[]> {
    const root = join(this.#folder, 'objects', checkFolder(folder));
    return this.#during('read', async () => {
      const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(noneIfMissing);
      const prefix = join(this.#folder, 'objects').length + 1;
      return entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(prefix).replaceAll('\\', '/'))
        .sort()
        .slice(0, 1_000);
    });
  }

  async signUpload(upload: Upload): Promise<SignedRequest> {
    checkUpload(upload);
    const { key, size, sha256, seconds } = upload;
    return this.#signPut(key, seconds, { size: String(size), sha256 });
  }

  async signDownload(download: Download): Promise<string> {
    checkDownload(download);
    const { key, seconds, fileName } = download;
    const links = await this.#open();
    const parameters = fileName === undefined ? undefined : { disposition: contentDisposition(fileName) };
    return `${this.#origin}${links.sign('GET', STORAGE_PATH + key, seconds, parameters)}`;
  }

  async beginParts(key: string): Promise<string> {
    checkKey(key);
    const uploadId = randomUUID();
    await this.#during('write', async () => {
      await mkdir(this.#parts(uploadId), { recursive: true, mode: 0o700 });
      await writeFile(join(this.#parts(uploadId), 'key'), key);
    });
    return uploadId;
  }

  async signPart(part: PartUpload): Promise<SignedRequest> {
    checkPart(part);
    const { key, uploadId, number, size, seconds } = part;
    return this.#signPut(key, seconds, { size: String(size), upload: uploadId, part: String(number) });
  }

  async storedParts(key: string, uploadId: string): Promise<ReadonlyMap<number, number>> {
    checkKey(key);
    const folder = this.#parts(uploadId);
    if ((await this.#uploadOf(uploadId)) !== key) return new Map();
    const sizes = await this.#during('read', async () =>
      Promise.all(
        (await readdir(folder))
          .filter((name) => name !== 'key')
          .map(async (name) => [Number(name), (await stat(join(folder, name))).size] as const),
      ),
    );
    return new Map(sizes);
  }

  async joinParts(key: string, uploadId: string, sizes: readonly number[]): Promise<void> {
    checkKey(key);
    checkParts(sizes);
    const folder = this.#parts(uploadId);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const isJoined = async (): Promise<boolean> =>
      (await this.#uploadOf(uploadId)) !== key && (await this.head(key))?.size === total;
    if (await isJoined()) return;
    const found = await this.storedParts(key, uploadId).catch(() => new Map<number, number>());
    if (found.size !== sizes.length || sizes.some((size, index) => found.get(index + 1) !== size))
      return orIncomplete(isJoined);
    const files = sizes.map((_, index) => join(folder, String(index + 1)));
    await this.#write(this.#file(key), Readable.from(joined(files)), { size: total }).catch(async (error: unknown) => {
      // Another call has joined or dropped the upload since.
      if ((await this.#uploadOf(uploadId)) === key) throw error;
      return orIncomplete(isJoined);
    });
    await this.dropParts(key, uploadId);
  }

  async dropParts(_key: string, uploadId: string): Promise<void> {
    await this.#during('delete', () => rm(this.#parts(uploadId), { recursive: true, force: true }));
  }

  async dropOldParts(folder: string, before: Date): Promise<number> {
    checkFolder(folder);
    return this.#during('delete', async () => {
      let count = 0;
      for (const uploadId of await namesIn(join(this.#folder, 'parts'))) {
        const begun = await stat(join(this.#parts(uploadId), 'key')).catch(() => stat(this.#parts(uploadId)));
        // An upload without a key was begun by a process that was killed before it had written the key.
        const isOf = (await this.#uploadOf(uploadId))?.startsWith(folder) ?? true;
        if (!isOf || begun.mtimeMs >= before.getTime()) continue;
        await rm(this.#parts(uploadId), { recursive: true, force: true });
        count++;
      }
      return count;
    });
  }

  async ping(): Promise<void> {
    await this.#open();
  }

  async close(): Promise<void> {}

  /** The signatures of this folder's links. */
  links(): Promise<Links> {
    return this.#open();
  }

  async #signPut(key: string, seconds: number, parameters: Record<string, string>): Promise<SignedRequest> {
    const links = await this.#open();
    const path = links.sign('PUT', STORAGE_PATH + key, seconds, parameters);
    return { method: 'PUT', url: `${this.#origin}${path}`, headers: { 'content-type': contentTypeOf(key) } };
  }

  #file(key: string): string {
    return join(this.#folder, 'objects', key);
  }

  #parts(uploadId: string): string {
    checkUploadId(uploadId);
    // Only an id that this adapter has made may become a part of a path. Any other id leads to a folder that does not
    // exist.
    if (!/^[0-9a-f-]{36}$/.test(uploadId)) return join(this.#folder, 'parts', 'none');
    return join(this.#folder, 'parts', uploadId);
  }

  async #uploadOf(uploadId: string): Promise<string | undefined> {
    return readFile(join(this.#parts(uploadId), 'key'), 'utf8').catch(() => undefined);
  }

  /** The secret of the links is a file, so that links survive a restart and all processes share it. */
  #open(): Promise<Links> {
    this.#opened ??= this.#during('open', async () => {
      const drafts = join(this.#folder, 'drafts');
      await mkdir(drafts, { recursive: true, mode: 0o700 });
      const file = join(this.#folder, 'secret');
      const draft = join(drafts, randomUUID());
      await writeFile(draft, randomBytes(32), { mode: 0o600 });
      // Only one of several concurrent processes creates the file. The others use the secret of that one.
      await link(draft, file).catch((error: unknown) => {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      });
      await rm(draft, { force: true });
      for (const name of await readdir(drafts)) {
        const path = join(drafts, name);
        const left = await stat(path).catch(() => undefined);
        if (left && Date.now() - left.mtimeMs > DRAFT_MS) await rm(path, { force: true });
      }
      return new Links(await readFile(file), this.#now);
    }).catch((error: unknown) => {
      this.#opened = undefined;
      throw error;
    });
    return this.#opened;
  }

  async #write(file: string, body: Readable, { size, sha256 }: { size: number; sha256?: string }): Promise<void> {
    try {
      await this.#open();
    } catch (error) {
      body.destroy();
      throw error;
    }
    const draft = join(this.#folder, 'drafts', randomUUID());
    const hash = createHash('sha256');
    let count = 0;
    await this.#during('write', async () => {
      const handle = await open(draft, 'wx', 0o600);
      try {
        await pipeline(body, async (chunks: AsyncIterable<Uint8Array>) => {
          for await (const chunk of chunks) {
            count += chunk.byteLength;
            if (count > size) throw new StorageError('STORAGE_INVALID', `The body has more than ${size} bytes`);
            if (sha256 !== undefined) hash.update(chunk);
            await handle.writeFile(chunk);
          }
        });
        if (count !== size) throw new StorageError('STORAGE_INVALID', `The body has ${count} bytes, not ${size}`);
        if (sha256 !== undefined && hash.digest('base64') !== sha256)
          throw new StorageError('STORAGE_INVALID', 'The body has another checksum');
        await handle.datasync();
        await handle.close();
        // Tries again, because a concurrent `delete` may remove the empty folder before the rename.
        for (let attempt = 1; ; attempt++) {
          await mkdir(dirname(file), { recursive: true, mode: 0o700 });
          const renamed = await rename(draft, file).then(
            () => true,
            (error: unknown) => {
              if ((error as NodeJS.ErrnoException).code === 'ENOENT' && attempt < 5) return false;
              throw error;
            },
          );
          if (renamed) return;
        }
      } catch (error) {
        await handle.close().catch(() => undefined);
        await rm(draft, { force: true }).catch(() => undefined);
        throw error;
      }
    });
  }

  async #during<T>(doing: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof StorageError) throw error;
      if ((error as NodeJS.ErrnoException).code === 'ENOENT' && doing === 'read')
        throw new StorageError('STORAGE_NOT_FOUND', 'There is no such object', { cause: error });
      throw new StorageError('STORAGE_UNAVAILABLE', `Cannot ${doing} in ${this.#folder}: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }
}

const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(noneIfMissing);

function noneIfMissing(error: unknown): never[] {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
  throw error;
}

async function orIncomplete(isJoined: () => Promise<boolean>): Promise<void> {
  if (!(await isJoined()))
    throw new StorageError('STORAGE_INCOMPLETE', 'A part is missing, has another size or is too many');
}

async function* joined(files: readonly string[]): AsyncGenerator<Buffer> {
  for (const file of files) yield* createReadStream(file);
}
