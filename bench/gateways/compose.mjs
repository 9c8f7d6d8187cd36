// Composes the demo's supergraph.
// node compose.mjs [subgraph base url] [out file] [SDL to add to the products subgraph]
import { writeFileSync } from 'node:fs';
import { parse } from 'graphql';
import { composeServices } from '@apollo/composition';
import { typeDefs } from './lib/schemas.mjs';

const base = process.argv[2] ?? 'http://127.0.0.1:4300';
const out = process.argv[3] ?? new URL('./.out/supergraph.graphql', import.meta.url).pathname;
const schemas = { ...typeDefs, products: typeDefs.products + (process.argv[4] ?? '') };
const { errors, supergraphSdl } = composeServices(
  Object.entries(schemas).map(([name, sdl]) => ({ name, url: `${base}/${name}`, typeDefs: parse(sdl) })),
);
if (errors) throw new Error(errors.map((e) => e.message).join('\n'));
writeFileSync(out, supergraphSdl);
