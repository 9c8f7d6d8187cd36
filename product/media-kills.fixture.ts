import assert from 'node:assert/strict';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { appendFile, readdir, readFile, utimes } from 'node:fs/promises';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { toGlobalId } from '../platform/graphql/global-id.ts';
import type { Storage } from '../platform/storage/storage.ts';
import { movie, photo } from '../subgraphs/media/media.fixture.ts';
import { PART_BYTES } from '../subgraphs/media/kinds.ts';
import { until } from '../test/network/until.ts';

/** Clients that upload at the same time. */
const WRITERS = 4;
/** How often each client goes through all cases. docs/media.md has the counts of longer runs. */
const ROUNDS = Number(process.env.ROUNDS ?? 1);
/** Longer than a queue takes to notice a dead worker and to deliver its job again. Milliseconds. */
const FINISHED_MS = 150_000;

interface Case {
  readonly name: string;
  readonly kind: string;
  readonly contentType: string;
  readonly body: Buffer;
  /** How far the client goes, and what must become of the file. */
  readonly end: 'READY' | 'REJECTED' | 'abandoned' | 'deleted';
}

/** An installation whose processes are killed. */
export interface Installation {
  readonly databaseUrl: string;
  /** The same objects as the processes have. */
  readonly storage: Storage;
  /** The TMPDIR of the processes. */
  readonly temporary: string;
  /** Asks media as a person. @throws Error unless the answer has data */
  ask(query: string, variables: object): Promise<Record<string, unknown>>;
  /** What is killed, by its name. Each function kills it, and resolves when it is ready again. */
  readonly victims: Readonly<Record<string, () => Promise<void>>>;
  /** The process whose children decode files. */
  workerPid(): number | undefined;
  /** Makes everything that a killed process has left look three days old. Restarts the processes meanwhile. */
  age(): Promise<void>;
}

/** What was found when all was over. Everything but the first four must be 0. */
export interface Counts {
  readonly kills: Readonly<Record<string, number>>;
  /** Files whose `completeUpload` was acknowledged, and those whose deletion was. */
  readonly acknowledged: number;
  readonly ready: number;
  readonly rejected: number;
  readonly deleted: number;
  /** Files that were begun and never completed. */
  readonly swept: number;
  readonly lost: number;
  readonly wronglyEnded: number;
  readonly unfinished: number;
  readonly parkedTimers: number;
  readonly halfWritten: number;
  readonly objectsWithoutRow: number;
  readonly rowsWithoutObject: number;
  readonly uploadsInParts: number;
  readonly wrongQuotas: number;
  readonly processesLeft: number;
  readonly foldersLeft: number;
}

/** Kills the victims in this order while clients upload, then counts. */
export async function killWhileUploading(installation: Installation, order: readonly string[]): Promise<Counts> {
  const cases = await allCases();
  const total = WRITERS * ROUNDS * cases.length;
  const database = new pg.Pool({ connectionString: installation.databaseUrl, max: 2 });
  try {
    const ends = new Map<string, Case>();
    let done = 0;
    const writing = Array.from({ length: WRITERS }, async (_, writer) => {
      for (let n = 0; n < ROUNDS * cases.length; n++) {
        const of = cases[(n + writer) % cases.length] ?? assert.fail();
        ends.set(await upload(installation, of), of);
        done++;
      }
    });
    const decoders = new Set<number>();
    const kills: Record<string, number> = {};
    const killing = (async () => {
      for (const [n, victim] of order.entries()) {
        await until('the next kill is due', () => done >= (total * n) / (order.length + 1), FINISHED_MS);
        // In the middle of work, as far as one can see from outside.
        await until('a file is decoded', async () => (await decodersOf(installation.workerPid())).length > 0, 60_000);
        for (const pid of await decodersOf(installation.workerPid())) decoders.add(pid);
        await (installation.victims[victim] ?? assert.fail(victim))();
        kills[victim] = (kills[victim] ?? 0) + 1;
      }
    })();
    await Promise.all([...writing, killing]);

    const rows = async <T>(sql: string): Promise<T[]> => (await database.query(sql)).rows as T[];
    await until(
      'every file is finished',
      async () => (await rows(`SELECT 1 FROM media.media_files WHERE state = 'PROCESSING'`)).length === 0,
      FINISHED_MS,
    ).catch(() => undefined);
    await sweep(database, installation);
    const counts = { kills, ...(await count(installation, rows, ends)), processesLeft: await runningOf(decoders) };
    if (process.env.COUNTS_FILE) await appendFile(process.env.COUNTS_FILE, `${JSON.stringify(counts)}\n`);
    return counts;
  } finally {
    await database.end();
  }
}

async function allCases(): Promise<readonly Case[]> {
  const noisy = async (): Promise<Buffer> =>
    photo({ width: 1600, height: 1200 }).then((body) => Buffer.concat([body, randomBytes(300_000)]));
  const picture = { kind: 'ATTACHMENT', contentType: 'image/jpeg' };
  const video = { kind: 'ATTACHMENT', contentType: 'video/mp4', body: movie({ media: randomBytes(PART_BYTES) }) };
  const body = await noisy();
  return [
    { ...picture, name: 'a photo', body, end: 'READY' },
    { ...video, name: 'a video in parts', end: 'READY' },
    { ...picture, name: 'a zip', body: Buffer.from('PK\x03\x04\x14\0\0\0\x08\0 zip'), end: 'REJECTED' },
    { ...picture, name: 'a photo that is deleted', body, end: 'deleted' },
    { ...picture, name: 'an avatar', kind: 'AVATAR', body: await photo({ width: 900, height: 900 }), end: 'READY' },
    { ...picture, name: 'a photo that is not completed', body, end: 'abandoned' },
    { ...picture, name: 'half a photo', body: body.subarray(0, 3_000), end: 'REJECTED' },
    { ...video, name: 'a video that is not completed', end: 'abandoned' },
  ];
}

const CREATE = `mutation ($input: CreateUploadInput!) { createUpload(input: $input) {
  file { id } requests { method url headers { name value } offset bytes isStored } userErrors { reason } } }`;
const COMPLETE =
  'mutation ($input: CompleteUploadInput!) { completeUpload(input: $input) { file { state } userErrors { reason } } }';
const DELETE =
  'mutation ($input: DeleteMediaFileInput!) { deleteMediaFile(input: $input) { fileId userErrors { reason } } }';

interface Request {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly offset: number;
  readonly bytes: number;
  readonly isStored: boolean;
}

/**
 * Uploads a file as a good client does: after any failure it begins again with the same client id. @returns the global id
 * of the file, when the last step is acknowledged
 */
async function upload({ ask }: Installation, { kind, contentType, body, end }: Case): Promise<string> {
  const checksum = createHash('sha256').update(body).digest('base64');
  const input = { clientId: randomUUID(), kind, contentType, bytes: body.length, checksum };
  return until(
    'the upload is acknowledged',
    async () => {
      const created = (await ask(CREATE, { input }))['createUpload'] as {
        file: { id: string };
        requests: readonly Request[];
      };
      const { id: fileId } = created.file;
      for (const { method, url, headers, offset, bytes, isStored } of created.requests) {
        if (isStored) continue;
        const named = Object.fromEntries(headers.map(({ name, value }) => [name, value]));
        const part = new Uint8Array(body.subarray(offset, offset + bytes));
        const sent = await fetch(url, { method, headers: named, body: part, signal: AbortSignal.timeout(20_000) });
        await sent.arrayBuffer();
        if (!sent.ok) throw new Error(`the storage answered ${sent.status}`);
        if (end === 'abandoned') return fileId;
      }
      if (end === 'abandoned') return fileId;
      const completed = (await ask(COMPLETE, { input: { fileId } }))['completeUpload'] as { file: object | null };
      if (!completed.file) throw new Error(`not completed: ${JSON.stringify(completed)}`);
      if (end !== 'deleted') return fileId;
      // The worker may have begun with it.
      await sleep(Math.random() * 1_000);
      return await until('it is deleted', async () => {
        const { fileId: gone, userErrors } = (await ask(DELETE, { input: { fileId } }))['deleteMediaFile'] as {
          fileId: string | null;
          userErrors: { reason: string }[];
        };
        return (gone === fileId || userErrors[0]?.reason === 'FILE_NOT_FOUND') && fileId;
      });
    },
    FINISHED_MS,
  );
}

/** Lets the time pass until everything is swept: a day for uploads, then hours for their objects. */
async function sweep(database: pg.Pool, installation: Installation): Promise<void> {
  for (const name of ['upload-expires', 'objects-go'])
    await until(
      `no timer ${name} is left`,
      async () => {
        const { rowCount } = await database.query(
          'UPDATE media.timers SET due_at = least(due_at, now()) WHERE name = $1 AND parked_at IS NULL',
          [name],
        );
        return rowCount === 0;
      },
      60_000,
    );
  for (const folder of await readdir(installation.temporary)) await makeOld(path.join(installation.temporary, folder));
  await installation.age();
  await database.query(`UPDATE media.timers SET due_at = now() WHERE name = 'parts-expire'`);
  await until('lost uploads in parts are swept', async () => {
    const { rows } = await database.query(`SELECT FROM media.timers WHERE name = 'parts-expire' AND due_at > now()`);
    return rows.length === 1;
  });
  const [last] = await allCases();
  assert.ok(last);
  const fileId = await upload(installation, last);
  await until('it is ready', async () => {
    const { mediaFile } = (await installation.ask('query ($id: ID!) { mediaFile(id: $id) { state } }', {
      id: fileId,
    })) as { mediaFile: { state: string } };
    return mediaFile.state === 'READY';
  });
  await installation.ask(DELETE, { input: { fileId } });
  await until('its objects are gone', async () => {
    const { rows } = await database.query(`SELECT is_last FROM (
      SELECT (payload ->> 'isLast')::boolean AS is_last FROM media.timers WHERE name = 'objects-go') t WHERE NOT is_last`);
    return rows.length === 0;
  });
}

/** Sets the times of a file or a folder to three days ago. */
export async function makeOld(file: string): Promise<void> {
  const old = new Date(Date.now() - 3 * 86_400_000);
  await utimes(file, old, old);
}

interface Row {
  readonly id: string;
  readonly state: string;
  readonly rejection: string | null;
  readonly owner_id: string;
  readonly bytes: number;
}

async function count(
  { storage, temporary }: Installation,
  rows: <T>(sql: string) => Promise<T[]>,
  ends: ReadonlyMap<string, Case>,
): Promise<Omit<Counts, 'kills' | 'processesLeft'>> {
  const files = new Map(
    (await rows<Row>('SELECT id, state, rejection, owner_id, bytes FROM media.media_files')).map((row) => [
      toGlobalId('MediaFile', row.id),
      row,
    ]),
  );
  const keys = new Set((await rows<{ key: string }>('SELECT key FROM media.variants')).map(({ key }) => key));
  const objects = (await Promise.all(['uploads/', 'files/', 'public/'].map((folder) => storage.list(folder)))).flat();
  assert.ok(objects.length < 1_000, 'a list is bounded');
  let halfWritten = 0;
  for (const key of objects.filter((each) => keys.has(each))) {
    const content = await buffer((await storage.get(key)).body);
    const hash = createHash('sha256').update(content).digest('hex').slice(0, 16);
    if (!key.split('/').at(-1)?.startsWith(`${hash}-`)) halfWritten++;
  }
  const of = (end: Case['end']): [string, Case][] => [...ends].filter(([, each]) => each.end === end);
  const stateOf = (id: string): string | undefined => files.get(id)?.state;
  const owners = await rows<{ user_id: string; files: number; bytes: string }>(
    'SELECT user_id, files, bytes FROM media.owners',
  );
  const wrongQuotas = owners.filter((owner) => {
    const own = [...files.values()].filter((file) => file.owner_id === owner.user_id && file.state !== 'REJECTED');
    return owner.files !== own.length || Number(owner.bytes) !== own.reduce((sum, { bytes }) => sum + bytes, 0);
  }).length;
  const kept = [...of('READY'), ...of('REJECTED')];
  const [{ dead } = { dead: 0 }] = await rows<{ dead: number }>(
    `SELECT count(*)::int AS dead FROM media.timers WHERE parked_at IS NOT NULL`,
  );
  return {
    acknowledged: kept.length + of('deleted').length,
    ready: of('READY').filter(([id]) => stateOf(id) === 'READY').length,
    rejected: of('REJECTED').filter(([id]) => stateOf(id) === 'REJECTED' && files.get(id)?.rejection).length,
    deleted: of('deleted').filter(([id]) => !files.has(id)).length,
    swept: of('abandoned').filter(([id]) => !files.has(id)).length,
    lost: kept.filter(([id]) => !files.has(id)).length,
    wronglyEnded: [...ends].filter(([id, { end }]) => files.has(id) && stateOf(id) !== end).length,
    unfinished: [...files.values()].filter(({ state }) => state !== 'READY' && state !== 'REJECTED').length,
    parkedTimers: dead,
    halfWritten,
    objectsWithoutRow: objects.filter((key) => !keys.has(key)).length,
    rowsWithoutObject: [...keys].filter((key) => !objects.includes(key)).length,
    uploadsInParts: await storage.dropOldParts('uploads/', new Date(Date.now() + 60_000)),
    wrongQuotas,
    foldersLeft: (await readdir(temporary)).filter((name) => name.startsWith('prodvor-media-')).length,
  };
}

/** The processes that decode files for this process. */
export async function decodersOf(pid: number | undefined): Promise<number[]> {
  const children = (await read(pid, `task/${pid}/children`)).match(/\d+/g) ?? [];
  const all = await Promise.all(
    children.map(async (child) => ({ pid: Number(child), line: await read(child, 'cmdline') })),
  );
  return all.filter(({ line }) => line.includes('media/processing/process.ts')).map((each) => each.pid);
}

/** How many of these processes still decode. Those of a dead parent end by themselves. */
async function runningOf(pids: ReadonlySet<number>): Promise<number> {
  const lines = await Promise.all([...pids].map((pid) => read(pid, 'cmdline')));
  return lines.filter((line) => line.includes('media/processing/process.ts')).length;
}

const read = (pid: number | string | undefined, file: string): Promise<string> =>
  readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');

/** What must be true, wherever the objects are. */
export function assertNothingLost(counts: Counts, order: readonly string[]): void {
  const each = WRITERS * ROUNDS;
  const { kills, ...rest } = counts;
  assert.deepEqual(
    Object.values(kills).reduce((sum, n) => sum + n, 0),
    order.length,
  );
  assert.deepEqual(rest, {
    acknowledged: 6 * each,
    ready: 3 * each,
    rejected: 2 * each,
    deleted: each,
    swept: 2 * each,
    lost: 0,
    wronglyEnded: 0,
    unfinished: 0,
    parkedTimers: 0,
    halfWritten: 0,
    objectsWithoutRow: 0,
    rowsWithoutObject: 0,
    uploadsInParts: 0,
    wrongQuotas: 0,
    processesLeft: 0,
    foldersLeft: 0,
  } satisfies Omit<Counts, 'kills'>);
}
