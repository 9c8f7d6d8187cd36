// What the page adds to responses and requests of the API.

/**
 * Passes on the parts of a response with `@defer`, and adds when each part arrived: `extensions.explorer.parts`. A
 * response in one part stays unchanged.
 * @param chunks of GraphiQL's fetcher: one response, or lists of parts
 */
export async function* timed(chunks, now = () => performance.now()) {
  const begin = now();
  const parts = [];
  const announced = new Map();
  for await (const chunk of chunks) {
    if (!Array.isArray(chunk)) {
      yield chunk;
      continue;
    }
    const afterMs = Math.round(now() - begin);
    for (const part of chunk) {
      for (const { id, path, label } of part.pending ?? []) announced.set(id, { path, ...(label && { label }) });
      parts.push({ afterMs, ...whereOf(part, announced) });
      yield [{ ...part, extensions: { ...part.extensions, explorer: { parts: [...parts] } } }];
    }
  }
}

/** The contents of a part: the initial response, or deferred fragments with their paths. */
function whereOf({ data, incremental }, announced) {
  if (data !== undefined) return { first: true };
  return {
    deferred: (incremental ?? []).map((piece) => {
      const { path = [], label } = announced.get(piece.id) ?? piece;
      return { path: [...path, ...(piece.subPath ?? [])], ...(label && { label }) };
    }),
  };
}

/**
 * Adds values for variables that an operation declares but the user left out. It gets each value with a query when the
 * operation starts.
 * @param finders by variable name: `query`, and the `path` of the value in its data
 * @param ask sends a query and resolves to its response
 * @throws Error when there is no such value now
 */
export async function fillIn(finders, { query, variables }, ask) {
  const filled = { ...variables };
  for (const [name, { query: finder, path, absent }] of Object.entries(finders ?? {})) {
    if (filled[name] !== undefined || !new RegExp(`\\$${name}\\s*:`).test(query)) continue;
    const { data, errors } = await ask(finder);
    const value = path.reduce((at, key) => at?.[key], data);
    if (value === undefined || value === null)
      throw new Error(errors?.[0]?.message ?? absent ?? `There is no value for $${name} now.`);
    filled[name] = value;
  }
  return filled;
}
