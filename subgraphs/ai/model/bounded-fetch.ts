import { AsyncLocalStorage } from 'node:async_hooks';

/** The limits of the network requests of a call. */
interface Bound {
  /** The only origin that it may reach. */
  readonly origin: string;
  /** The largest number of bytes of each response. */
  readonly maxBytes: number;
  /** Called when a response was larger. */
  onTooLarge(): void;
}

const bounds = new AsyncLocalStorage<Bound>();
let unbounded: typeof fetch | undefined;

/**
 * Runs `work`. Its calls of the global `fetch` reach only one origin, and fail after `maxBytes` of a response. Genkit's
 * plugin calls the global `fetch`, reads whole responses into memory, and has no option for another function. Calls of
 * `fetch` outside of `work` have no limits.
 */
export function withBoundedFetch<T>(bound: Bound, work: () => Promise<T>): Promise<T> {
  if (!unbounded) {
    unbounded = globalThis.fetch;
    globalThis.fetch = boundedFetch;
  }
  return bounds.run(bound, work);
}

const boundedFetch: typeof fetch = async (input, init) => {
  const plain = unbounded ?? fetch;
  const bound = bounds.getStore();
  if (!bound) return plain(input, init);
  const url = new URL(input instanceof Request ? input.url : String(input));
  if (url.origin !== bound.origin) throw new Error('a language model may reach only its provider');
  const response = await plain(input, init);
  if (!response.body) return response;
  let bytes = 0;
  const counted = response.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        bytes += chunk.byteLength;
        if (bytes <= bound.maxBytes) return controller.enqueue(chunk);
        bound.onTooLarge();
        controller.error(new Error('the response is too large'));
      },
    }),
  );
  const { status, statusText, headers } = response;
  return new Response(counted, { status, statusText, headers });
};
