import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Composition, SubgraphSource } from './compose.worker.ts';
import { SupergraphError } from './supergraph.ts';

/**
 * A supergraph in a file, or the SDL of its subgraphs in a directory. Each subgraph is a file `<name>.graphql` whose
 * first line gives its URL: `# url: http://…`.
 */
export interface SupergraphFiles {
  /**
   * Reads the files, and composes subgraphs.
   * @returns the SDL of the supergraph
   * @throws SupergraphError
   */
  read(): Promise<string>;
  /**
   * Calls `changed` when the files have changed and then stayed the same for one interval. It polls instead of
   * listening to file events. Only polling works for all files: written in place, replaced, symbolic links (as
   * Kubernetes mounts configuration) or on a network.
   */
  watch(changed: () => Promise<unknown>, intervalMs?: number): Watcher;
}

export interface Watcher {
  /** Checks the files now, in addition to the regular checks. */
  look(): Promise<void>;
  close(): void;
}

const INTERVAL_MS = 500;

export function supergraphFiles(path: string): SupergraphFiles {
  /** A text that changes whenever a file changes. */
  const fingerprint = async (): Promise<string> => {
    try {
      const paths = (await isDirectory(path)) ? (await sdlFiles(path)).map((name) => join(path, name)) : [path];
      const parts = await Promise.all(
        paths.map(async (file) => {
          const { ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
          return `${file} ${ino} ${size} ${mtimeNs} ${ctimeNs}`;
        }),
      );
      return parts.join('\n');
    } catch (error) {
      return `unreadable: ${String(error)}`;
    }
  };
  let loaded: Promise<string> | undefined;

  return {
    async read() {
      loaded = fingerprint(); // Taken before the content is read: a change during the read leads to another read.
      await loaded;
      try {
        return (await isDirectory(path)) ? await composed(path) : await readFile(path, 'utf8');
      } catch (error) {
        throw error instanceof SupergraphError ? error : new SupergraphError(problemOf(error), { cause: error });
      }
    },
    watch(changed, intervalMs = INTERVAL_MS) {
      let seen: string | undefined;
      let timer: NodeJS.Timeout | undefined;
      let closed = false;
      const look = async (): Promise<void> => {
        const now = await fingerprint();
        // Loads the files only when two checks have found the same fingerprint: then the writer has finished.
        if (now === seen && now !== (await loaded)) {
          loaded = Promise.resolve(now);
          await changed();
        }
        seen = now;
      };
      const wait = (): void =>
        void (timer = setTimeout(
          () =>
            void look().finally(() => {
              if (!closed) wait();
            }),
          intervalMs,
        ).unref());
      wait();
      return {
        look,
        close() {
          closed = true;
          clearTimeout(timer);
        },
      };
    },
  };
}

const isDirectory = async (path: string): Promise<boolean> => (await stat(path)).isDirectory();
const sdlFiles = async (directory: string): Promise<string[]> =>
  (await readdir(directory)).filter((name) => name.endsWith('.graphql') && !name.startsWith('.')).sort();

function problemOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return (
    { ENOENT: 'there is no such file', EACCES: 'it is not readable' }[code] ??
    `it cannot be read (${code || String(error)})`
  );
}

/** Composes the subgraphs of a directory. @throws SupergraphError with the first problem */
async function composed(directory: string): Promise<string> {
  const names = await sdlFiles(directory);
  if (names.length === 0) throw new SupergraphError('there is no .graphql file in this directory');
  const sources = await Promise.all(
    names.map(async (file): Promise<SubgraphSource> => {
      const sdl = await readFile(join(directory, file), 'utf8');
      return { name: basename(file, '.graphql'), url: /^\uFEFF?#[ \t]*url:[ \t]*(\S+)/i.exec(sdl)?.[1] ?? '', sdl };
    }),
  );
  const { sdl, problems } = await compose(sources);
  if (sdl !== undefined) return sdl;
  const [first = 'they cannot be composed', ...more] = problems;
  throw new SupergraphError(`${first}${more.length > 0 ? ` (and ${more.length} more)` : ''}`);
}

const COMPOSITION_MS = 60_000;
const HEAP_MB = 1_024;

/**
 * Composes subgraphs in a worker thread that ends afterwards. Composition would block this thread, and V8 would keep
 * the memory for long.
 */
function compose(subgraphs: readonly SubgraphSource[]): Promise<Composition> {
  // The worker's file has the same extension as this file: .js in a published build.
  const worker = new Worker(new URL(`compose.worker${extname(import.meta.filename)}`, import.meta.url), {
    workerData: subgraphs,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new SupergraphError(`composition took more than ${COMPOSITION_MS} ms`));
      void worker.terminate();
    }, COMPOSITION_MS);
    worker.once('message', resolve);
    worker.once('error', (cause) =>
      reject(
        new SupergraphError(`composition failed: ${cause instanceof Error ? cause.message : String(cause)}`, { cause }),
      ),
    );
    worker.once('exit', () => {
      clearTimeout(timer);
      reject(new SupergraphError('composition ended without a result')); // Has no effect if there was a result.
    });
  });
}
