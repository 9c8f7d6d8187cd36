import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import type { Counter, Histogram } from 'prom-client';
import { OUTBOX, STORAGE, TIMERS } from '../../platform/injection/tokens.ts';
import type { Outbox } from '../../platform/messaging/outbox/outbox.ts';
import { handle } from '../../platform/messaging/timers/definition.ts';
import type { Timers } from '../../platform/messaging/timers/timers.ts';
import { Metrics } from '../../platform/observability/metrics.ts';
import { type Storage, StorageError } from '../../platform/storage/storage.ts';
import { lockOwner, recordChange } from './changes.ts';
import { type MediaFile, PrismaClient } from './generated/prisma/client.ts';
import { MediaService, REQUEST_SECONDS, UPLOAD_MS } from './media.service.ts';
import { processFile, PROCESSOR_LIMITS, type ProcessorLimits } from './processing/processor.ts';
import type { Made, Processed, Refusal } from './processing/result.ts';
import { EventsExpire, ObjectsGo, PartsExpire, UploadExpires } from './timers.ts';

const DAY_MS = 86_400_000;
/** How long events of a person's files are kept. Milliseconds. */
const EVENTS_MS = 30 * DAY_MS;
/** How many old events one run of the timer deletes. */
const EVENTS_AT_ONCE = 1_000;
/**
 * When the objects of a file are looked at for the last time. An upload that begins with the last valid link, and a
 * worker that processes a deleted file, have ended by then. Milliseconds.
 */
const LAST_LOOK_MS = 2 * REQUEST_SECONDS * 1000;
/** The folder of a job on this machine. Older ones were left by processes that were killed. Milliseconds. */
const FOLDER = 'prodvor-media-';
const FOLDER_MS = 3_600_000;

type Rejection = Refusal | 'WRONG_SIZE' | 'WRONG_CHECKSUM';

/** Does the jobs and the timers of files. Each may run twice. A migration sets the first EventsExpire timer. */
@Injectable()
export class ProcessingService implements OnApplicationBootstrap {
  private readonly log = new Logger(ProcessingService.name);
  readonly #processed: Counter<'kind' | 'result'>;
  readonly #seconds: Histogram<'kind'>;
  limits: ProcessorLimits = PROCESSOR_LIMITS;
  /** Called with the process id of each process that is started to decode a file. */
  onStarted?: (pid: number) => void;
  now = (): Date => new Date();

  constructor(
    private readonly prisma: PrismaClient,
    private readonly media: MediaService,
    metrics: Metrics,
    @Inject(OUTBOX) private readonly outbox: Outbox,
    @Inject(STORAGE) private readonly storage: Storage,
    @Inject(TIMERS) private readonly timers: Timers,
  ) {
    this.#processed = metrics.counter('media_processed_total', 'Files that were processed, by their kind and result', [
      'kind',
      'result',
    ]);
    this.#seconds = metrics.histogram(
      'media_processing_seconds',
      'Time that processing a file took',
      ['kind'],
      SECONDS,
    );
  }

  onApplicationBootstrap(): void {
    this.runner().start();
  }

  runner() {
    return this.timers.runner(this.prisma, [
      handle(UploadExpires, async ({ tx, emit, payload: { fileId } }) => {
        const file = await tx.mediaFile.findUnique({ where: { id: fileId } });
        if (file?.state !== 'UPLOADING') return;
        await lockOwner(tx, file.ownerId);
        await this.media.remove(tx, emit, fileId);
      }),
      handle(ObjectsGo, async ({ tx, key, payload }) => {
        const variants = await tx.variant.findMany({ where: { fileId: key }, select: { key: true } });
        await this.#removeObjects(payload, new Set(variants.map((variant) => variant.key)));
        if (!payload.isLast)
          await this.timers.set(tx, ObjectsGo, { key, after: LAST_LOOK_MS, payload: { ...payload, isLast: true } });
      }),
      handle(PartsExpire, async ({ tx }) => {
        await this.storage.dropOldParts('uploads/', new Date(this.now().getTime() - 2 * UPLOAD_MS));
        await this.timers.set(tx, PartsExpire, { key: 'all', after: DAY_MS, payload: {} });
      }),
      handle(EventsExpire, async ({ tx }) => {
        const before = new Date(this.now().getTime() - EVENTS_MS);
        const deleted = await tx.$executeRaw`
          WITH old AS (
            SELECT owner_id, seq FROM media.media_events WHERE at < ${before}::timestamptz ORDER BY at LIMIT ${EVENTS_AT_ONCE}::int
          ), gone AS (
            DELETE FROM media.media_events e USING old WHERE e.owner_id = old.owner_id AND e.seq = old.seq RETURNING e.owner_id, e.seq
          ), newest AS (SELECT owner_id, max(seq) AS seq FROM gone GROUP BY owner_id)
          UPDATE media.owners o SET trimmed_seq = greatest(trimmed_seq, newest.seq) FROM newest WHERE newest.owner_id = o.user_id`;
        await this.timers.set(tx, EventsExpire, { key: 'all', after: deleted > 0 ? 1_000 : DAY_MS, payload: {} });
      }),
    ]);
  }

  /** Checks a file and stores its pictures and video. Does nothing unless the file is PROCESSING. */
  async process(fileId: string): Promise<void> {
    const file = await this.prisma.mediaFile.findUnique({ where: { id: fileId } });
    if (file?.state !== 'PROCESSING') return;
    await removeLeftFolders();
    const folder = await mkdtemp(join(tmpdir(), FOLDER));
    const began = performance.now();
    try {
      const result = await this.#examine(file, folder);
      if (typeof result === 'string') await this.#reject(file, result);
      else await this.#accept(file, result);
      this.#processed.inc({ kind: file.kind, result: typeof result === 'string' ? result : 'READY' });
      this.#seconds.observe({ kind: file.kind }, (performance.now() - began) / 1000);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Deletes an upload, and everything in the folder except these pictures. @throws StorageError */
  async #removeObjects(
    { uploadKey, uploadId, folder }: Pick<MediaFile, 'uploadKey' | 'uploadId'> & { folder: string | null },
    pictures: ReadonlySet<string>,
  ): Promise<void> {
    if (uploadId !== null) await this.storage.dropParts(uploadKey, uploadId);
    await this.storage.delete(uploadKey);
    if (folder === null) return;
    await this.storage.delete(...(await this.storage.list(folder)).filter((key) => !pictures.has(key)));
  }

  async #examine(file: MediaFile, folder: string): Promise<Processed | Rejection> {
    const local = join(folder, 'original');
    const fault = await this.#fetch(file, local);
    if (fault) return fault;
    const outcome = await processFile(
      { file: local, contentType: file.contentType, folder },
      this.limits,
      this.onStarted,
    );
    return 'refusal' in outcome ? outcome.refusal : outcome;
  }

  /**
   * Copies the upload to a local file. The checks read this copy, so a later upload to the same link changes nothing.
   * @returns why the file is rejected, or null
   */
  async #fetch({ uploadKey, bytes, checksum }: MediaFile, local: string): Promise<Rejection | null> {
    const { body, size } = await this.storage.get(uploadKey).catch((error: unknown) => {
      // The upload existed at completeUpload. If it is missing now, the job fails and is tried again.
      throw error instanceof StorageError ? error : new Error('the upload cannot be read', { cause: error });
    });
    if (size !== bytes) {
      body.destroy();
      return 'WRONG_SIZE';
    }
    const hash = createHash('sha256');
    const hashing = new Transform({
      transform(chunk: Uint8Array, _encoding, done) {
        hash.update(chunk);
        done(null, chunk);
      },
    });
    await pipeline(body, hashing, createWriteStream(local, { mode: 0o600 }));
    return hash.digest('base64') === checksum ? null : 'WRONG_CHECKSUM';
  }

  async #accept(file: MediaFile, { made, ...facts }: Processed): Promise<void> {
    const variants = [];
    for (const one of made) {
      const key = `${file.folder}${await hashOf(one.file)}-${one.size.toLowerCase()}.${one.extension}`;
      await this.storage.put(key, createReadStream(one.file), (await stat(one.file)).size);
      variants.push({ size: one.size, extension: one.extension, key });
    }
    await this.#finish(file, { state: 'READY', ...facts }, variants);
  }

  async #reject(file: MediaFile, rejection: Rejection): Promise<void> {
    this.log.debug(`file ${file.id} is rejected: ${rejection}`);
    await this.#finish(file, { state: 'REJECTED', rejection }, []);
  }

  async #finish(
    file: MediaFile,
    data: { state: 'READY' | 'REJECTED'; rejection?: string } & Partial<Omit<Processed, 'made'>>,
    variants: readonly { size: Made['size']; extension: string; key: string }[],
  ): Promise<void> {
    await this.outbox.transaction(this.prisma, async (tx, emit) => {
      await lockOwner(tx, file.ownerId);
      const { count } = await tx.mediaFile.updateMany({ where: { id: file.id, state: 'PROCESSING' }, data });
      if (count === 0) {
        // The file was deleted meanwhile, or another worker has finished it, perhaps with other pictures. Then no row
        // names the new pictures in its folder.
        return this.media.dropObjects(tx, file);
      }
      await tx.variant.createMany({ data: variants.map((variant) => ({ fileId: file.id, ...variant })) });
      await this.media.dropUpload(tx, file);
      await recordChange(tx, emit, file, data.state, this.now());
    });
  }
}

/** Deletes the folders of processes that were killed in the middle of a job. */
async function removeLeftFolders(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(FOLDER)) continue;
    const path = join(tmpdir(), name);
    const left = await stat(path).catch(() => undefined);
    if (left && Date.now() - left.mtimeMs > FOLDER_MS)
      await rm(path, { recursive: true, force: true }).catch(() => undefined); // It may be of another user.
  }
}

/** Buckets in seconds: a small picture takes less than one, a large one several. */
const SECONDS = [0.25, 0.5, 1, 2, 4, 8, 15, 30, 60];

/** The first 64 bits of the content's SHA-256 in hex. It is part of the key, so other content has another key. */
async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex').slice(0, 16);
}
