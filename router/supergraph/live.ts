import {
  Kind,
  isInterfaceType,
  isLeafType,
  isObjectType,
  isUnionType,
  getNamedType,
  parse,
  typeFromAST,
  buildASTSchema,
  print,
} from 'graphql';
import type {
  ConstDirectiveNode,
  DocumentNode,
  FieldDefinitionNode,
  GraphQLSchema,
  InputValueDefinitionNode,
  ObjectTypeDefinitionNode,
  SelectionSetNode,
  TypeNode,
} from 'graphql';

/**
 * The directives of a supergraph about streams: `@audience`, `@personal` and `@resume` of the feature
 * https://specs.prodvor.org/live/v1.0, which fields are PRIVATE, and which must not be kept.
 */
export interface LiveDirectives {
  /** Streams by the name of their subscription field. */
  readonly streams: ReadonlyMap<string, LiveStream>;
  /**
   * Whether the value of a field depends on the client's identity. That is so if one of these has `@cacheControl(scope:
   * PRIVATE)`:
   * - the field or its type,
   * - a field from which it is computed (`@requires`, `@fromContext`),
   * - the field of the same name in an implemented interface or an implementing type.
   */
  isPrivate(typename: string, field: string): boolean;
  /**
   * Whether the value of a field must not be kept: the field, or the field of the same name in an implementing type, has
   * `@cacheControl(maxAge: 0)`.
   */
  isTransient(typename: string, field: string): boolean;
}

export interface LiveStream {
  /**
   * `@audience`: several clients may share one upstream of this stream. Absent: each stream is only for the client that
   * subscribes.
   */
  readonly audience?: {
    /** Absent: the stream is for everybody. */
    readonly check?: AudienceCheck;
  };
  readonly resume?: Resume;
  /** `@personal`: only signed-in users may subscribe, and two of them never share an upstream. */
  readonly isPersonal?: true;
}

export interface AudienceCheck {
  /** A field of the query type in the stream's subgraph. It may be inaccessible. */
  readonly field: string;
  /** The name and type of each of its arguments. The stream's field has the same arguments. */
  readonly args: readonly { readonly name: string; readonly type: string }[];
}

export interface Resume {
  /** The name of the argument for the cursor. */
  readonly argument: string;
  /** The argument's type without an outer `!`. */
  readonly type: string;
  /** The argument's default value as JSON; undefined when it has none. */
  readonly fallback: unknown;
  /** The name of the event's field that is its cursor. */
  readonly from: string;
}

const LIVE = /^https:\/\/specs\.prodvor\.org\/live\/v1\.\d+$/;
const CACHE_CONTROL = /\/cacheControl\/v\d+\.\d+$/;

/**
 * Reads the directives of a supergraph.
 * @throws Error with a message of one line when a directive refers to something that does not exist
 */
export function readLive(sdl: string): LiveDirectives {
  const document = parse(sdl, { noLocation: true });
  const names = directiveNames(document);
  const schema = buildASTSchema(document, { assumeValidSDL: true });
  return {
    streams: readStreams(schema, names),
    isPrivate: privateFields(schema, names.private),
    isTransient: transientFields(schema, names.private),
  };
}

interface Names {
  readonly audience: string;
  readonly personal: string;
  readonly resume: string;
  readonly private: ReadonlySet<string>;
}

/** The names that the links of the schema give to the directives (https://specs.apollo.dev/link/v1.0). */
function directiveNames(document: DocumentNode): Names {
  const names = {
    audience: 'live__audience',
    personal: 'live__personal',
    resume: 'live__resume',
    private: new Set(['cacheControl', 'cacheControl__cacheControl']),
  };
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.SCHEMA_DEFINITION && definition.kind !== Kind.SCHEMA_EXTENSION) continue;
    for (const directive of definition.directives ?? []) {
      if (directive.name.value !== 'link') continue;
      const url = text(directive, 'url') ?? '';
      const prefix = text(directive, 'as') ?? url.split('/').at(-2) ?? '';
      const imported = imports(directive);
      if (LIVE.test(url)) {
        names.audience = imported.get('@audience') ?? `${prefix}__audience`;
        names.personal = imported.get('@personal') ?? `${prefix}__personal`;
        names.resume = imported.get('@resume') ?? `${prefix}__resume`;
      }
      if (CACHE_CONTROL.test(url)) names.private.add(`${prefix}__cacheControl`).add(prefix);
      const renamed = imported.get('@cacheControl');
      if (renamed !== undefined) names.private.add(renamed);
    }
  }
  return names;
}

function imports(link: ConstDirectiveNode): Map<string, string> {
  const found = new Map<string, string>();
  const list = link.arguments?.find(({ name }) => name.value === 'import')?.value;
  for (const item of list?.kind === Kind.LIST ? list.values : []) {
    if (item.kind === Kind.STRING) found.set(item.value, item.value.slice(1));
    if (item.kind !== Kind.OBJECT) continue;
    const entry = new Map(
      item.fields.map(({ name, value }) => [name.value, value.kind === Kind.STRING ? value.value : '']),
    );
    const name = entry.get('name') ?? '';
    found.set(name, (entry.get('as') ?? name).slice(1));
  }
  return found;
}

function text(directive: ConstDirectiveNode | undefined, argument: string): string | undefined {
  const value = directive?.arguments?.find(({ name }) => name.value === argument)?.value;
  return value?.kind === Kind.STRING || value?.kind === Kind.ENUM ? value.value : undefined;
}

const named = (
  node: { readonly directives?: readonly ConstDirectiveNode[] | undefined } | undefined | null,
  name: string,
) => node?.directives?.find((directive) => directive.name.value === name);

function readStreams(schema: GraphQLSchema, names: Names): Map<string, LiveStream> {
  const streams = new Map<string, LiveStream>();
  const queries = schema.getQueryType()?.astNode;
  for (const field of schema.getSubscriptionType()?.astNode?.fields ?? []) {
    const audience = named(field, names.audience);
    const personal = named(field, names.personal);
    const resume = named(field, names.resume);
    if (!audience && !personal && !resume) continue;
    if (audience && personal)
      throw new Error(
        `the subscription field "${field.name.value}" has @audience and @personal: a stream of one person has no audience`,
      );
    const check = text(audience, 'check');
    streams.set(field.name.value, {
      ...(audience && { audience: check === undefined ? {} : { check: readCheck(field, check, queries) } }),
      ...(resume && { resume: readResume(schema, field, resume) }),
      ...(personal && { isPersonal: true }),
    });
  }
  return streams;
}

function readCheck(
  stream: FieldDefinitionNode,
  check: string,
  queries: ObjectTypeDefinitionNode | undefined | null,
): AudienceCheck {
  const place = `@audience(check: "${check}") of the subscription field "${stream.name.value}"`;
  const field = queries?.fields?.find(({ name }) => name.value === check);
  if (!field) throw new Error(`${place}: the query type has no such field`);
  const args = (field.arguments ?? []).map(({ name, type }) => {
    if (!stream.arguments?.some((argument) => argument.name.value === name.value))
      throw new Error(`${place}: the stream has no argument "${name.value}"`);
    return { name: name.value, type: print(type) };
  });
  return { field: check, args };
}

function readResume(schema: GraphQLSchema, stream: FieldDefinitionNode, directive: ConstDirectiveNode): Resume {
  const place = `@resume of the subscription field "${stream.name.value}"`;
  const [argument = '', from = ''] = [text(directive, 'argument'), text(directive, 'from')];
  const taken = stream.arguments?.find(({ name }) => name.value === argument);
  if (!taken) throw new Error(`${place}: it has no argument "${argument}"`);
  const event = getNamedType(typeFromAST(schema, stream.type as never));
  const value = isObjectType(event) || isInterfaceType(event) ? event.getFields()[from] : undefined;
  if (!value || !isLeafType(getNamedType(value.type)))
    throw new Error(`${place}: its events have no field "${from}" of a scalar or enum type`);
  const field = schema.getSubscriptionType()?.getFields()[stream.name.value];
  const fallback = field?.args.find(({ name }) => name === argument)?.defaultValue;
  return { argument, type: print(nullable(taken)), fallback, from };
}

const nullable = ({ type }: InputValueDefinitionNode): TypeNode =>
  type.kind === Kind.NON_NULL_TYPE ? type.type : type;

function transientFields(schema: GraphQLSchema, names: ReadonlySet<string>): LiveDirectives['isTransient'] {
  const found = new Set<string>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const { name, astNode } of Object.values(type.getFields())) {
      const isMarked = (astNode?.directives ?? []).some((directive) => {
        const age = directive.arguments?.find((argument) => argument.name.value === 'maxAge')?.value;
        return names.has(directive.name.value) && age?.kind === Kind.INT && age.value === '0';
      });
      if (isMarked) for (const { name: owner } of [type, ...type.getInterfaces()]) found.add(`${owner}.${name}`);
    }
  }
  return (typename, field) => found.has(`${typename}.${field}`);
}

function privateFields(schema: GraphQLSchema, names: ReadonlySet<string>): LiveDirectives['isPrivate'] {
  const isMarked = (
    node: { readonly directives?: readonly ConstDirectiveNode[] | undefined } | undefined | null,
  ): boolean =>
    (node?.directives ?? []).some(
      (directive) => names.has(directive.name.value) && text(directive, 'scope') === 'PRIVATE',
    );
  const types = Object.values(schema.getTypeMap()).filter((type) => isObjectType(type) || isInterfaceType(type));
  const owners = new Set(
    Object.values(schema.getTypeMap())
      .filter(
        ({ astNode, extensionASTNodes }) =>
          isMarked(astNode as never) || extensionASTNodes.some((node) => isMarked(node as never)),
      )
      .map(({ name }) => name),
  );
  for (const type of Object.values(schema.getTypeMap())) {
    if (
      (isInterfaceType(type) || isUnionType(type)) &&
      schema.getPossibleTypes(type).some(({ name }) => owners.has(name))
    )
      owners.add(type.name);
  }
  const found = new Set<string>();
  const foundNames = new Set<string>();
  const mark = (typename: string, field: string): boolean => {
    const size = found.size;
    found.add(`${typename}.${field}`);
    foundNames.add(field);
    return found.size > size;
  };
  for (const type of types) {
    for (const field of Object.values(type.getFields())) {
      if (isMarked(field.astNode) || owners.has(type.name) || owners.has(getNamedType(field.type).name))
        mark(type.name, field.name);
    }
  }
  if (found.size === 0) return () => false;

  const reaches = (typename: string, { selections }: SelectionSetNode): boolean =>
    selections.some((selection) => {
      if (selection.kind === Kind.INLINE_FRAGMENT)
        return reaches(selection.typeCondition?.name.value ?? typename, selection.selectionSet);
      if (selection.kind !== Kind.FIELD) return false;
      if (found.has(`${typename}.${selection.name.value}`)) return true;
      const type = schema.getType(typename);
      const next = isObjectType(type) || isInterfaceType(type) ? type.getFields()[selection.name.value] : undefined;
      return (
        next !== undefined &&
        selection.selectionSet !== undefined &&
        reaches(getNamedType(next.type).name, selection.selectionSet)
      );
    });
  const computedFromPrivate = (typename: string, field: FieldDefinitionNode | undefined | null): boolean =>
    (field?.directives ?? []).some((directive) => {
      if (directive.name.value !== 'join__field') return false;
      const requires = text(directive, 'requires');
      if (requires !== undefined && reaches(typename, selectionOf(requires))) return true;
      const contexts = directive.arguments?.find(({ name }) => name.value === 'contextArguments');
      // A field depends on the client as soon as a private field has the name of one that the context selects, because
      // any type may set a context.
      return contexts !== undefined && (print(contexts.value).match(/\w+/g) ?? []).some((word) => foundNames.has(word));
    });

  for (let changed = true; changed;) {
    changed = false;
    for (const type of types) {
      for (const field of Object.values(type.getFields())) {
        if (!found.has(`${type.name}.${field.name}`) && computedFromPrivate(type.name, field.astNode))
          changed = mark(type.name, field.name) || changed;
      }
      for (const above of type.getInterfaces()) {
        for (const field of Object.keys(above.getFields())) {
          const [upper, lower] = [found.has(`${above.name}.${field}`), found.has(`${type.name}.${field}`)];
          if (upper !== lower) changed = mark(upper ? type.name : above.name, field) || changed;
        }
      }
    }
  }
  return (typename, field) => found.has(`${typename}.${field}`);
}

function selectionOf(fields: string): SelectionSetNode {
  const [definition] = parse(`{${fields}}`, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error(`not a selection of fields: ${fields}`);
  return definition.selectionSet;
}
