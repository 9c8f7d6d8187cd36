import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Flow, LANGUAGES } from './flow.ts';
import type { TextLanguage } from '../facts/check.ts';

const FOLDER = path.join(import.meta.dirname, '../prompts');
const read = new Map<string, Promise<string>>();

/** The text of a prompt's file. A file is read once; a failed read is tried again at the next call. */
const fileOf = ({ name, promptVersion }: Pick<Flow, 'name' | 'promptVersion'>): Promise<string> => {
  const file = `${name}.${promptVersion}.md`;
  const known = read.get(file);
  if (known) return known;
  const text = readFile(path.join(FOLDER, file), 'utf8');
  read.set(file, text);
  text.catch(() => read.delete(file));
  return text;
};

/** The instructions of a flow for a language. They contain nothing that people wrote. */
export const instructionsOf = async (
  flow: Pick<Flow, 'name' | 'promptVersion'>,
  language: TextLanguage,
): Promise<string> => (await fileOf(flow)).replaceAll('{{language}}', LANGUAGES[language]).trim();
