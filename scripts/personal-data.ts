import { globSync, lstatSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { OnDeletion, Subgraph } from '../platform/manifest/manifest.ts';
import { PLATFORM_DATA, PLATFORM_NOT_PERSONAL } from '../platform/manifest/personal-data.ts';

interface Column {
  /** The model and the field: `RoomEvent.userId`. */
  readonly name: string;
  readonly field: string;
  readonly type: string;
  readonly attributes: string;
  /** The model of the same schema to which the column refers. */
  readonly of?: string;
}

/** The declarations of a manifest: personal columns, and columns that only look personal. */
interface Declared {
  readonly personalData: Readonly<Record<string, OnDeletion>>;
  readonly notPersonal: Readonly<Record<string, string>>;
}

/**
 * Matches columns that are named after a person who acts: `organizerId`, `refereeIds`, `recordedBy`. It also matches
 * some others, such as `folderId`, which have to be declared as not personal.
 */
const ACTOR =
  /(?:^user|User|^person|Person|^account|Account|^profile|Profile|[a-z](?:er|or|ee|ain|oach|ant|ist|ian))Ids?$|(?:By|^sub)(?:Id|User)?$/;
/** A column of any type is personal if its name has one of these words, which describe people. */
const ABOUT = new Set([
  'birth',
  'birthday',
  'born',
  'gender',
  'sex',
  'age',
  'phone',
  'mobile',
  'latitude',
  'longitude',
  'location',
  'height',
  'weight',
  'health',
  'passport',
  'nationality',
]);
/** Words for text that names a person, or that a person writes. */
const TEXT = new Set([
  'name',
  'username',
  'nickname',
  'handle',
  'surname',
  'email',
  'mail',
  'address',
  'street',
  'city',
  'postcode',
  'zip',
  'ip',
  'agent',
  'device',
  'avatar',
  'photo',
  'picture',
  'image',
  'url',
  'bio',
  'about',
  'text',
  'message',
  'body',
  'content',
  'note',
  'notes',
  'comment',
  'caption',
  'description',
  'reason',
  'title',
  'answer',
  'question',
  'contact',
  'token',
]);
const wordsOf = (name: string): string[] => name.split(/(?=[A-Z])/).map((word) => word.toLowerCase());

/** The columns of a Prisma schema. */
export function columnsIn(schema: string): Column[] {
  const models = [...schema.replace(/\/\/.*$/gm, '').matchAll(/^model (\w+) \{([^}]*)\}/gm)].map(
    ([, model = '', body = '']) => ({
      model,
      fields: [...body.matchAll(/^[ \t]*(\w+)[ \t]+(\w+)(?:\[\]|\?)?(.*)$/gm)].map(
        ([, field = '', type = '', attributes = '']) => ({ field, type, attributes }),
      ),
    }),
  );
  const names = new Set(models.map(({ model }) => model));
  return models.flatMap(({ model, fields }) => {
    const pointing = new Map(
      fields
        .filter(({ type }) => names.has(type))
        .flatMap(({ type, attributes }) =>
          (/fields:\s*\[([^\]]*)\]/.exec(attributes)?.[1] ?? '')
            .split(',')
            .map((field) => [field.trim(), type] as const),
        ),
    );
    return fields
      .filter(({ type }) => !names.has(type))
      .map((column) => ({ ...column, name: `${model}.${column.field}`, of: pointing.get(column.field) }));
  });
}

/**
 * Why a column has to be declared; undefined when it does not look personal.
 * @param things the names of entities that are not people: `team`, `match`
 * @param declared the declarations for the same schema. A column that refers to a person's row is personal too
 */
function reasonToDeclare(
  { name, field, type, attributes, of }: Column,
  things: ReadonlySet<string>,
  { personalData }: Declared,
): string | undefined {
  if (ACTOR.test(field)) return 'is named like somebody’s id';
  if (type === 'Json' || type === 'Bytes' || type === 'Unsupported' || attributes.includes('@db.Inet'))
    return `can hold anything (${type})`;
  const words = wordsOf(field);
  if (words.some((word) => ABOUT.has(word))) return 'is named like something of a person';
  if (type === 'String' && !/Ids?$/.test(field) && words.some((word) => TEXT.has(word)))
    return 'is named like text of a person';
  if (of !== undefined)
    return Object.hasOwn(personalData, `${of}.id`) ? `points to ${of}, which is a person` : undefined;
  if (!attributes.includes('@db.Uuid') || /@default\((?:uuid\(|dbgenerated\()/.test(attributes)) return undefined;
  const thing = words.at(-2);
  return words.at(-1) === 'id' && thing !== undefined && things.has(thing)
    ? undefined
    : `is an id, and its name says of nothing that is known (${name})`;
}

/** A line for each error in the declarations about these columns. */
export function errorsIn(
  owner: string,
  columns: readonly Column[],
  declared: Declared,
  things: ReadonlySet<string>,
): string[] {
  const { personalData, notPersonal } = declared;
  const present = new Set(columns.map(({ name }) => name));
  const listed = [...Object.keys(personalData), ...Object.keys(notPersonal)];
  return [
    ...columns
      .filter(({ name }) => !listed.includes(name))
      .flatMap((column) => {
        const why = reasonToDeclare(column, things, declared);
        return why
          ? [
              `${owner}: column ${column.name} ${why}: list it in personalData with what happens to it when the person is deleted, or list it in notPersonal with its meaning`,
            ]
          : [];
      }),
    ...listed.filter((name) => !present.has(name)).map((name) => `${owner} lists ${name}, and there is no such column`),
    ...listed
      .filter((name, index) => listed.indexOf(name) !== index)
      .map((name) => `${owner} lists ${name} as personal and as not personal`),
    ...Object.entries({ ...personalData, ...notPersonal }).flatMap(([name, what]) => {
      const reason = typeof what === 'object' ? what.kept : what;
      return reason.trim() ? [] : [`${owner} does not say why of ${name}`];
    }),
  ];
}

const ROOT = path.join(import.meta.dirname, '..');

/** A line for each error in the personal data that the manifests and the platform declare. */
export function checkPersonalData(subgraphs: readonly Subgraph[], directory = path.join(ROOT, 'prisma')): string[] {
  const schemas = new Map(
    subgraphs.map((subgraph) => [
      subgraph,
      globSync(`${subgraph.name}/*.prisma`, { cwd: directory }).map((file) => path.join(directory, file)),
    ]),
  );
  // The models of shared tables are symbolic links in each subgraph's folder. The platform declares their columns.
  const isShared = (file: string): boolean => lstatSync(file).isSymbolicLink();
  const read = (files: readonly string[]): Column[] =>
    columnsIn(files.map((file) => readFileSync(file, 'utf8')).join('\n'));
  const persons = new Set(subgraphs.flatMap(({ personalData }) => Object.keys(personalData)));
  const models = new Set(
    [...schemas.values()].flatMap((files) => read(files).map(({ name }) => name.split('.')[0] ?? '')),
  );
  const things = new Set(
    [...models].filter((model) => !persons.has(`${model}.id`)).map((model) => wordsOf(model).at(-1) ?? ''),
  );
  const parts = globSync('platform/**/models.prisma', { cwd: ROOT }).map((file) => path.join(ROOT, file));
  return [
    ...errorsIn(
      'platform/manifest/personal-data.ts',
      read(parts),
      { personalData: PLATFORM_DATA, notPersonal: PLATFORM_NOT_PERSONAL },
      things,
    ),
    ...[...schemas].flatMap(([subgraph, files]) =>
      errorsIn(
        `subgraphs/${subgraph.name}/subgraph.ts`,
        read(files.filter((file) => !isShared(file))),
        subgraph,
        things,
      ),
    ),
  ];
}
