import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '../..');

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the command as `npm run messages` does. */
export async function messages(
  args: readonly string[],
  { env = {}, input = '' }: { env?: Readonly<Record<string, string>>; input?: string } = {},
): Promise<Ran> {
  const command = ['--import', path.join(ROOT, 'loader.mjs'), path.join(ROOT, 'product/messages/cli.ts'), ...args];
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, command, { cwd: ROOT, env: { PATH, HOME, ...env }, timeout: 120_000 });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  child.stdin.on('error', () => undefined); // the command may end before it has read its input
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}
