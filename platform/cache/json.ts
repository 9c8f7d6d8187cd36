const DATE = ':date:';

/** The error for a value that {@link toJson} refuses, because it would be different when read back. */
class NotCacheable extends TypeError {
  constructor(what: string, path: string) {
    super(
      `The cache keeps plain objects, arrays, dates, strings, numbers and booleans; ${path === '' ? 'the value' : `"${path}"`} is a ${what}`,
    );
    this.name = 'NotCacheable';
  }
}

/**
 * JSON that preserves dates. A string that starts with a colon gets one more, so no text is mistaken for a date.
 * @throws NotCacheable for a Map, a Set, bytes, a bigint, an instance of any other class, NaN or an infinite number
 */
export function toJson(value: unknown): string {
  return JSON.stringify(value, function (this: Readonly<Record<string, unknown>>, name, shown: unknown) {
    const own = this[name]; // `shown` is the result of toJSON, which is a string for a date.
    if (own instanceof Date) return `${DATE}${own.getTime()}`;
    if (typeof own === 'string') return own.startsWith(':') ? `:${own}` : own;
    if (typeof own === 'bigint') throw new NotCacheable('bigint', name);
    if (typeof own === 'number' && !Number.isFinite(own)) throw new NotCacheable(String(own), name);
    if (typeof own === 'object' && own !== null && !isPlain(own)) throw new NotCacheable(own.constructor.name, name);
    return shown;
  });
}

/** The value that {@link toJson} got, without properties that were undefined. */
export function fromJson<T>(text: string): T {
  return JSON.parse(text, (_name, value: unknown) => {
    if (typeof value !== 'string' || !value.startsWith(':')) return value;
    return value.startsWith(DATE) ? new Date(Number(value.slice(DATE.length))) : value.slice(1);
  }) as T;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}
