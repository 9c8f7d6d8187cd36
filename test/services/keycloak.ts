import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { cached, copyDependencies, isCached, javaProgram, missingJava, pomVersion } from './java.ts';
import { backendClient, host } from './ports.ts';
import { run } from './processes.ts';
import { testRealm } from './realm.ts';
import type { Context, Service } from './service.ts';

const version = pomVersion('keycloak');
const serverCache = `keycloak-${version}`;

const settings = {
  KC_DB: 'dev-file',
  // By default H2 writes half a second later, and acknowledged data would not survive a kill -9.
  KC_DB_URL_PROPERTIES: ';WRITE_DELAY=0',
  KC_CACHE: 'local', // no cluster discovery
  // The realm file refers to these variables. A spec that reads mails changes them.
  KEYCLOAK_CLIENT_SECRET: backendClient.secret,
  KEYCLOAK_SMTP_HOST: host,
  KEYCLOAK_SMTP_PORT: '1025',
  KEYCLOAK_SMTP_FROM: 'no-reply@prodvor.example',
  KC_BOOTSTRAP_ADMIN_USERNAME: 'admin',
  KC_BOOTSTRAP_ADMIN_PASSWORD: 'admin',
};

/**
 * The folder with Keycloak, which is downloaded from Maven Central (176 MB) and built for H2 once. `start-dev` would
 * build at each start.
 */
async function fetchKeycloak(): Promise<string> {
  return cached(serverCache, async (folder) => {
    const download = join(folder, 'download');
    await copyDependencies('keycloak', download);
    const archive = readdirSync(download).find((name) => name.endsWith('.tar.gz')) ?? '';
    await run('tar', ['xzf', join(download, archive), '-C', folder, '--strip-components=1']);
    rmSync(download, { recursive: true });
    await run('sh', [join(folder, 'bin', 'kc.sh'), 'build'], {
      env: { KC_DB: settings.KC_DB, JAVA_OPTS_APPEND: '-XX:TieredStopAtLevel=1' },
    });
  });
}

/**
 * The name of a database in the cache, with schema and realm. The first start in a data directory copies its 2 MB,
 * which saves 20 s.
 */
function databaseCache(): string {
  const made = createHash('sha256').update(testRealm()).update(JSON.stringify(settings));
  return `${serverCache}-realm-${made.digest('hex').slice(0, 16)}`;
}

export async function importRealm(): Promise<string> {
  const server = await fetchKeycloak();
  return cached(databaseCache(), async (folder) => {
    linkHome(server, folder);
    const realmFile = join(folder, 'realm-prodvor.json');
    writeFileSync(realmFile, testRealm());
    await run(
      javaProgram() ?? 'java',
      [...javaArguments(server, folder), 'import', '--optimized', '--file', realmFile],
      { env: settings, cwd: folder },
    );
  });
}

/** Keycloak on H2 in a file. */
export const keycloak: Service = {
  name: 'keycloak',
  patience: 300,
  missing: () => missingJava(isCached(serverCache)),
  async prepare({ dir, ports, say }: Context) {
    if (!isCached(serverCache)) say('fetching from Maven Central (176 MB) and building');
    const server = await fetchKeycloak();
    const home = join(dir, 'home');
    if (!existsSync(join(home, 'data', 'h2'))) {
      if (!isCached(databaseCache())) say('making the database and importing the realm');
      const database = await importRealm();
      mkdirSync(join(home, 'data'), { recursive: true });
      const draft = join(home, 'data', 'h2.new');
      rmSync(draft, { recursive: true, force: true });
      cpSync(join(database, 'data', 'h2'), draft, { recursive: true });
      renameSync(draft, join(home, 'data', 'h2'));
    }
    linkHome(server, home);
    // Without a fixed hostname the issuer depends on the request: localhost and 127.0.0.1 would be two issuers.
    const address = [
      `--http-host=${host}`,
      `--http-port=${ports.keycloak}`,
      `--hostname=http://${host}:${ports.keycloak}`,
    ];
    const args = [...javaArguments(server, home), 'start', '--optimized', '--http-enabled=true', ...address];
    return [{ id: 'server', command: javaProgram() ?? 'java', args, env: settings, ports: [ports.keycloak] }];
  },
};

/** Prepares the home directory of Keycloak in a data directory. It links to the jars (170 MB) instead of a copy. */
function linkHome(server: string, home: string): void {
  for (const folder of ['conf', 'providers', 'data']) mkdirSync(join(home, folder), { recursive: true });
  rmSync(join(home, 'lib'), { force: true });
  symlinkSync(join(server, 'lib'), join(home, 'lib'));
}

/**
 * The Java arguments that bin/kc.sh would use. The script itself would stay as the server's parent, and would receive
 * the signals and own the pid.
 */
function javaArguments(server: string, home: string): string[] {
  const opened = ['java.util', 'java.util.concurrent', 'java.security', 'java.lang'].map(
    (name) => `--add-opens=java.base/${name}=ALL-UNNAMED`,
  );
  const properties = {
    'file.encoding': 'UTF-8',
    'user.language': 'en',
    'java.util.concurrent.ForkJoinPool.common.threadFactory':
      'io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory',
    'java.util.logging.manager': 'org.jboss.logmanager.LogManager',
    'picocli.disable.closures': 'true',
    'kc.home.dir': home,
    'jboss.server.config.dir': join(home, 'conf'),
  };
  // C1 and the serial collector start fast, and a test server does not run for long.
  const jvm = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xms64m', '-Xmx512m', '-XX:MaxMetaspaceSize=256m'];
  const defined = Object.entries(properties).map(([name, value]) => `-D${name}=${value}`);
  const main = ['-cp', join(server, 'lib', 'quarkus-run.jar'), 'io.quarkus.bootstrap.runner.QuarkusEntryPoint'];
  return [...jvm, ...opened, '--enable-native-access=ALL-UNNAMED', ...defined, ...main];
}
