import { Kind } from 'graphql';
import type { ConstDirectiveNode, ConstValueNode, DocumentNode } from 'graphql';

/** A specification that the supergraph links (https://specs.apollo.dev/link/v1.0). */
export interface LinkedFeature {
  /** The URL without the version. */
  readonly identity: string;
  readonly url: string;
  /**
   * The purpose of the feature. A router must not serve a supergraph if it does not support a feature with a purpose.
   */
  readonly purpose: string | undefined;
  /** The name in this document of one of its directives. */
  directive(name: string): string;
  /** Whether the feature defines an element: a type, or a directive if the name starts with @. */
  defines(name: string): boolean;
}

const SPECS = 'https://specs.apollo.dev';

/** The join specification of Federation 2.0 and 2.1. */
export const OLD_JOIN = `${SPECS}/join/v0.2`;

/**
 * Features that this router supports. It does not support authenticated, requiresScopes and policy: to serve them
 * without enforcing them would give access to protected data.
 */
const SUPPORTED = new Set([
  OLD_JOIN,
  ...[
    'link/v1.0',
    'join/v0.3',
    'join/v0.4',
    'join/v0.5',
    'tag/v0.1',
    'tag/v0.2',
    'tag/v0.3',
    'inaccessible/v0.1',
    'inaccessible/v0.2',
    'context/v0.1',
    'cost/v0.1',
    'cacheTag/v0.1',
  ].map((feature) => `${SPECS}/${feature}`),
]);

/**
 * The features that a supergraph links.
 * @throws Error when the document is not a supergraph, or needs a feature that the router does not support
 */
export function linkedFeatures({ definitions }: DocumentNode): LinkedFeature[] {
  const directives: ConstDirectiveNode[] = [];
  for (const definition of definitions) {
    if (definition.kind === Kind.SCHEMA_DEFINITION || definition.kind === Kind.SCHEMA_EXTENSION)
      directives.push(...(definition.directives ?? []));
  }
  const links = directives.filter((directive) => url(directive)?.startsWith(`${SPECS}/link/`));
  const linkName = links[0]?.name.value;
  if (linkName === undefined) throw new Error('it does not link https://specs.apollo.dev/link');
  const features = directives
    .filter(({ name }) => name.value === linkName)
    .flatMap((directive) => feature(directive) ?? []);
  if (!features.some(({ identity }) => identity === `${SPECS}/join`))
    throw new Error('it does not link https://specs.apollo.dev/join');
  for (const { url: address, purpose, identity } of features) {
    const needed = purpose === 'SECURITY' || purpose === 'EXECUTION' || identity === `${SPECS}/join`;
    if (needed && !SUPPORTED.has(address))
      throw new Error(`feature ${address} is for: ${purpose ?? 'EXECUTION'} but is unsupported`);
  }
  return features;
}

function feature(directive: ConstDirectiveNode): LinkedFeature | undefined {
  const address = url(directive);
  const parts = /^(?<identity>.*\/(?<name>[^/]+))\/(?<version>v\d+\.\d+)\/?$/.exec(address ?? '')?.groups;
  const identity = parts?.['identity'];
  if (address === undefined || identity === undefined) return undefined;
  const purpose = argument(directive, 'for');
  const as = argument(directive, 'as');
  const name = as?.kind === Kind.STRING ? as.value : (parts?.['name'] ?? '');
  const imports = importsOf(argument(directive, 'import'));
  const imported = new Set(imports.values());
  return {
    identity,
    url: address,
    purpose: purpose?.kind === Kind.ENUM ? purpose.value : undefined,
    directive: (own) => imports.get(`@${own}`)?.slice(1) ?? (own === parts?.['name'] ? name : `${name}__${own}`),
    defines: (element) =>
      imported.has(element) || element === `@${name}` || element.replace('@', '').startsWith(`${name}__`),
  };
}

/** Maps names of the specification to names in this document. Names of directives start with @. */
function importsOf(value: ConstValueNode | undefined): ReadonlyMap<string, string> {
  const imports = new Map<string, string>();
  if (value?.kind !== Kind.LIST) return imports;
  for (const item of value.values) {
    if (item.kind === Kind.STRING) imports.set(item.value, item.value);
    else if (item.kind === Kind.OBJECT) {
      const field = (wanted: string) => {
        const found = item.fields.find(({ name }) => name.value === wanted)?.value;
        return found?.kind === Kind.STRING ? found.value : undefined;
      };
      const name = field('name');
      if (name !== undefined) imports.set(name, field('as') ?? name);
    }
  }
  return imports;
}

export function argument(directive: ConstDirectiveNode, wanted: string): ConstValueNode | undefined {
  return directive.arguments?.find(({ name }) => name.value === wanted)?.value;
}

export function textArgument(directive: ConstDirectiveNode, wanted: string): string | undefined {
  const value = argument(directive, wanted);
  return value?.kind === Kind.STRING ? value.value : undefined;
}

const url = (directive: ConstDirectiveNode): string | undefined => textArgument(directive, 'url');
