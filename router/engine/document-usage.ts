/** A document as clients send it. */
export interface UsedDocument {
  readonly query: string;
  readonly operationName: string | undefined;
}

interface Entry extends UsedDocument {
  uses: number;
}

/** So many uses are all counted, then one in SAMPLE: what is used often is found out either way. */
const COUNTED = 1_000;
const SAMPLE = 16;
const MAX_DOCUMENTS = 1_000;
const MAX_CHARACTERS = 4_000_000;

/**
 * Which documents are used most, to prepare them for a new supergraph before it is served. Bounded; what was used
 * little is forgotten first.
 */
export class DocumentUsage {
  #entries = new Map<string, Entry>();
  #characters = 0;
  #seen = 0;

  /** To be called for each operation that could be prepared. */
  used(query: string, operationName: string | null | undefined): void {
    if (++this.#seen > COUNTED && this.#seen % SAMPLE !== 0) return;
    const key = `${operationName ?? ''}\n${query}`;
    const known = this.#entries.get(key);
    if (known) return void known.uses++;
    this.#entries.set(key, { query, operationName: operationName ?? undefined, uses: 1 });
    this.#characters += key.length;
    if (this.#entries.size > MAX_DOCUMENTS || this.#characters > MAX_CHARACTERS) this.#forget();
  }

  /** The most used first. */
  most(limit: number): UsedDocument[] {
    return [...this.#entries.values()].toSorted((a, b) => b.uses - a.uses).slice(0, limit);
  }

  /** Keeps the better half, and halves what they have, so that what was used long ago does not stay for ever. */
  #forget(): void {
    const kept = [...this.#entries].toSorted(([, a], [, b]) => b.uses - a.uses).slice(0, MAX_DOCUMENTS / 2);
    this.#entries = new Map();
    this.#characters = 0;
    for (const [key, entry] of kept) {
      if (this.#characters + key.length > MAX_CHARACTERS / 2) continue;
      this.#characters += key.length;
      entry.uses = Math.ceil(entry.uses / 2);
      this.#entries.set(key, entry);
    }
  }
}
