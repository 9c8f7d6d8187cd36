const LATE = Symbol('late');

/**
 * Resolves to the result of `work`, or to that of `late` if `work` takes longer than `ms` milliseconds. Late work
 * continues, and its result or error is ignored.
 * @throws the error of `work` if it fails in time, and the error of `late`
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

/** Resolves to the result of `work`. @throws Error `no answer within … ms`; the error of `work` if it fails in time */
export function answerWithin<T>(work: Promise<T>, ms: number): Promise<T> {
  return within(work, ms, (): never => {
    throw new Error(`no answer within ${ms} ms`);
  });
}
