/** Collects notes about rows. Rows with the same problem share one line. */
export class Notes {
  readonly #places = new Map<string, string[]>();

  add(message: string, where: string): void {
    const places = this.#places.get(message);
    if (places) places.push(where);
    else this.#places.set(message, [where]);
  }

  lines(): string[] {
    return [...this.#places].flatMap(([message, places]) =>
      places.length <= 3
        ? places.map((where) => `${where}: ${message}`)
        : [`${places.length} matches, the first ${places[0]}: ${message}`],
    );
  }
}
