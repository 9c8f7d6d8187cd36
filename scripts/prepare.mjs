// What every command of a fresh clone needs first: the packages, Node 24, the generated code. Node's own modules only; runs on Node 20.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const BIN = path.join(ROOT, 'node_modules/.bin');
const INSTALLED = path.join(ROOT, 'node_modules/.cache/prodvor/installed');
const OLDEST_NODE = 20;
const RUNTIME_NODE = 24;

/** A reason not to go on that is one line for the reader. */
export class Refusal extends Error {}

/**
 * Installs what is missing, finds Node 24, generates what is stale (unless told not to).
 * @returns {Promise<string>} absolute path of a Node >= 24
 * @throws {Refusal}
 */
export async function prepare({ generate = true } = {}) {
  const major = Number.parseInt(process.versions.node, 10);
  if (major < OLDEST_NODE) throw new Refusal(`ProDvor needs Node ${OLDEST_NODE} or newer to start; this is ${process.version}.`);
  await install();
  const node = findNode();
  const { isUpToDate } = await import('./generate.mjs');
  if (generate && !isUpToDate()) {
    say('Generating code from the schemas …');
    const code = await run(node, [path.join(ROOT, 'scripts/generate.mjs')]);
    if (code !== 0) throw new Refusal('The generated code could not be brought up to date (see above).');
  }
  return node;
}

export const say = (line) => process.stderr.write(`${line}\n`);

/** The environment in which `node` and the installed programs are the project's. */
export const environment = (more = {}) => ({ ...process.env, PATH: `${BIN}${path.delimiter}${process.env.PATH ?? ''}`, ...more });

async function install() {
  const lock = createHash('sha256').update(readFileSync(path.join(ROOT, 'package-lock.json'))).digest('hex');
  const present = existsSync(path.join(ROOT, 'node_modules/.package-lock.json'));
  if (present && existsSync(INSTALLED) && readFileSync(INSTALLED, 'utf8') === lock) return;
  if (!present || !installedMatches()) {
    say(`${present ? 'The list of packages has changed' : 'First start'}: installing packages (npm ci) …`);
    // npm_config_… of the npm that runs this script would be inherited; the lock alone decides.
    const npm = process.env.npm_execpath;
    const args = ['ci', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', '--progress=true'];
    const code = npm && /\.c?js$/.test(npm) ? await run(process.execPath, [npm, ...args]) : await run('npm', args);
    if (code !== 0) throw new Refusal(`npm ci failed with code ${code} (see above); without its packages ProDvor cannot start.`);
  }
  mkdirSync(path.dirname(INSTALLED), { recursive: true });
  writeFileSync(INSTALLED, lock);
}

/** Whether node_modules holds what the lock says, by npm's own record: then somebody has installed already. */
function installedMatches() {
  const wanted = JSON.parse(readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8')).packages;
  const found = JSON.parse(readFileSync(path.join(ROOT, 'node_modules/.package-lock.json'), 'utf8')).packages;
  return Object.entries(wanted).every(([name, { version, optional, link }]) => name === '' || link || found[name]?.version === version || (optional && !found[name]));
}

function findNode() {
  const own = path.join(BIN, 'node');
  if (existsSync(own)) return own;
  if (Number.parseInt(process.versions.node, 10) >= RUNTIME_NODE) return process.execPath;
  throw new Refusal(`ProDvor runs on Node ${RUNTIME_NODE}, which its packages bring along for Linux on x64 and arm64; on ${process.platform}-${process.arch} install Node ${RUNTIME_NODE} or newer (this is ${process.version}).`);
}

/**
 * Runs a program with the terminal's streams; SIGINT and SIGTERM to this process reach it.
 * @returns {Promise<number>} its exit code, 128 + n when a signal ended it
 */
export function run(program, args, { env = environment(), stdio = ['inherit', 'inherit', 'inherit'], cwd = ROOT } = {}) {
  const child = spawn(program, args, { cwd, env, stdio });
  // Ctrl-C reaches the whole foreground group, the child included: what is left to do here is not to end before it. A signal
  // that was sent to this process alone is passed on; the child gets it at most once more, which it must bear anyway.
  const forward = (signal) => { if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal); };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, forward);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + ({ SIGINT: 2, SIGKILL: 9, SIGTERM: 15, SIGHUP: 1 }[signal] ?? 0)));
  }).finally(() => { for (const signal of signals) process.off(signal, forward); });
}

/**
 * Runs a command's main function: its number is the exit code, a {@link Refusal} is one line.
 * @param help what `--help` prints, before anything is prepared; without it the command gets the flag
 */
export async function main(command, help) {
  const args = process.argv.slice(2);
  if (help && args.some((arg) => arg === '--help' || arg === '-h')) return console.log(help);
  try {
    process.exitCode = await command(args);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    say(error.message);
    process.exitCode = 1;
  }
}
