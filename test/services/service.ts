import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Launch } from './processes.ts';
import type { Ports, ServiceName } from './ports.ts';

/** The folder, ports and progress output of a service. */
export interface Context {
  /** The folder of this service; it exists. */
  dir: string;
  ports: Ports;
  /** Whether nothing is forced to disk, for tests. Then a crash of the machine loses the data. */
  throwAway: boolean;
  say(text: string): void;
}

/** A server that is started from binaries installed on this machine. */
export interface Service {
  name: ServiceName;
  /** Seconds until the server must be usable. The first start of a Java server on a busy machine is slow. */
  patience: number;
  /** One line about what to install; undefined when the server can be started here. */
  missing(): string | undefined;
  /** Writes the server's configuration and data. Returns the processes to run, in order. */
  prepare(context: Context): Promise<Launch[]>;
  /** Setup that needs the running server. It is repeated until it resolves; then the server is probed. */
  setUp?(context: Context): Promise<void>;
}

/** An error for the user: only its message is printed, without a stack. */
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
