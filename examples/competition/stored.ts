import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Competition } from './openfootball.ts';
import { UsageError } from './api.ts';

const FOLDER = '.prodvor/competitions';

/**
 * The path of a competition's file, named after the competition. A file name may have at most 255 bytes. If the encoded
 * name of the competition has more, the file is named by a digest of it.
 */
const path = (name: string): string => {
  const encoded = encodeURIComponent(name.toWellFormed());
  return join(
    FOLDER,
    `${encoded.length <= 246 ? encoded : createHash('sha256').update(name).digest('base64url')}.json`,
  );
};

/** Stores the text of an imported file for the replay: only the file has the scorers and minutes. */
export async function store({ name }: Competition, text: string): Promise<void> {
  const target = path(name);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(`${target}.new`, text);
  await rename(`${target}.new`, target);
}

/**
 * Reads the file that {@link store} stored. @throws UsageError when no competition of this name was imported in this
 * directory
 */
export async function stored(name: string): Promise<string> {
  try {
    return await readFile(path(name), 'utf8');
  } catch {
    throw new UsageError(`no competition "${name}" was imported here; first: npm run import -- FILE`);
  }
}
