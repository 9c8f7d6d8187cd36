// What the page adds to what the API answers, and to what it is asked.

/**
 * The parts of an answer with `@defer`, with a list beside them of what was received when: `extensions.explorer.parts`.
 * An answer in one part stays as it is.
 * @param chunks of GraphiQL's fetcher: one answer, or lists of parts
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

/** What a part brings: the answer without what is deferred, or a deferred fragment for each path. */
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
 * The variables of a subscription, with those that it declares and leaves out: each is asked for by its query, when the
 * subscription begins.
 * @param finders by name of variable: `query`, and the `path` of the value in its data
 * @param ask sends a query and gives its answer
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
