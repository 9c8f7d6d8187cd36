import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { until } from './network/until.ts';

const ROOT = path.join(import.meta.dirname, '..');

export interface Outcome {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** A copy of the repository in its current state, uncommitted files included. It uses the same packages. */
export interface Copy {
  readonly directory: string;
  /** Every file that git does not ignore, with a digest of its content. For a link: of the link's target. */
  files(): Promise<ReadonlyMap<string, string>>;
  /** Runs a program of the copy on this Node, for example `scripts/new.mjs`. */
  run(file: string, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Outcome>;
  /** Starts `main.ts <what>` of the copy. Resolves to its origin when it is ready. `close` stops it. */
  start(what: string, port: number, env: Readonly<Record<string, string>>, flags?: readonly string[]): Promise<string>;
  close(): Promise<void>;
}

const git = async (...args: string[]): Promise<string[]> =>
  (await promisify(execFile)('git', args, { cwd: ROOT, maxBuffer: 1e8 })).stdout
    .split('\0')
    .filter((file) => file !== '');

export async function copyRepository(): Promise<Copy> {
  const directory = await mkdtemp(path.join(tmpdir(), 'prodvor-copy-'));
  const started: ChildProcess[] = [];
  const names = async (): Promise<string[]> => {
    const listed = await git('ls-files', '-z', '--cached', '--others', '--exclude-standard');
    return listed.filter((file) => existsSync(path.join(ROOT, file)));
  };
  // Uncommitted generated files and their stamps are copied too, so that nothing has to be generated again.
  const ignored = (await git('ls-files', '-z', '--others', '--ignored', '--exclude-standard', '--directory')).filter(
    (file) => /(^|\/)generated\//.test(file),
  );
  for (const file of [...(await names()), ...ignored])
    await cp(path.join(ROOT, file), path.join(directory, file), { recursive: true, verbatimSymlinks: true });
  const packages = path.join(directory, 'node_modules');
  await mkdir(packages);
  for (const name of await readdir(path.join(ROOT, 'node_modules')))
    if (name !== '.cache') await symlink(path.join(ROOT, 'node_modules', name), path.join(packages, name));
  await cp(path.join(ROOT, 'node_modules/.cache/prodvor'), path.join(packages, '.cache/prodvor'), { recursive: true });

  const spawned = (args: readonly string[], env: Readonly<Record<string, string>>): ChildProcess =>
    spawn(process.execPath, args, {
      cwd: directory,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const outputOf = (child: ChildProcess): { out: string; err: string } => {
    const said = { out: '', err: '' };
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (said.out += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (said.err += text));
    return said;
  };
  return {
    directory,
    async files() {
      const listed = await readdir(directory, { recursive: true, withFileTypes: true });
      const found = listed
        .filter((entry) => !entry.isDirectory())
        .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)))
        .filter((file) => !/(^|\/)(node_modules|generated|\.prodvor)\//.test(file));
      const digest = async (file: string): Promise<string> =>
        readlink(path.join(directory, file)).catch(async () =>
          createHash('sha256')
            .update(await readFile(path.join(directory, file)))
            .digest('hex'),
        );
      return new Map(await Promise.all(found.sort().map(async (file) => [file, await digest(file)] as const)));
    },
    async run(file, args, env = {}) {
      const child = spawned(['--import', './loader.mjs', file, ...args], env);
      const said = outputOf(child);
      const [status] = (await once(child, 'close')) as [number | null];
      return { status, ...said };
    },
    async start(what, port, env, flags = []) {
      const child = spawned(['--import', './loader.mjs', 'main.ts', what, '--port', String(port), ...flags], env);
      started.push(child);
      const said = outputOf(child);
      const origin = `http://127.0.0.1:${port}`;
      await until(
        `${what} is ready`,
        async () => {
          if (child.exitCode !== null) throw new Error(`${what} ended at its start:\n${said.out}${said.err}`);
          return (await fetch(`${origin}/health/ready`).catch(() => undefined))?.ok;
        },
        60_000,
      );
      return origin;
    },
    async close() {
      await Promise.all(
        started
          .filter((child) => child.exitCode === null && child.signalCode === null)
          .map(async (child) => {
            const ended = once(child, 'exit');
            child.kill('SIGTERM');
            await ended;
          }),
      );
      await rm(directory, { recursive: true, force: true });
    },
  };
}
