// node scripts/compose.mjs [--check]
// Composes the subgraphs' SDL into schema/supergraph.graphql, and writes the API that clients see to
// schema/api.graphql. Before that it writes the enum of sports to schema/shared/. With --check it writes nothing, and
// fails when a committed file differs from what composition gives.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const SCHEMA = path.join(import.meta.dirname, '../schema');

/**
 * Composes the subgraphs whose SDL is in the directory.
 * @returns {Promise<{ files: Record<string, string>, errors: string[] }>} the composed files' content by name, or
 * errors
 */
export async function compose(directory = SCHEMA) {
  const [
    { composeSubgraphs, loadSupergraph, publicSdl, SupergraphError },
    { documentOf, subgraphNames },
    { defaultUrlOf },
    { subgraphs },
    { GraphQLError, parse, print, specifiedScalarTypes },
  ] = await Promise.all([
    import('../router/composition.ts'),
    import('../platform/subgraph/sdl.ts'),
    import('../platform/manifest/manifest.ts'),
    import('../subgraphs/registry.ts'),
    import('graphql'),
  ]);
  const services = [];
  // A set, because an error in a shared file appears once for each subgraph.
  const unread = new Set();
  const names = subgraphNames(directory);
  for (const name of Object.keys(subgraphs))
    if (!names.includes(name)) unread.add(`subgraph ${name} of subgraphs/registry.ts has no schema/${name}.graphql`);
  for (const name of names) {
    const subgraph = subgraphs[name];
    if (!subgraph) {
      unread.add(`schema/${name}.graphql is of no subgraph in subgraphs/registry.ts`);
      continue;
    }
    try {
      // This is the address at which `main.ts` serves the subgraph by default. The router's configuration may have
      // another one.
      services.push({ name, typeDefs: documentOf(name, directory), url: defaultUrlOf(subgraph) });
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      unread.add(`${error.message} (${error.source?.name}:${error.locations?.[0]?.line ?? 1})`);
    }
  }
  if (unread.size > 0 || services.length === 0) return { files: {}, errors: [...unread] };

  const differences = featureDifferences(services, print);
  const { errors: problems, supergraphSdl, hints } = composeSubgraphs(services);
  if (problems.length > 0)
    return {
      files: {},
      errors: [
        ...problems.map((problem) => `${problem.extensions?.code ?? 'ERROR'}: ${problem.message}${placeOf(problem)}`),
        ...differences,
      ],
    };
  const lost = lostDirectives(services, parse(supergraphSdl));
  let api;
  try {
    api = loadSupergraph(supergraphSdl).apiSchema;
  } catch (error) {
    if (!(error instanceof SupergraphError)) throw error;
    return { files: {}, errors: [error.message, ...differences] };
  }
  const undescribed = withoutDescription(api, specifiedScalarTypes).map(
    (coordinate) => `UNDESCRIBED: ${coordinate} has no description in any file of schema/`,
  );
  return {
    files: { 'supergraph.graphql': `${supergraphSdl.trim()}\n`, 'api.graphql': publicSdl(api) },
    errors: [...lost, ...differences, ...undescribed],
    hints,
  };
}

/**
 * The coordinates in the clients' API that have no description. Root types, types of introspection and the given
 * scalars need none.
 */
function withoutDescription(api, scalars) {
  const roots = new Set([api.getQueryType(), api.getMutationType(), api.getSubscriptionType()]);
  const own = Object.values(api.getTypeMap()).filter(
    ({ name }) => !name.startsWith('__') && !scalars.some((scalar) => scalar.name === name),
  );
  return own.flatMap((type) => {
    const members = [...(type.getValues?.() ?? []), ...Object.values(type.getFields?.() ?? {})];
    const described = members.flatMap((member) => [
      [`${type.name}.${member.name}`, member],
      ...(member.args ?? []).map((argument) => [`${type.name}.${member.name}(${argument.name}:)`, argument]),
    ]);
    return [...(roots.has(type) ? [] : [[type.name, type]]), ...described]
      .filter(([, { description }]) => !description?.trim())
      .map(([coordinate]) => coordinate);
  });
}

function placeOf({ nodes }) {
  const node = nodes?.find(({ loc }) => loc);
  return node ? ` (${node.loc.source.name}:${node.loc.startToken.line})` : '';
}

const FEDERATION = /^https:\/\/specs\.apollo\.dev\/(federation|link)\b/;
const OF_GRAPHQL = ['deprecated', 'link', 'composeDirective', 'include', 'skip'];

/**
 * Composition silently drops a custom directive unless its subgraph lists it in @composeDirective. If a subgraph
 * forgets that, a field that the directive protects looks public. So each use of a custom directive in a subgraph must
 * be in the supergraph too, at the same place with the same arguments.
 */
function lostDirectives(services, supergraph) {
  const kept = new Set(applications(supergraph).map(({ key }) => key));
  const lost = [];
  for (const { typeDefs } of services) {
    const known = new Set([...OF_GRAPHQL, ...federationDirectives(typeDefs)]);
    for (const { directive, coordinate, key, place } of applications(typeDefs)) {
      if (known.has(directive) || directive.startsWith('federation__') || kept.has(key)) continue;
      lost.push(
        `DIRECTIVE_LOST: @${directive} on ${coordinate} does not reach the supergraph; @link and @composeDirective are missing (${place})`,
      );
    }
  }
  return lost;
}

/**
 * Composition treats directives of one name as one directive, even when subgraphs define them differently; it reports
 * only different major versions. So every subgraph must have the same links besides federation's, the same
 * @composeDirective, and the same definitions of directives and of their types (cacheControl__Scope): word for word,
 * except for descriptions.
 */
function featureDifferences(services, print) {
  const parts = services.map(({ name, typeDefs }) => [name, featureParts(typeDefs, print)]);
  const all = new Set(parts.flatMap(([, own]) => [...own]));
  return parts.flatMap(([name, own]) =>
    [...all]
      .filter((part) => !own.has(part))
      .map((part) => `FEATURE_DIFFERS: schema/${name}.graphql has no ${part}; another subgraph has`),
  );
}

function featureParts({ definitions }, print) {
  const ofSchema = definitions
    .filter(({ kind }) => kind === 'SchemaDefinition' || kind === 'SchemaExtension')
    .flatMap(({ directives = [] }) => directives);
  const isFederation = ({ name, arguments: args = [] }) =>
    name.value === 'link' &&
    args.some(({ name: { value }, value: url }) => value === 'url' && FEDERATION.test(url.value));
  // A type with a prefixed name like cacheControl__Scope belongs to a linked feature.
  const own = definitions.filter(
    ({ kind, name }) => kind === 'DirectiveDefinition' || /\w__\w/.test(name?.value ?? ''),
  );
  return new Set(
    [...ofSchema.filter((directive) => !isFederation(directive)), ...own].map((node) =>
      print({ ...node, description: undefined }),
    ),
  );
}

/** Names that a subgraph imports from federation's specification, without the @. */
function federationDirectives(document) {
  const names = [];
  for (const { directives = [] } of document.definitions) {
    for (const { name, arguments: args = [] } of directives) {
      if (name.value !== 'link') continue;
      const value = (argument) => args.find((candidate) => candidate.name.value === argument)?.value;
      if (!FEDERATION.test(value('url')?.value ?? '')) continue;
      for (const item of value('import')?.values ?? []) {
        const field = (wanted) => item.fields?.find((candidate) => candidate.name.value === wanted)?.value.value;
        names.push((item.value ?? field('as') ?? field('name') ?? '').replace(/^@/, ''));
      }
    }
  }
  return names;
}

function applications(document) {
  const found = [];
  const collect = (coordinate, node) => {
    for (const { name, arguments: args = [], loc } of node.directives ?? []) {
      const given = args
        .map((argument) => `${argument.name.value}: ${textOf(argument.value)}`)
        .sort()
        .join(', ');
      found.push({
        directive: name.value,
        coordinate,
        key: `${coordinate} @${name.value}(${given})`,
        place: `${loc?.source.name}:${loc?.startToken.line}`,
      });
    }
  };
  for (const definition of document.definitions) {
    // A directive on the schema itself, such as @link, belongs to federation.
    const type = definition.name?.value;
    if (!type || definition.kind === 'DirectiveDefinition') continue;
    collect(type, definition);
    for (const member of definition.fields ?? definition.values ?? []) {
      collect(`${type}.${member.name.value}`, member);
      for (const argument of member.arguments ?? [])
        collect(`${type}.${member.name.value}(${argument.name.value}:)`, argument);
    }
  }
  return found;
}

function textOf(value) {
  if (value.kind === 'ListValue') return `[${value.values.map(textOf).join(', ')}]`;
  if (value.kind === 'ObjectValue')
    return `{${value.fields
      .map((field) => `${field.name.value}: ${textOf(field.value)}`)
      .sort()
      .join(', ')}}`;
  return value.kind === 'StringValue' ? JSON.stringify(value.value) : value.kind === 'NullValue' ? 'null' : value.value;
}

const SPORTS = 'shared/sports.graphql';

/** The SDL of the enum of sports, from schema/sports.ts. */
async function sportsSdl() {
  const [{ GraphQLEnumType, printType }, { SPORTS: profiles }] = await Promise.all([
    import('graphql'),
    import('../schema/sports.ts'),
  ]);
  const values = Object.fromEntries(Object.entries(profiles).map(([name, { description }]) => [name, { description }]));
  const type = new GraphQLEnumType({
    name: 'Sport',
    description: 'The kinds of sport that teams play and matches are of.',
    values,
  });
  return `# Generated from schema/sports.ts.\n${printType(type)}\n`;
}

function isWritten(name, content) {
  const file = path.join(SCHEMA, name);
  return existsSync(file) && readFileSync(file, 'utf8') === content;
}

function write(name, content) {
  if (!isWritten(name, content)) writeFileSync(path.join(SCHEMA, name), content);
}

/** Writes the files that changed. @returns {Promise<string[]>} errors */
export async function writeComposed() {
  write(SPORTS, await sportsSdl());
  const { files, errors } = await compose();
  if (errors.length > 0) return errors;
  for (const [name, content] of Object.entries(files)) write(name, content);
  return [];
}

/** Checks the composed files. @returns {Promise<string[]>} composition errors, and an error per drifted file */
export async function checkComposed() {
  const { files, errors } = await compose();
  const drifted = Object.entries({ [SPORTS]: await sportsSdl(), ...files }).filter(
    ([name, content]) => !isWritten(name, content),
  );
  return [
    ...errors,
    ...drifted.map(
      ([name]) => `DRIFT: schema/${name} differs from the output of npm run generate; run it and commit the file`,
    ),
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const errors = process.argv.includes('--check') ? await checkComposed() : await writeComposed();
  for (const error of errors) console.error(error);
  process.exitCode = errors.length > 0 ? 1 : 0;
}
