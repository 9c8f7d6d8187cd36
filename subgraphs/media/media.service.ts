import { randomBytes, randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { fileTypeFromBuffer } from 'file-type';
import { buffer } from 'node:stream/consumers';
import { z } from 'zod';
import {
  boundsOf,
  type Counted,
  counted,
  cursorsOf,
  type PageArgs,
  newestFirst,
  readPage,
  toConnection,
} from '../../platform/graphql/connection.ts';
import { badUserInput, resyncRequired } from '../../platform/graphql/errors.ts';
import { fromGlobalId, toGlobalId } from '../../platform/graphql/global-id.ts';
import { because, parseInput, text } from '../../platform/graphql/input.ts';
import { batched } from '../../platform/graphql/loader.ts';
import type { RateLimits } from '../../platform/http/rate-limits.ts';
import { hasRole, type Principal, requireUser, viewerOf } from '../../platform/identity/principal.ts';
import { LIVE_EVENTS, OUTBOX, QUESTIONS, RATE_LIMITS, STORAGE, TIMERS } from '../../platform/injection/tokens.ts';
import type { LiveEvents } from '../../platform/live/live-events.ts';
import type { LimitsOf } from '../../platform/manifest/manifest.ts';
import type { Outbox } from '../../platform/messaging/outbox/outbox.ts';
import type { Timers } from '../../platform/messaging/timers/timers.ts';
import { createOnce } from '../../platform/postgres/create-once.ts';
import { NoAnswer } from '../../platform/questions/definition.ts';
import type { Questions } from '../../platform/questions/questions.ts';
import { type SignedRequest, type Storage, StorageError } from '../../platform/storage/storage.ts';
import { Media, ProcessMedia } from '../../schema/messages/media.ts';
import { AttachmentReadable } from '../../schema/questions/chat.ts';
import { lockOwner, recordChange, uncount } from './changes.ts';
import {
  type MediaEvent,
  type MediaFile,
  type Owner,
  type Prisma,
  PrismaClient,
  type Variant,
} from './generated/prisma/client.ts';
import {
  CONTENT_TYPES,
  type ContentType,
  EXTENSIONS,
  KIND_NAMES,
  type KindName,
  KINDS,
  MB,
  mostBytes,
  PART_BYTES,
  QUOTA,
} from './kinds.ts';
import { userError } from './reasons.ts';
import type manifest from './subgraph.ts';
import { ObjectsGo, UploadExpires } from './timers.ts';
import { fromLog, fromRow } from './media-event.ts';

export const uploadInput = z
  .object({
    clientId: text(100),
    kind: z.enum(KIND_NAMES),
    contentType: z.enum(CONTENT_TYPES),
    bytes: z.int().min(1),
    checksum: z.string().refine((value) => /^[A-Za-z0-9+/]{43}=$/.test(value), because(userError('NOT_A_CHECKSUM'))),
  })
  .superRefine(({ kind, contentType, bytes }, context) => {
    const max = mostBytes(kind, contentType);
    const allowed = CONTENT_TYPES.filter((type) => mostBytes(kind, type) > 0).join(', ');
    const fault =
      max === 0
        ? ([['contentType'], userError('NOT_ONE_OF', { allowed })] as const)
        : bytes > max
          ? ([['bytes'], userError('TOO_LARGE', { max })] as const)
          : undefined;
    if (fault) context.addIssue({ code: 'custom', path: [...fault[0]], input: null, ...because(fault[1]) });
  });
export const fileInput = z.object({ fileId: z.string() });

const cursors = cursorsOf('Query.myMediaFiles by time, id, the newest first', z.tuple([z.iso.datetime(), z.uuid()]));

/** An upload that is not completed after this time is deleted. Milliseconds. */
export const UPLOAD_MS = 24 * 3_600_000;
/** How long the requests of an upload are valid. Seconds. */
export const REQUEST_SECONDS = 3_600;
/** How many bytes from the start of a file `fileTypeFromBuffer` needs to find the type. */
const HEAD_BYTES = 4_100;

export type FileWithVariants = MediaFile & { readonly variants: readonly Variant[] };

/** A page of files, and the `seq` of the newest event of the person's files before the page was read. */
export interface FilePage extends Counted<FileWithVariants> {
  readonly seq: number;
}

/** A request of an upload: which bytes of the file it sends. */
export interface PlannedRequest extends SignedRequest {
  readonly offset: number;
  readonly bytes: number;
  readonly isStored: boolean;
  readonly expiresAt: Date;
}

/** Files of people: uploads, their end, deletion, and who may see which file. */
@Injectable()
export class MediaService {
  readonly byId = batched((ids, viewer) => this.byIds(viewer, ids));
  now = (): Date => new Date();

  constructor(
    private readonly prisma: PrismaClient,
    @Inject(OUTBOX) private readonly outbox: Outbox,
    @Inject(LIVE_EVENTS) private readonly live: LiveEvents,
    @Inject(RATE_LIMITS) private readonly limits: RateLimits<LimitsOf<typeof manifest>>,
    @Inject(STORAGE) private readonly storage: Storage,
    @Inject(TIMERS) private readonly timers: Timers,
    @Inject(QUESTIONS) private readonly questions: Questions,
  ) {}

  /**
   * The files among these that the viewer may see. The owner and administrators see a file in every state. Everybody
   * sees a READY file that is an avatar, a logo or a photo of a match. The readers of a room see the READY files in its
   * messages; the subgraph chat decides that. If chat does not answer, the map has NoAnswer for these files.
   */
  async byIds(viewer: Principal, ids: readonly string[]): Promise<Map<string, FileWithVariants | NoAnswer>> {
    const rows = await this.prisma.mediaFile.findMany({
      where: { id: { in: [...ids] } },
      include: { variants: true, uses: { take: 1 } },
    });
    const isOpen = (row: (typeof rows)[number]): boolean =>
      hasRole(viewer, 'admin') ||
      (viewer.userId !== undefined && row.ownerId === viewer.userId) ||
      (row.state === 'READY' && row.uses.length > 0);
    const found = new Map<string, FileWithVariants | NoAnswer>(
      rows.filter(isOpen).map((row) => [row.id, row] as const),
    );
    const attached = rows.filter((row) => !isOpen(row) && row.state === 'READY' && row.kind === 'ATTACHMENT');
    if (attached.length === 0) return found;
    const answers = await this.questions.askAll(
      AttachmentReadable,
      attached.map(({ id }) => toGlobalId('MediaFile', id)),
      viewer,
    );
    attached.forEach((row, index) => {
      const answer = answers[index];
      if (answer instanceof NoAnswer) found.set(row.id, answer);
      else if (answer) found.set(row.id, row);
    });
    return found;
  }

  /** A page of the viewer's files, newest first; null for a guest. */
  async page(viewer: Principal, args: PageArgs): Promise<FilePage | null> {
    const ownerId = viewerOf(viewer);
    if (ownerId === undefined) return null;
    const page = readPage(args);
    const scope = { ownerId };
    const { between, ...order } = newestFirst(page, boundsOf(cursors, scope, page));
    // The position is read before the rows. So an event between the two reads is in the rows and again in the stream.
    const seq = await this.#newestSeq(ownerId);
    const rows = await this.prisma.mediaFile.findMany({
      where: { AND: [{ ownerId }, ...between] },
      include: { variants: true },
      ...order,
    });
    const connection = toConnection(rows, page, ({ createdAt, id }) =>
      cursors.encode(scope, [createdAt.toISOString(), id]),
    );
    return { ...counted(connection, (take) => this.prisma.mediaFile.count({ where: { ownerId }, take })), seq };
  }

  /** How many files and bytes of the viewer count in the quota, running uploads included; null for a guest. */
  async quota(viewer: Principal): Promise<Pick<Owner, 'files' | 'bytes'> | null> {
    const userId = viewerOf(viewer);
    if (userId === undefined) return null;
    return (await this.prisma.owner.findUnique({ where: { userId } })) ?? { files: 0, bytes: 0n };
  }

  /**
   * Begins an upload, or continues the one with this client id.
   * @throws UserErrors, RATE_LIMITED, StorageError
   */
  async createUpload(
    viewer: Principal,
    input: unknown,
  ): Promise<{ file: FileWithVariants; requests: readonly PlannedRequest[] }> {
    const { userId: ownerId } = requireUser(viewer);
    const asked = { ownerId, ...parseInput(uploadInput, input) };
    const file = await createOnce(
      () => this.#findEarlier(asked),
      async () => {
        await this.limits.take('createUpload', ownerId, viewer.clientAddress);
        return this.#begin(asked);
      },
    );
    return { file: { ...file, variants: [] }, requests: await this.#requestsOf(file) };
  }

  /**
   * Ends an upload. A file of a wrong size, or one that is no picture (no video) although announced as one, is REJECTED
   * here; the job checks everything else. A repeat returns the file.
   * @throws UserErrors, StorageError
   */
  async completeUpload(viewer: Principal, input: unknown): Promise<FileWithVariants> {
    const { userId } = requireUser(viewer);
    const file = await this.#own(userId, parseInput(fileInput, input).fileId);
    if (file.state !== 'UPLOADING') return file;
    if (file.uploadId !== null) {
      await this.storage.joinParts(file.uploadKey, file.uploadId, partsOf(file)).catch((error: unknown) => {
        if (error instanceof StorageError && error.code === 'STORAGE_INCOMPLETE')
          throw userError('NOT_UPLOADED', 'fileId');
        throw error;
      });
    }
    const stored = await this.storage.head(file.uploadKey);
    if (!stored) throw userError('NOT_UPLOADED', 'fileId');
    const rejection = stored.size === file.bytes ? await this.#faultOfType(file) : 'WRONG_SIZE';
    await this.outbox.transaction(this.prisma, async (tx, emit) => {
      await lockOwner(tx, file.ownerId);
      const state = rejection === null ? 'PROCESSING' : 'REJECTED';
      const { count } = await tx.mediaFile.updateMany({
        where: { id: file.id, state: 'UPLOADING' },
        data: { state, rejection },
      });
      if (count === 0) return; // Another request was faster, or the upload was deleted.
      await this.timers.cancel(tx, UploadExpires, file.id);
      const because = await recordChange(tx, emit, file, state, this.now());
      if (rejection === null) emit(ProcessMedia, { because, payload: { fileId: file.id } });
      else await this.dropUpload(tx, file);
    });
    return this.#own(userId, toGlobalId('MediaFile', file.id));
  }

  /** Deletes a file. A timer then deletes its objects in the storage. @returns the file's UUID. @throws UserErrors */
  async delete(viewer: Principal, input: unknown): Promise<string> {
    const { userId } = requireUser(viewer);
    const { fileId } = parseInput(fileInput, input);
    const id = fromGlobalId('MediaFile', fileId);
    const row = id === null ? null : await this.prisma.mediaFile.findUnique({ where: { id } });
    if (!row || !(row.ownerId === userId || hasRole(viewer, 'admin'))) throw userError('FILE_NOT_FOUND', 'fileId');
    await this.outbox.transaction(this.prisma, async (tx, emit) => {
      await lockOwner(tx, row.ownerId);
      await this.remove(tx, emit, row.id);
    });
    return row.id;
  }

  /** Deletes a file of a person whose row is locked. Does nothing if the file is deleted already. */
  async remove(tx: Prisma.TransactionClient, emit: Parameters<typeof recordChange>[1], id: string): Promise<void> {
    const file = await tx.mediaFile.findUnique({ where: { id } });
    if (!file) return;
    await tx.mediaFile.delete({ where: { id } });
    if (file.state !== 'REJECTED') await uncount(tx, file);
    await this.timers.cancel(tx, UploadExpires, id);
    await this.dropObjects(tx, file);
    await recordChange(tx, emit, file, null, this.now());
  }

  /**
   * Deletes the upload of a file that is READY or REJECTED. A rejected file also stops counting in its owner's quota.
   */
  async dropUpload(tx: Prisma.TransactionClient, file: MediaFile): Promise<void> {
    const stored = await tx.mediaFile.findUnique({ where: { id: file.id }, select: { state: true } });
    if (stored?.state === 'REJECTED') await uncount(tx, file);
    await this.dropObjects(tx, file);
  }

  /** Deletes the objects of a file that no row names when this transaction has committed. */
  async dropObjects(tx: Prisma.TransactionClient, file: MediaFile): Promise<void> {
    const { id: key, uploadKey, uploadId, folder } = file;
    await this.timers.set(tx, ObjectsGo, { key, after: 0, payload: { uploadKey, uploadId, folder, isLast: false } });
  }

  /**
   * The stored events of the viewer's files after `afterSeq`, then live events. With null, only events from now on.
   * @throws UNAUTHENTICATED for a guest; BAD_USER_INPUT for a negative `afterSeq`; RESYNC_REQUIRED when the events
   * after `afterSeq` are deleted, or `afterSeq` is beyond the newest event. `next()` can throw RESYNC_REQUIRED too.
   */
  async events(viewer: Principal, afterSeq: number | null): Promise<AsyncIterableIterator<MediaEvent>> {
    const { userId } = requireUser(viewer);
    if (afterSeq !== null && afterSeq < 0) throw badUserInput('afterSeq must not be negative');
    const owner = await this.prisma.owner.findUnique({ where: { userId } });
    if (afterSeq !== null && afterSeq < (owner?.trimmedSeq ?? 0))
      throw resyncRequired('the events after this cursor are not kept any more: load the current state again');
    return this.live.stream<MediaEvent>({
      topic: Media.name,
      key: userId,
      afterSeq: afterSeq ?? owner?.lastSeq ?? 0,
      read: async (after, limit) =>
        (
          await this.prisma.mediaEvent.findMany({
            where: { ownerId: userId, seq: { gt: after } },
            orderBy: { seq: 'asc' },
            take: limit,
          })
        ).map((row) => ({ seq: row.seq, event: () => fromRow(row) })),
      newestSeq: () => this.#newestSeq(userId),
      fromLog,
    });
  }

  async #newestSeq(userId: string): Promise<number> {
    return (await this.prisma.owner.findUnique({ where: { userId } }))?.lastSeq ?? 0;
  }

  async #own(userId: string, globalId: string): Promise<FileWithVariants> {
    const id = fromGlobalId('MediaFile', globalId);
    const file =
      id === null ? null : await this.prisma.mediaFile.findUnique({ where: { id }, include: { variants: true } });
    // A file of another person does not exist for the viewer.
    if (file?.ownerId !== userId) throw userError('FILE_NOT_FOUND', 'fileId');
    return file;
  }

  async #begin(asked: Asked): Promise<MediaFile> {
    const { ownerId, kind, contentType, bytes } = asked;
    const id = randomUUID();
    const uploadKey = `uploads/${id}/original.${EXTENSIONS[contentType]}`;
    const uploadId = bytes > PART_BYTES ? await this.storage.beginParts(uploadKey) : null;
    // 128 random bits: the address of a picture cannot be guessed from the id of its file.
    const folder = `${KINDS[kind].isPublic ? 'public' : 'files'}/${randomBytes(16).toString('hex')}/`;
    try {
      return await this.outbox.transaction(this.prisma, async (tx, emit) => {
        const owner = await lockOwner(tx, ownerId);
        if (owner.files >= QUOTA.files) throw userError('TOO_MANY_FILES', { max: QUOTA.files });
        if (Number(owner.bytes) + bytes > QUOTA.bytes)
          throw userError('TOO_MUCH_STORED', {
            max: QUOTA.bytes / MB,
            // Rounded up, so that the numbers never look as if the file fitted.
            used: Math.ceil(Number(owner.bytes) / MB),
            asked: Math.ceil(bytes / MB),
          });
        const open = await tx.mediaFile.count({ where: { ownerId, state: 'UPLOADING' }, take: QUOTA.uploads });
        if (open >= QUOTA.uploads) throw userError('TOO_MANY_UPLOADS', { max: QUOTA.uploads });
        await tx.owner.update({
          where: { userId: ownerId },
          data: { files: { increment: 1 }, bytes: { increment: bytes } },
        });
        const file = await tx.mediaFile.create({
          data: { id, ...asked, state: 'UPLOADING', uploadKey, uploadId, folder },
        });
        await this.timers.set(tx, UploadExpires, { key: id, after: UPLOAD_MS, payload: { fileId: id } });
        await recordChange(tx, emit, file, 'UPLOADING', this.now());
        return file;
      });
    } catch (error) {
      if (uploadId !== null) await this.storage.dropParts(uploadKey, uploadId).catch(() => undefined);
      throw error;
    }
  }

  /**
   * The file of an earlier request with this client id, or null.
   * @throws UserErrors CONFLICT if that request asked for another file
   */
  async #findEarlier({ ownerId, clientId, ...asked }: Asked): Promise<MediaFile | null> {
    const file = await this.prisma.mediaFile.findUnique({ where: { ownerId_clientId: { ownerId, clientId } } });
    const isSame =
      file?.kind === asked.kind &&
      file.contentType === asked.contentType &&
      file.bytes === asked.bytes &&
      file.checksum === asked.checksum;
    if (file && !isSame) throw userError('CLIENT_ID_USED', 'clientId');
    return file;
  }

  async #requestsOf(file: MediaFile): Promise<readonly PlannedRequest[]> {
    if (file.state !== 'UPLOADING') return [];
    const { uploadKey: key, uploadId, bytes, checksum } = file;
    const expiresAt = new Date(this.now().getTime() + REQUEST_SECONDS * 1000);
    if (uploadId === null) {
      const request = await this.storage.signUpload({ key, size: bytes, sha256: checksum, seconds: REQUEST_SECONDS });
      const isStored = (await this.storage.head(key))?.size === bytes;
      return [{ ...request, offset: 0, bytes, isStored, expiresAt }];
    }
    const stored = await this.storage.storedParts(key, uploadId);
    // A process that joined the parts may have been killed before it stored that. Then only completeUpload is missing.
    const isJoined = stored.size === 0 && (await this.storage.head(key))?.size === bytes;
    return Promise.all(
      partsOf(file).map(async (size, index) => ({
        ...(await this.storage.signPart({ key, uploadId, number: index + 1, size, seconds: REQUEST_SECONDS })),
        offset: index * PART_BYTES,
        bytes: size,
        isStored: isJoined || stored.get(index + 1) === size,
        expiresAt,
      })),
    );
  }

  /**
   * Compares the family of the content's type (image or video) with the announced one, so that `completeUpload` can
   * report a wrong one. The job compares the exact type.
   */
  async #faultOfType({ uploadKey, contentType }: MediaFile): Promise<'WRONG_TYPE' | null> {
    const { body } = await this.storage.get(uploadKey, { start: 0, end: HEAD_BYTES - 1 });
    const found = await fileTypeFromBuffer(await buffer(body)).catch(() => undefined);
    const family = contentType.slice(0, contentType.indexOf('/'));
    return found?.mime.startsWith(`${family}/`) ? null : 'WRONG_TYPE';
  }
}

interface Asked {
  readonly ownerId: string;
  readonly clientId: string;
  readonly kind: KindName;
  readonly contentType: ContentType;
  readonly bytes: number;
  readonly checksum: string;
}

/** The sizes of the parts of an upload. */
const partsOf = ({ bytes }: Pick<MediaFile, 'bytes'>): number[] =>
  Array.from({ length: Math.ceil(bytes / PART_BYTES) }, (_, index) => Math.min(PART_BYTES, bytes - index * PART_BYTES));
