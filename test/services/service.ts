import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Launch } from './processes.ts';
import type { Ports, ServiceName } from './ports.ts';

/** Where a service of one data directory lives, and how it tells what it is doing. */
export interface Context {
  /** Folder of this one service; exists. */
  dir: string;
  ports: Ports;
  say(text: string): void;
}

/** A server that is started from binaries installed on this machine. */
export interface Service {
  name: ServiceName;
  /** Seconds until the server must be usable; the first start of a Java server on a busy machine is slow. */
  patience: number;
  /** One line that says what to install, or undefined when the server can be started here. */
  missing(): string | undefined;
  /** Writes configuration and data that the server wants before its start; the processes to run, in order. */
  prepare(context: Context): Promise<Launch[]>;
  /** Runs, repeated until it resolves, before the server is probed: what needs the running server. */
  setUp?(context: Context): Promise<void>;
}

/** An error whose message alone is for the user: no stack. */
export class Refusal extends Error {}

/** Full path of a program on the PATH, or undefined. */
export function findProgram(name: string): string | undefined {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // not in this folder
    }
  }
  return undefined;
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}
