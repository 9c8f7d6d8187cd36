/** A document as clients send it. */
export interface UsedDocument {
  readonly query: string;
  readonly operationName: string | undefined;
}

interface Entry extends UsedDocument {
  uses: number;
}

/**
 * The first COUNTED uses are all counted, later ones only one in SAMPLE. That is enough to find documents that are used
 * often.
 */
const COUNTED = 1_000;
const SAMPLE = 16;
const MAX_DOCUMENTS = 1_000;
const MAX_CHARACTERS = 4_000_000;

/**
 * Counts how often documents are used, so that the most used ones can be prepared for a new supergraph before it is
 * served. Its size is bounded; it evicts the least used documents first.
 */
export class DocumentUsage {
  #entries = new Map<string, Entry>();
  #characters = 0;
  #seen = 0;

  /**
   * Counts a use, or after the first COUNTED uses only a sample of the uses. Call it for each operation that was
   * prepared successfully.
   */
  recordUse(query: string, operationName: string | null | undefined): void {
    if (++this.#seen > COUNTED && this.#seen % SAMPLE !== 0) return;
    const key = `${operationName ?? ''}\n${query}`;
    const known = this.#entries.get(key);
    if (known) return void known.uses++;
    this.#entries.set(key, { query, operationName: operationName ?? undefined, uses: 1 });
    this.#characters += key.length;
    if (this.#entries.size > MAX_DOCUMENTS || this.#characters > MAX_CHARACTERS) this.#evict();
  }

  /** The `limit` documents with the most uses, the most used first. */
  mostUsed(limit: number): UsedDocument[] {
    return [...this.#entries.values()].toSorted((a, b) => b.uses - a.uses).slice(0, limit);
  }

  /**
   * Keeps the more used half of the documents and halves their counts, so that documents from long ago do not stay
   * forever.
   */
  #evict(): void {
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
