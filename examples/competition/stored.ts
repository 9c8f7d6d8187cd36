import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Competition } from './openfootball.ts';
import { UsageError } from './api.ts';

const FOLDER = '.prodvor/competitions';

/** A file name may have 255 bytes; a competition's name may have 100 letters of any script. */
const path = (name: string): string => {
  const encoded = encodeURIComponent(name.toWellFormed());
  return join(
    FOLDER,
    `${encoded.length <= 246 ? encoded : createHash('sha256').update(name).digest('base64url')}.json`,
  );
};

/** Stores the imported file's text. The API has the calendar; only the file has the scorers and minutes. */
export async function store({ name }: Competition, text: string): Promise<void> {
  const target = path(name);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(`${target}.new`, text);
  await rename(`${target}.new`, target);
}

/** @throws UsageError when no competition of this name was imported on this machine. */
export async function stored(name: string): Promise<string> {
  try {
    return await readFile(path(name), 'utf8');
  } catch {
    throw new UsageError(`no competition "${name}" was imported here; first: npm run import -- FILE`);
  }
}
