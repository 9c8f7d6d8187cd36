// Installs what `start` needs, so that `start` downloads nothing. This works on Debian, as root.
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { fetchKafka } from './kafka.ts';
import { importRealm } from './keycloak.ts';
import { javaProgram } from './java.ts';
import type { ServiceName } from './ports.ts';
import { debianVersions } from './postgres.ts';
import { run } from './processes.ts';
import { buildVersityGateway } from './s3.ts';
import { services } from './servers.ts';
import { Refusal, findProgram, isRoot } from './service.ts';

const packages: Partial<Record<ServiceName, string>> = {
  postgres: 'postgresql',
  redis: 'redis-server',
  rabbitmq: 'rabbitmq-server',
};
const noStartFile = '/usr/sbin/policy-rc.d';

/**
 * Installs the packages and jars that these services need and do not have, in parallel.
 * @throws Refusal when one part failed; the other part is still installed
 */
export async function install(names: ServiceName[], say: (text: string) => void): Promise<void> {
  const wanted = names.flatMap((name) => {
    const debian = packages[name];
    if (debian === undefined) return [];
    const here = name === 'postgres' ? debianVersions().length > 0 : services[name].missing() === undefined;
    return here ? [] : [debian];
  });
  const java = names.includes('kafka') || names.includes('keycloak');
  if (java && !javaProgram()) wanted.push('openjdk-17-jre-headless');
  if (java && !findProgram('mvn')) wanted.push('maven');

  const debian =
    wanted.length > 0 ? task(`apt-get install ${wanted.join(' ')}`, () => aptInstall(wanted), say) : Promise.resolve();
  // Maven or Java may be among the packages. Then the jars wait for the packages.
  const ready = findProgram('mvn') && javaProgram() ? Promise.resolve() : debian;
  const jars = async () => {
    // The two are installed one after the other, because two Maven processes on one repository may both download the
    // same plugin.
    if (names.includes('kafka')) await task('kafka: jars', async () => void (await fetchKafka()), say);
    if (names.includes('keycloak'))
      await task('keycloak: server, build, realm', async () => void (await importRealm()), say);
  };
  const results = await Promise.allSettled([
    debian,
    ready.then(jars),
    names.includes('s3') ? task('s3: versitygw', async () => void (await buildVersityGateway()), say) : undefined,
  ]);
  const reasons = results.flatMap((result) =>
    result.status === 'rejected' ? [String((result.reason as Error).message)] : [],
  );
  if (reasons.length > 0) throw new Refusal(reasons.join('\n'));
}

async function task(name: string, work: () => Promise<void>, say: (text: string) => void): Promise<void> {
  const begin = performance.now();
  const seconds = () => ((performance.now() - begin) / 1000).toFixed(1);
  say(`${name} …`);
  const beat = setInterval(() => say(`${name}: still at it, ${seconds()} s`), 5000);
  try {
    await work();
    say(`${name}: done in ${seconds()} s`);
  } finally {
    clearInterval(beat);
  }
}

async function aptInstall(names: string[]): Promise<void> {
  if (!isRoot() || !findProgram('apt-get'))
    throw new Refusal(`install these packages: ${names.join(' ')} (apt-get as root can: npm run services -- install)`);
  // Debian starts a server when its package is installed. Exit code 101 of this file forbids that.
  const mine = !existsSync(noStartFile);
  if (mine) writeFileSync(noStartFile, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    const options = { env: { DEBIAN_FRONTEND: 'noninteractive' }, inheritAll: true };
    await run('apt-get', ['-qq', 'update'], options);
    await run('apt-get', ['-qq', 'install', '-y', '--no-install-recommends', ...names], options);
  } finally {
    if (mine) rmSync(noStartFile, { force: true });
  }
}
