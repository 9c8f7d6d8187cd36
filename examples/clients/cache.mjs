// Writes a module with what the caches of Apollo Client and urql need to know about the schema. Copy this file: it
// needs only the package `graphql`.
//  node cache.mjs --schema schema.graphql --out src/generated/cache.ts
import { realpathSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  buildSchema,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  isWrappingType,
  isListType,
} from 'graphql';

const HELP = `node cache.mjs [--schema FILE|URL] [--out FILE]

Writes a module for the caches of Apollo Client (possibleTypes, typePolicies) and of urql (introspection, keys).

  --schema FILE|URL  the SDL; default http://127.0.0.1:4000/schema.graphql, of a running product
  --out FILE         default src/generated/cache.ts`;

async function sdlOf(source) {
  if (!/^https?:/.test(source)) return readFile(source, 'utf8');
  const response = await fetch(source).catch((cause) => {
    throw new Error(`${source} does not answer: is the product running?`, { cause });
  });
  if (!response.ok) throw new Error(`${source} answers HTTP ${response.status}`);
  return response.text();
}

const ANY = { kind: 'SCALAR', name: 'Any' };
const kindOf = (type) => (isObjectType(type) ? 'OBJECT' : isInterfaceType(type) ? 'INTERFACE' : 'UNION');
const referenceTo = (type) => {
  if (isWrappingType(type)) return { kind: isListType(type) ? 'LIST' : 'NON_NULL', ofType: referenceTo(type.ofType) };
  return isObjectType(type) || isAbstractType(type) ? { kind: kindOf(type), name: type.name } : ANY;
};

/** The part of the introspection result that graphcache reads: without descriptions, enums, scalars and inputs. */
function introspectionOf(schema, types) {
  const named = (type) => (type ? { name: type.name } : null);
  const details = (type) => ({
    kind: kindOf(type),
    name: type.name,
    ...(!isUnionType(type) && {
      fields: Object.values(type.getFields()).map(({ name, type: of, args }) => ({
        name,
        type: referenceTo(of),
        args: args.map((arg) => ({ name: arg.name, type: referenceTo(arg.type) })),
      })),
      interfaces: type.getInterfaces().map(referenceTo),
    }),
    ...(isAbstractType(type) && { possibleTypes: schema.getPossibleTypes(type).map(referenceTo) }),
  });
  return {
    __schema: {
      queryType: named(schema.getQueryType()),
      mutationType: named(schema.getMutationType()),
      subscriptionType: named(schema.getSubscriptionType()),
      types: [...types.map(details), ANY],
      directives: [],
    },
  };
}

/** @returns the source of the module */
export function cacheModule(sdl) {
  const schema = buildSchema(sdl);
  const types = Object.values(schema.getTypeMap()).filter(
    (type) => !type.name.startsWith('__') && (isObjectType(type) || isAbstractType(type)),
  );
  const roots = new Set([schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]);
  const possibleTypes = Object.fromEntries(
    types.filter(isAbstractType).map((type) => [type.name, schema.getPossibleTypes(type).map(({ name }) => name)]),
  );
  const withoutId = types
    .filter((type) => isObjectType(type) && !roots.has(type) && !type.getFields().id)
    .map(({ name }) => name);
  const json = (value) => JSON.stringify(value, null, 2);
  return `// Written by cache.mjs from the schema: do not edit.

/** An option of InMemoryCache: the object types to which a fragment on an interface or a union applies. */
export const possibleTypes: Record<string, string[]> = ${json(possibleTypes)};

/**
 * An option of InMemoryCache. An object without an id is stored as a part of the object around it, so a new result is
 * merged into the stored one.
 */
export const typePolicies: Record<string, { merge: true }> = {
${withoutId.map((name) => `  ${name}: { merge: true },`).join('\n')}
};

/** An option of cacheExchange: types without an id have no key. */
export const keys: Record<string, () => null> = {
${withoutId.map((name) => `  ${name}: () => null,`).join('\n')}
};

/** For cacheExchange: \`schema\`. */
export const introspection = ${JSON.stringify(introspectionOf(schema, types))} as const;
`;
}

async function main() {
  const { values: flags } = parseArgs({
    options: {
      schema: { type: 'string', default: 'http://127.0.0.1:4000/schema.graphql' },
      out: { type: 'string', default: 'src/generated/cache.ts' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (flags.help) return console.log(HELP);
  const text = cacheModule(await sdlOf(flags.schema));
  await mkdir(path.dirname(path.resolve(flags.out)), { recursive: true });
  await writeFile(flags.out, text);
  console.log(`${flags.out} is written`);
}

// The program may be started through a symbolic link.
if (process.argv[1] && realpathSync(process.argv[1]) === realpathSync(fileURLToPath(import.meta.url))) {
  await main().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
