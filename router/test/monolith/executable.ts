import { buildSchema, isInterfaceType, isObjectType, isUnionType } from 'graphql';
import type { GraphQLSchema } from 'graphql';
import { computed, root } from './store.ts';
import type { Thing } from './store.ts';

/** One server that has all data. */
export function makeExecutable(sdl: string): GraphQLSchema {
  const schema = buildSchema(sdl);
  for (const type of Object.values(schema.getTypeMap())) {
    if (isUnionType(type) || isInterfaceType(type)) type.resolveType = (thing: Thing) => String(thing['__typename']);
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      const compute = computed[type.name]?.[field.name];
      if (type === schema.getQueryType())
        field.resolve = (_, args: Thing) => (root[field.name] as (args: Thing) => unknown)(args);
      else if (compute) field.resolve = (thing: Thing, args: Thing) => compute(thing, args);
    }
  }
  return schema;
}
