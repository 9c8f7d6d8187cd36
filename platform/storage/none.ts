import { type Storage, StorageError } from './storage.ts';

/** The storage of a process that has none. Every method except `close` throws STORAGE_UNAVAILABLE. */
export class NoStorage implements Storage {
  readonly put = none;
  readonly get = none;
  readonly head = none;
  readonly delete = none;
  readonly list = none;
  readonly signUpload = none;
  readonly signDownload = none;
  readonly beginParts = none;
  readonly signPart = none;
  readonly storedParts = none;
  readonly joinParts = none;
  readonly dropParts = none;
  readonly dropOldParts = none;
  readonly ping = none;
  async close(): Promise<void> {}
}

async function none(): Promise<never> {
  throw new StorageError('STORAGE_UNAVAILABLE', 'This process has no storage: S3_BUCKET is missing');
}
