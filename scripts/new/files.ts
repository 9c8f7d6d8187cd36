import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Names } from './names.ts';

const TEMPLATES = path.join(import.meta.dirname, 'subgraph');
const ENDING = '.template';

/**
 * The files of a new subgraph by their path in the repository. A template marks a place for a word with `__word__`.
 * @param names the words for the places
 * @throws Error when a place has no word
 */
export function filesOf(names: Names & Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  const fill = (text: string): string =>
    text.replace(/__([A-Za-z]+)__/g, (place, word: string) => {
      const value = names[word];
      if (value === undefined) throw new Error(`the templates have ${place}, and there is no such word`);
      return value;
    });
  const files = globSync(`**/*${ENDING}`, { cwd: TEMPLATES }).sort();
  return new Map(
    files.map((file) => [fill(file.slice(0, -ENDING.length)), fill(readFileSync(path.join(TEMPLATES, file), 'utf8'))]),
  );
}

/**
 * The text of subgraphs/registry.ts with one more subgraph.
 * @throws Error when the list of subgraphs does not end as expected
 */
export function registryWith(text: string, name: string): string {
  const line = `  await import('./${name}/subgraph.ts'),\n`;
  const changed = text.replace(/^( *await import\('\.\/\w+\/subgraph\.ts'\),\n)(?=\);\n)/m, (last) => last + line);
  if (changed === text) throw new Error('subgraphs/registry.ts does not end with a line per subgraph');
  return changed;
}
