import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Changes files, and can undo all its changes together. */
export class Changes {
  readonly #root: string;
  readonly #before = new Map<string, Buffer>();
  /** Files and folders that did not exist before. */
  readonly #made: string[] = [];

  constructor(root: string) {
    this.#root = root;
  }

  /** Creates a file with this text. @throws Error when the file exists */
  create(file: string, text: string): void {
    this.createFolder(path.dirname(file));
    const absolute = path.join(this.#root, file);
    if (existsSync(absolute)) throw new Error(`${file} is there already`);
    this.#made.push(absolute);
    writeFileSync(absolute, text);
  }

  replace(file: string, text: string): void {
    this.keep(file);
    writeFileSync(path.join(this.#root, file), text);
  }

  /**
   * Remembers the present state of the file for `undo`. Must be called before another program changes or creates it.
   */
  keep(file: string): void {
    const absolute = path.join(this.#root, file);
    if (!existsSync(absolute)) this.#made.push(absolute);
    else if (!this.#before.has(absolute)) this.#before.set(absolute, readFileSync(absolute));
  }

  /** Creates the folder. If it did not exist, undo deletes it with everything in it. */
  createFolder(folder: string): void {
    const first = mkdirSync(path.join(this.#root, folder), { recursive: true });
    if (first !== undefined) this.#made.push(first);
  }

  undo(): void {
    for (const file of this.#made.splice(0).reverse()) rmSync(file, { recursive: true, force: true });
    for (const [file, content] of this.#before) writeFileSync(file, content);
    this.#before.clear();
  }
}
