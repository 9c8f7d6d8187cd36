const LATE = Symbol('late');

/**
 * What `work` gives, or else, when that takes longer than `ms`, what `late` gives. The work itself goes on, and nobody
 * hears how it ends. Milliseconds.
 * @throws what `work` throws in time, and what `late` throws
 */
export async function within<T, L>(work: Promise<T>, ms: number, late: () => L): Promise<T | L> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<typeof LATE>((resolve) => {
    timer = setTimeout(resolve, ms, LATE);
  });
  try {
    const first = await Promise.race([work, over]);
    return first === LATE ? late() : first;
  } finally {
    clearTimeout(timer);
  }
}

/** What `work` gives. @throws Error `no answer within … ms`; what `work` throws in time */
export function answerWithin<T>(work: Promise<T>, ms: number): Promise<T> {
  return within(work, ms, (): never => {
    throw new Error(`no answer within ${ms} ms`);
  });
}
