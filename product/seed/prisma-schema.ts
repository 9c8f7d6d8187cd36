// Reads the models from prisma/<service>/*.prisma, in the form that memory-client.ts needs.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const DIRECTORY = path.join(import.meta.dirname, '../../prisma');

export interface Field {
  readonly name: string;
  readonly column: string;
  /** The name of a scalar type of Prisma, of an enum, or of a model. */
  readonly type: string;
  readonly isList: boolean;
  /** The argument of `@default`, for example `uuid(7)`. */
  readonly default: string | undefined;
  /**
   * For a relation that this model's fields hold: the names of these fields, and of the equal fields of the other
   * model. Undefined at the other end of the relation, and for a field that is no relation.
   */
  readonly relation: { readonly from: readonly string[]; readonly to: readonly string[] } | undefined;
}

export interface Model {
  readonly name: string;
  readonly table: string;
  readonly fields: ReadonlyMap<string, Field>;
  /** The names of the fields of the primary key. */
  readonly primary: readonly string[];
  readonly uniques: readonly (readonly string[])[];
}

/** The models of a service by name. Fields with `@ignore` are left out, as Prisma's client does. */
export function modelsOf(service: string): ReadonlyMap<string, Model> {
  const folder = path.join(DIRECTORY, service);
  const text = readdirSync(folder)
    .filter((name) => name.endsWith('.prisma'))
    .map((name) => readFileSync(path.join(folder, name), 'utf8'))
    .join('\n');
  const models = [...text.matchAll(/^model (\w+) \{\n([^]*?)^\}/gm)].map(([, name = '', body = '']) =>
    modelFrom(name, body),
  );
  return new Map(models.map((model) => [model.name, model]));
}

function modelFrom(name: string, body: string): Model {
  const lines = body.split('\n').map((line) => line.trim());
  const block = (attribute: string): string[][] =>
    lines.flatMap((line) => {
      const [, names] = new RegExp(`^@@${attribute}\\(\\[([^\\]]+)\\]`).exec(line) ?? [];
      return names === undefined ? [] : [names.split(',').map((one) => one.trim())];
    });
  const fields = lines.flatMap((line) => {
    const [, field = '', type = '', list, rest = ''] = /^(\w+)\s+(\w+)(\[\])?\??(.*)$/.exec(line) ?? [];
    if (field === '' || /@ignore\b/.test(rest)) return [];
    return [{ rest, field: fieldFrom(field, type, list !== undefined, rest) }];
  });
  const marked = (attribute: RegExp): string[] =>
    fields.filter(({ rest }) => attribute.test(rest)).map(({ field }) => field.name);
  return {
    name,
    table: /^@@map\("(\w+)"\)/m.exec(lines.join('\n'))?.[1] ?? name,
    fields: new Map(fields.map(({ field }) => [field.name, field])),
    primary: block('id')[0] ?? marked(/@id\b/),
    uniques: [...block('unique'), ...marked(/@unique\b/).map((one) => [one])],
  };
}

function fieldFrom(name: string, type: string, isList: boolean, rest: string): Field {
  const names = (argument: string): string[] | undefined =>
    new RegExp(`@relation\\([^)]*${argument}: \\[([^\\]]+)\\]`)
      .exec(rest)?.[1]
      ?.split(',')
      .map((one) => one.trim());
  const [from, to] = [names('fields'), names('references')];
  return {
    name,
    type,
    isList,
    column: / @map\("(\w+)"\)/.exec(` ${rest}`)?.[1] ?? name,
    default: /@default\(((?:[^()]|\([^)]*\))*)\)/.exec(rest)?.[1],
    relation: from && to ? { from, to } : undefined,
  };
}
