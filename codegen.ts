import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { CodegenConfig } from '@graphql-codegen/cli';
import { sdlOf, subgraphNames } from './platform/subgraph/sdl.ts';

const ROOT = import.meta.dirname;
/**
 * The folders of programs that use the API. The types of their documents are written to `generated/` in each folder.
 */
const CLIENTS = JSON.parse(readFileSync(path.join(ROOT, 'scripts/graphql-clients.json'), 'utf8')) as string[];

// Only types are generated. Enums become unions of strings, so that the enums of Prisma and of the schema are
// compatible.
const shared = {
  enumsAsTypes: true,
  useTypeImports: true,
  emitLegacyCommonJSImports: false,
  importExtension: '.ts',
  strictScalars: true,
} as const;

/**
 * The types that resolvers return in place of the generated ones: each type of `subgraphs/<name>/mappers.ts` replaces
 * the type of the schema with the same name.
 */
function mappersOf(subgraph: string): Record<string, string> {
  const file = path.join(ROOT, 'subgraphs', subgraph, 'mappers.ts');
  if (!existsSync(file)) return {};
  const names: string[] = [];
  for (const [, declared, list] of readFileSync(file, 'utf8').matchAll(
    /^export (?:(?:type|interface) (\w+)[^{}]*?[={]|type \{([^}]*)\})/gm,
  )) {
    if (declared) names.push(declared);
    else
      for (const item of list?.split(',') ?? [])
        if (item.trim())
          names.push(
            item
              .trim()
              .split(/\s+as\s+/)
              .at(-1) ?? '',
          );
  }
  return Object.fromEntries(names.map((name) => [name, `../mappers.ts#${name} as ${name}Mapper`]));
}

const resolverTypes: CodegenConfig['generates'] = Object.fromEntries(
  subgraphNames().map((subgraph) => [
    `subgraphs/${subgraph}/generated/graphql.ts`,
    {
      schema: sdlOf(subgraph),
      plugins: ['typescript', 'typescript-resolvers'],
      config: {
        ...shared,
        federation: true,
        resolverTypeWrapperSignature: 'T',
        scalars: { DateTime: { input: 'Date', output: 'Date | string' }, _FieldSet: 'string' },
        mappers: mappersOf(subgraph),
      },
    },
  ]),
);

const present = CLIENTS.filter((client) => globSync(`${client}/**/*.{ts,graphql}`, { cwd: ROOT }).length > 0);
const clientTypes: CodegenConfig['generates'] = Object.fromEntries(
  present.map((client) => [
    `${client}/generated/`,
    {
      schema: 'schema/api.graphql',
      documents: [`${client}/**/*.{ts,graphql}`, `!${client}/generated/**`],
      preset: 'client',
      config: { ...shared, scalars: { DateTime: 'string' } },
    },
  ]),
);

/** The configuration generates the resolver types of every subgraph, and the types of the clients' operations. */
const config: CodegenConfig = { generates: { ...resolverTypes, ...clientTypes }, silent: true, noSilentErrors: true };
export default config;
