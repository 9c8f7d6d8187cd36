import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cached, isCached } from './java.ts';
import { bucket, host } from './ports.ts';
import { run } from './processes.ts';
import { findProgram, Refusal } from './service.ts';
import type { Context, Service } from './service.ts';

const version = 'v1.8.0';
const cacheName = `versitygw-${version}`;

/** The folder with the program. Building it needs Go 1.25 or newer, and takes 1 to 8 minutes, once. */
export async function buildVersityGateway(): Promise<string> {
  return cached(cacheName, async (folder) => {
    const go = findProgram('go');
    if (!go) throw new Refusal('needs Go to build it: https://go.dev/dl/');
    const build = join(folder, 'build');
    await run(
      go,
      ['install', '-trimpath', '-ldflags', '-s -w', `github.com/versity/versitygw/cmd/versitygw@${version}`],
      { env: { GOBIN: build, GOFLAGS: '' }, cwd: folder, inheritAll: true },
    );
    renameSync(join(build, 'versitygw'), join(folder, 'versitygw'));
    rmSync(build, { recursive: true, force: true });
  });
}

/** The S3 server versitygw on a folder. The buckets are folders, and metadata are files beside them. */
export const s3: Service = {
  name: 's3',
  patience: 20,
  missing: () =>
    isCached(cacheName) || findProgram('go') ? undefined : 'is not built: install Go, https://go.dev/dl/',
  async prepare({ dir, ports, say }: Context) {
    if (!isCached(cacheName)) say('building versitygw from its Go module, which takes minutes');
    const program = join(await buildVersityGateway(), 'versitygw');
    const [data, meta] = [join(dir, 'data'), join(dir, 'meta')];
    for (const folder of [data, meta]) if (!existsSync(folder)) mkdirSync(folder, { recursive: true });
    // Without --keep-alive each request needs a connection of its own.
    const server = ['--port', `${host}:${ports.s3}`, '--quiet', '--keep-alive', '--region', bucket.region];
    return [
      {
        id: 'server',
        command: program,
        args: [...server, 'posix', '--sidecar', meta, data],
        env: { ROOT_ACCESS_KEY: bucket.user, ROOT_SECRET_KEY: bucket.password },
        ports: [ports.s3],
      },
    ];
  },
};
