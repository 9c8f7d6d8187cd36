/** The error for arguments that the command cannot use. The message is one line. */
export class Refused extends Error {}

/** The words that templates have places for: `__name__` is the place of `name`. */
export type Names = Readonly<
  Record<'name' | 'Name' | 'type' | 'Type' | 'list' | 'List' | 'model' | 'table' | 'a' | 'A', string>
>;

/** The names that are in use already. */
export interface Taken {
  readonly subgraphs: readonly string[];
  /** Names of API types, of root fields, and of tables that every service has. */
  readonly types: ReadonlySet<string>;
  readonly fields: ReadonlySet<string>;
}

/** Names of processes, containers and database schemas that are not subgraphs. */
const OTHERS = new Set([
  'all',
  'router',
  'migrate',
  'postgres',
  'redis',
  'rabbitmq',
  'kafka',
  'keycloak',
  'mailpit',
  'kong',
  'public',
  'identity',
  'supergraph',
  'api',
  'released',
  'index',
  'shared',
  'registry',
]);
/**
 * Words that PostgreSQL accepts as names only in quotes (appendix C: reserved, or reserved for functions and types).
 */
const OF_SQL = new Set(
  `all analyse analyze and any array as asc asymmetric authorization between binary both case cast check collate collation column concurrently constraint
create cross default deferrable desc distinct do else end except false fetch for foreign freeze from full grant group having ilike in initially inner intersect into is isnull
join lateral leading left like limit localtime natural not notnull null offset on only or order outer overlaps placing primary references returning right select similar some
symmetric table tablesample then to trailing true union unique user using variadic verbose when where window with`.split(
    /\s+/,
  ),
);
/** Names that the templates import, and names that TypeScript and Prisma's client use without an import. */
const OF_CODE = new Set(
  `Args Awaited Boolean Context Counted DateTime Exclude Extract Float GraphQLContext GraphQLError ID Inject Injectable Int Json Module Mutation Node Omit
Outbox PageArgs PageInfo Parent Partial Person Pick Principal Prisma PrismaClient Query RateLimits Readonly Record Required ResolveField ResolveReference Resolver ResolversTypes
Subscription UserError UserErrorCode UserErrorReason Constructor`.split(/\s+/),
);

/** @throws Refused */
export function namesOf(name: string, type: string | undefined, taken: Taken): Names {
  if (!/^[a-z]{2,24}$/.test(name))
    throw new Refused(`"${name}" is no name of a subgraph: 2 to 24 lower-case letters, such as venues`);
  if (OTHERS.has(name) || OF_SQL.has(name))
    throw new Refused(`${name} means something else ${OTHERS.has(name) ? 'here' : 'to PostgreSQL'}: take another name`);
  if (taken.subgraphs.includes(name)) throw new Refused(`there is a subgraph ${name} already`);
  const Type = type ?? capital(singular(name));
  if (!/^(?:[A-Z][a-z]+)+$/.test(Type))
    throw new Refused(`"${Type}" is no name of a type here: letters, each word with one capital, such as Venue`);
  if (OF_CODE.has(Type) || Type in globalThis)
    throw new Refused(`${Type} means something else in the code: take another type with --type`);
  const single = Type.charAt(0).toLowerCase() + Type.slice(1);
  const list = singular(name) === single ? name : plural(single);
  const names = {
    name,
    Name: capital(name),
    type: single,
    Type,
    list: list === single ? plural(single) : list,
    List: '',
    model: single,
    table: '',
    a: /^[aeiou]/i.test(Type) ? 'an' : 'a',
    A: '',
  };
  Object.assign(names, {
    List: capital(names.list),
    table: names.list.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    A: capital(names.a),
  });
  const types = ['', 'Connection', 'Edge', 'Created']
    .map((end) => Type + end)
    .concat(`Create${Type}Input`, `Create${Type}Payload`);
  const used = [
    ...types.filter((one) => taken.types.has(one)),
    ...[single, names.list, `create${Type}`].filter((one) => taken.fields.has(one)),
  ];
  if (used.length > 0) throw new Refused(`the schema has ${used.join(', ')} already: take another type with --type`);
  return names;
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** The singular of an English plural, guessed from its ending. When the guess is wrong, the user can pass --type. */
export function singular(word: string): string {
  if (/[^aeiou]ies$/.test(word) && word.length > 4) return word.replace(/ies$/, 'y');
  if (/(?:ch|sh|ss|x|zz)es$/.test(word)) return word.slice(0, -2);
  return /[^su]s$/.test(word) ? word.slice(0, -1) : word;
}

export function plural(word: string): string {
  if (/[^aeiou]y$/.test(word)) return word.replace(/y$/, 'ies');
  return /(?:ch|sh|s|x|z)$/.test(word) ? `${word}es` : `${word}s`;
}
