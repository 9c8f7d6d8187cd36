import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse, validate } from 'graphql';
import type { Question } from '../platform/questions/definition.ts';
import { asksOf, type Registry } from '../platform/manifest/manifest.ts';
import { questionFieldsOf } from '../platform/subgraph/question-fields.ts';
import { sdlOf } from '../platform/subgraph/sdl.ts';

const ROOT = path.join(import.meta.dirname, '..');
const TEST_CODE = /\.(spec|fixture|testing)\.ts$/;

/** A line for each subgraph that asks others. */
export const whoAsksWhom = (registry: Registry): readonly string[] =>
  [...asksOf(registry)].flatMap(([name, asked]) =>
    asked.length > 0
      ? [
          `${name} asks ${asked.join(', ')}${registry[name]?.answersNode ? ' (for node: each subgraph with nodes)' : ''}`,
        ]
      : [],
  );

export type Defined = Readonly<Record<string, readonly [name: string, question: Question<never, unknown>][]>>;

/** The questions that `schema/questions/` defines, by file name. The file is named after the subgraph that is asked. */
export async function definedQuestions(root = ROOT): Promise<Defined> {
  const files = globSync('schema/questions/*.ts', { cwd: root })
    .filter((file) => !TEST_CODE.test(file))
    .sort();
  const entries = await Promise.all(
    files.map(async (file) => {
      const questions = Object.entries((await import(path.join(root, file))) as Record<string, unknown>).filter(
        ([, one]) => typeof one === 'object' && one !== null && 'query' in one,
      );
      return [path.basename(file, '.ts'), questions as [string, Question<never, unknown>][]] as const;
    }),
  );
  return Object.fromEntries(entries);
}

/** The questions that a subgraph's code imports, each in the form `teams.TeamExists`. */
export function importedQuestions(name: string, root = ROOT): ReadonlySet<string> {
  const files = globSync(`subgraphs/${name}/**/*.ts`, { cwd: root, exclude: (file) => file === 'generated' }).filter(
    (file) => !TEST_CODE.test(file),
  );
  return new Set(
    files.flatMap((file) =>
      [
        ...readFileSync(path.join(root, file), 'utf8').matchAll(
          /^import \{([^}]*)\} from '[^']*schema\/questions\/(\w+)\.ts'/gm,
        ),
      ].flatMap(([, names = '', to = '']) =>
        names
          .split(',')
          .map((one) => `${to}.${one.trim().split(' ')[0] ?? ''}`)
          .filter((one) => !one.endsWith('.')),
      ),
    ),
  );
}

/**
 * Finds questions of the subgraphs that are not declared, defined or answered. The registry itself refuses cycles.
 * @param sdl the SDL of a subgraph
 */
export function questionProblems(
  registry: Registry,
  defined: Defined,
  imported: (name: string) => ReadonlySet<string>,
  sdl: (name: string) => string = sdlOf,
): readonly string[] {
  const problems: string[] = [];
  const asked = new Set<string>();
  for (const { name, asks } of Object.values(registry)) {
    const used = [...imported(name)];
    for (const one of used) asked.add(one);
    const targets = new Set(used.map((one) => one.slice(0, one.indexOf('.'))));
    for (const to of targets)
      if (!asks.includes(to))
        problems.push(
          `subgraphs/${name}/subgraph.ts: it asks ${to} (${used.filter((one) => one.startsWith(`${to}.`)).join(', ')}), which its asks does not list`,
        );
    for (const to of asks)
      if (!targets.has(to))
        problems.push(
          `subgraphs/${name}/subgraph.ts: its asks lists ${to}, but it uses no question of schema/questions/${to}.ts`,
        );
  }
  for (const [owner, questions] of Object.entries(defined)) {
    const where = `schema/questions/${owner}.ts`;
    if (!registry[owner]) {
      problems.push(`${where}: there is no subgraph ${owner}`);
      continue;
    }
    const schema = buildSubgraphSchema(parse(sdl(owner)));
    const fields = questionFieldsOf(sdl(owner));
    for (const [name, { to, field, query }] of questions) {
      if (to !== owner) problems.push(`${where}: ${name} is a question to ${to}`);
      for (const { message } of validate(schema, parse(query))) problems.push(`${where}: ${name}: ${message}`);
      if (field !== '_entities' && !fields.has(field))
        problems.push(
          `${where}: ${name}: Query.${field} of ${owner} is not @inaccessible, so clients could ask it too`,
        );
      if (!asked.has(`${owner}.${name}`)) problems.push(`${where}: nobody asks ${name}`);
    }
  }
  for (const name of Object.keys(registry)) {
    const answered = new Set((defined[name] ?? []).map(([, { field }]) => field));
    for (const field of questionFieldsOf(sdl(name)).keys())
      if (!answered.has(field))
        problems.push(
          `schema/${name}.graphql: Query.${field} is for other subgraphs, and schema/questions/${name}.ts has no question for it`,
        );
  }
  return problems;
}

/** Prints which subgraph asks which others. Returns the problems for `npm run check`. */
export async function checkQuestions(registry: Registry): Promise<readonly string[]> {
  for (const line of whoAsksWhom(registry)) console.log(`    ${line}`);
  return questionProblems(registry, await definedQuestions(), importedQuestions);
}
