// Prepares a fresh clone for its first command: packages, Node 24, generated code. This module uses only Node's own
// modules, and runs on Node 20.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { isUpToDate } from './generated.mjs';
import { withLock } from './lock.mjs';

export const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const BIN = path.join(ROOT, 'node_modules/.bin');
const RECORD = path.join(ROOT, 'node_modules/.package-lock.json');
const INSTALLED = path.join(ROOT, 'node_modules/.cache/prodvor/installed');
const LOCK = path.join(ROOT, '.prodvor/install.lock');
const LONGEST_INSTALL = 15 * 60_000;
const OLDEST_NODE = 20;
const RUNTIME_NODE = 24;
const MAJOR = Number.parseInt(process.versions.node, 10);
/** Explains npm's usual error codes. npm has printed its own lines above this text. */
const WHAT_TO_DO =
  'EAI_AGAIN, ENOTFOUND or ETIMEDOUT there: no network; ENOSPC: no space left. Then run the command again.';
/** The content of the note about installed packages while the development packages are added. */
const UNFINISHED = 'unfinished';

/** An error that stops the command. Only its message is printed, without a stack. */
export class Refusal extends Error {}

/**
 * Installs missing packages, finds Node 24, and generates stale files unless `generate` is false.
 * @param options `tools`: also install the development packages, which running does not need
 * @returns {Promise<string>} absolute path of a Node >= 24
 * @throws {Refusal}
 */
export async function prepare({ tools = false, generate = true } = {}) {
  if (MAJOR < OLDEST_NODE)
    throw new Refusal(
      `ProDvor needs Node ${OLDEST_NODE} or newer to start; this is ${process.version}. Install Node ${RUNTIME_NODE}: https://nodejs.org, or nvm install.`,
    );
  await install(tools);
  const node = findNode();
  if (generate && !isUpToDate({ types: tools })) {
    await install(true);
    say('Generating code from the schemas …');
    const code = await run(node, [path.join(ROOT, 'scripts/generate.mjs')]);
    if (code !== 0) throw new Refusal('The generated code could not be updated (see above).');
  }
  return node;
}

export const say = (line) => process.stderr.write(`${line}\n`);

/** The environment in which `node` and the installed programs are the project's own. */
export const environment = (more = {}) => ({
  ...process.env,
  PATH: `${BIN}${path.delimiter}${process.env.PATH ?? ''}`,
  ...more,
});

/** @param {boolean} tools */
async function install(tools) {
  const isEnough = (found) => found === 'everything' || (found === 'running' && !tools);
  if (isEnough(installed())) return;
  await withLock(
    LOCK,
    LONGEST_INSTALL,
    async () => {
      const found = installed();
      if (isEnough(found)) return;
      if (found === 'running') await addTools();
      else {
        say(`${reason()}: installing packages (npm ci) …`);
        const code = await npm('ci', ...(tools ? ['--include=dev'] : ['--omit=dev']));
        if (code !== 0)
          throw new Refusal(
            `npm ci failed with code ${code} (see above); without its packages ProDvor cannot start. ${WHAT_TO_DO}`,
          );
      }
      note(`${lockDigest()} ${tools ? 'everything' : 'running'}`);
    },
    () => say('Another command is installing packages; waiting for it …'),
  );
}

function reason() {
  if (!existsSync(RECORD)) return 'First start';
  if (noted() === UNFINISHED) return 'An installation was interrupted';
  return lacksNode() ? `Node ${RUNTIME_NODE} is missing` : 'The list of packages has changed';
}

/**
 * Adds the development packages. The packages that running needs stay unchanged, so a running product is not disturbed.
 */
async function addTools() {
  say('Installing the packages of development in addition (npm install) …');
  // npm updates its own record only at the end. So the record does not show that the packages are only partly
  // installed.
  note(UNFINISHED);
  const code = await npm('install', '--no-save', '--include=dev');
  if (code === 0) return;
  // A code below 128 means that no signal ended npm. Then npm has undone its changes.
  if (code < 128) note(`${lockDigest()} running`);
  throw new Refusal(
    `npm install failed with code ${code} (see above); without these packages ProDvor runs, but its tests and checks do not. ${WHAT_TO_DO}`,
  );
}

/**
 * Runs npm with settings on its command line. Otherwise npm would inherit npm_config_… from the npm that runs this
 * script. npm runs on the machine's own Node: on the project's Node, npm would find Node 24 present and not install it.
 */
function npm(...args) {
  const file = process.env.npm_execpath;
  const all = [...args, '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', '--progress=true'];
  const folders = (process.env.PATH ?? '')
    .split(path.delimiter)
    .filter((folder) => path.resolve(folder) !== path.resolve(BIN));
  const options = { env: { ...process.env, PATH: folders.join(path.delimiter) } };
  const node = folders.map((folder) => path.join(folder, 'node')).find((name) => existsSync(name)) ?? process.execPath;
  return file && /\.c?js$/.test(file) ? run(node, [file, ...all], options) : run('npm', all, options);
}

const lockDigest = () =>
  createHash('sha256')
    .update(readFileSync(path.join(ROOT, 'package-lock.json')))
    .digest('hex');

const noted = () => (existsSync(INSTALLED) ? readFileSync(INSTALLED, 'utf8') : '');

function note(text) {
  mkdirSync(path.dirname(INSTALLED), { recursive: true });
  writeFileSync(INSTALLED, text);
}

/**
 * Finds which packages of the lock are installed: all, or at least the packages that running needs. It reads this from
 * the project's note. Without a note for this lock it looks at the packages, because somebody may have run npm
 * directly.
 * @returns {'everything' | 'running' | undefined}
 */
function installed() {
  if (!existsSync(RECORD) || noted() === UNFINISHED || lacksNode()) return undefined;
  const [lock, set] = noted().split(' ');
  if (set && lock === lockDigest()) return set;
  const wanted = Object.entries(JSON.parse(readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8')).packages);
  const missing = wanted.filter(([name, { version, optional, link }]) => {
    const found = name === '' || link ? version : versionOf(name);
    return found !== version && !(optional && found === undefined);
  });
  const present = missing.length === 0 ? 'everything' : missing.every(([, { dev }]) => dev) ? 'running' : undefined;
  if (present) note(`${lockDigest()} ${present}`);
  return present;
}

/**
 * The version of the package in this folder; undefined when there is none. npm's own record is not enough, because it
 * contains the last request even when nothing was installed (--package-lock-only).
 */
function versionOf(folder) {
  const file = path.join(ROOT, folder, 'package.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : undefined;
}

/** The path to which npm installs Node 24 on a machine with an older Node. */
const OWN_NODE = path.join(ROOT, `node_modules/node-${process.platform}-${process.arch}/bin/node`);
/**
 * Whether this machine's Node is older than 24 and our own Node 24 is missing, on a platform for which there is one.
 * That happens when npm ran on a newer Node, because npm then leaves Node 24 out.
 */
const lacksNode = () =>
  MAJOR < RUNTIME_NODE &&
  process.platform === 'linux' &&
  ['x64', 'arm64'].includes(process.arch) &&
  !existsSync(OWN_NODE);

function findNode() {
  const own = path.join(BIN, 'node');
  if (existsSync(own)) return own;
  if (MAJOR >= RUNTIME_NODE) return process.execPath;
  if (existsSync(OWN_NODE)) {
    // npm 10, a part of Node 20, makes no link for the dependency of a local package.
    mkdirSync(BIN, { recursive: true });
    symlinkSync(path.relative(BIN, OWN_NODE), own);
    return own;
  }
  throw new Refusal(
    `ProDvor runs on Node ${RUNTIME_NODE}, which is one of its packages for Linux on x64 and arm64; on ${process.platform}-${process.arch} install Node ${RUNTIME_NODE} or newer (this is ${process.version}).`,
  );
}

/**
 * Runs a program on the terminal's streams, and forwards SIGINT and SIGTERM to it.
 * @returns {Promise<number>} its exit code, 128 + n when a signal ended it
 */
export function run(
  program,
  args,
  { env = environment(), stdio = ['inherit', 'inherit', 'inherit'], cwd = ROOT } = {},
) {
  const child = spawn(program, args, { cwd, env, stdio });
  // Ctrl-C sends SIGINT to the whole foreground group, also to the child. So on a terminal SIGINT is not forwarded, and
  // this process only waits for the child's end. Other signals are forwarded, because they may reach only this process.
  // So the child may get the same signal twice, and must tolerate that.
  const forward = (signal) => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, forward);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      resolve(code ?? 128 + ({ SIGINT: 2, SIGKILL: 9, SIGTERM: 15, SIGHUP: 1 }[signal] ?? 0)),
    );
  }).finally(() => {
    for (const signal of signals) process.off(signal, forward);
  });
}

/**
 * Runs a command's main function. Its result is the exit code. A {@link Refusal} is printed as one line.
 * @param help the text for `--help`. It is printed before anything is prepared. Without this text, `command` gets the
 * flag
 */
export async function main(command, help) {
  const args = process.argv.slice(2);
  if (help && args.some((arg) => arg === '--help' || arg === '-h')) return console.log(help);
  try {
    process.exitCode = await command(args);
  } catch (error) {
    const isFull = error.code === 'ENOSPC';
    if (!(error instanceof Refusal) && !isFull) throw error;
    say(isFull ? 'The disk is full: free some space, then run the command again.' : error.message);
    process.exitCode = 1;
  }
}
