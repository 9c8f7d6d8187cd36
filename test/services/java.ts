// Kafka and Keycloak are downloaded from Maven Central. All checkouts on this machine share the downloads, in
// PRODVOR_SERVICES_CACHE or ~/.cache/prodvor-services.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execFileSync } from 'node:child_process';
import { lock } from './lock.ts';
import { run } from './processes.ts';
import { Refusal, findProgram } from './service.ts';

const neededJava = 17;

const cacheRoot = process.env.PRODVOR_SERVICES_CACHE ?? join(homedir(), '.cache', 'prodvor-services');

/** The java program: from JAVA_HOME, otherwise from PATH. */
export function javaProgram(): string | undefined {
  const home = process.env.JAVA_HOME;
  if (home && existsSync(join(home, 'bin', 'java'))) return join(home, 'bin', 'java');
  return findProgram('java');
}

/**
 * A line about what to install for Java servers; undefined when nothing is missing. `fetched`: the jars are present, so
 * Maven is not needed.
 */
export function missingJava(fetched: boolean): string | undefined {
  const java = javaProgram();
  if (!java) return `needs Java ${neededJava} or newer: apt-get install openjdk-17-jre-headless`;
  // The command prints "java.specification.version = 17" on stderr.
  const settings = execFileSync('sh', ['-c', '"$0" -XshowSettings:properties -version 2>&1', java], {
    encoding: 'utf8',
  });
  const version = Number(/java\.specification\.version = (\S+)/.exec(settings)?.[1]);
  if (!(version >= neededJava))
    return `needs Java ${neededJava} or newer, ${java} is older: apt-get install openjdk-17-jre-headless`;
  if (!fetched && !findProgram('mvn')) return 'needs Maven to fetch it: apt-get install maven';
  return undefined;
}

export function pomVersion(name: 'kafka' | 'keycloak'): string {
  const version = /<server\.version>(.+?)<\/server\.version>/.exec(readFileSync(pomFile(name), 'utf8'))?.[1];
  if (!version) throw new Error(`${pomFile(name)} names no server.version`);
  return version;
}

function pomFile(name: string): string {
  return fileURLToPath(new URL(`maven/${name}/pom.xml`, import.meta.url));
}

/**
 * The path of a folder of the cache. When the folder is not complete, `make` fills it, and a file `complete` then marks
 * success. Concurrent commands wait for each other.
 */
export async function cached(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(cacheRoot, name);
  if (existsSync(join(folder, 'complete'))) return folder;
  mkdirSync(cacheRoot, { recursive: true });
  const release = await lock(`${folder}.lock`);
  try {
    if (existsSync(join(folder, 'complete'))) return folder;
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    await make(folder);
    writeFileSync(join(folder, 'complete'), '');
    return folder;
  } finally {
    await release();
  }
}

export function isCached(name: string): boolean {
  return existsSync(join(cacheRoot, name, 'complete'));
}

/** Copies the dependencies of a pom into a folder. @throws Refusal with Maven's last lines */
export async function copyDependencies(name: 'kafka' | 'keycloak', folder: string): Promise<void> {
  const maven = findProgram('mvn');
  if (!maven) throw new Refusal('Maven is missing: apt-get install maven');
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${folder}`];
  // Maven needs the variables for proxies and repositories. Servers do not get these.
  await run(maven, ['-q', '-B', '-ntp', '-f', pomFile(name), ...goal], { inheritAll: true });
}
