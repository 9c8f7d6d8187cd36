import { clientAddressOf } from '../../../platform/http/client-address.ts';
import type { TrustedProxies } from '../../../platform/http/client-address.ts';
import type { Limits } from '../../config/limits.ts';
import type { OperationInfo } from '../../config/observers.ts';
import { firstCode, toBytes, withRequestId } from '../../execution/answer.ts';
import type { Answer } from '../../execution/answer.ts';
import { codedError } from '../../operation/request-error.ts';
import type { Admission } from '../../policies/admission.ts';
import type { Ending, StreamEvent, Subscriber, Subscription, Subscriptions } from '../../subscriptions/subscriber.ts';
import type { EventWriter } from './event-writer.ts';
import type { PreparedRequest } from './prepared-request.ts';
import { HttpProblem } from './problem.ts';
import { HttpStream } from './stream.ts';

export interface HttpSubscriptions {
  /**
   * Starts a subscription and its response.
   * @throws RequestError when the variables are invalid, HttpProblem when there are too many sockets; nothing has been
   *   sent then
   */
  open(request: PreparedRequest, writer: EventWriter): void;
  readonly size: number;
  readonly bufferedBytes: number;
  /** Asks every client to reconnect. Resolves when clients have received the last bytes, at most after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/**
 * Milliseconds between two heartbeats on an event stream: as between two pings of graphql-ws. Proxies may close a
 * connection that is idle for a minute.
 */
const HEARTBEAT_MS = 12_000;

interface Services {
  readonly subscriptions: Subscriptions;
  readonly admission: Admission;
  readonly proxies: TrustedProxies;
  readonly limits: Limits;
  readonly onOperation: ((info: OperationInfo) => void) | undefined;
  /** Called each time that a client's stream gets full. */
  readonly onFull?: (() => void) | undefined;
  readonly beatMs?: number;
}

export function createHttpSubscriptions({
  subscriptions,
  admission,
  proxies,
  limits,
  onOperation,
  onFull,
  beatMs = HEARTBEAT_MS,
}: Services): HttpSubscriptions {
  const clients = new Set<HttpSubscriber>();
  const beat = setInterval(() => {
    for (const client of clients) client.heartbeat();
  }, beatMs);
  beat.unref();

  /**
   * Takes a place for the client's stream. Returns a function that frees it. @throws HttpProblem 503 if none is free
   */
  const admit = ({ req, context: { principal } }: PreparedRequest): (() => void) => {
    const full = (message: string): HttpProblem => new HttpProblem(503, 'UNAVAILABLE', message, { 'retry-after': '5' });
    const place = admission.admitAddress(clientAddressOf(req, proxies));
    if (typeof place === 'string') throw full(place);
    const user = principal.userId === undefined ? () => undefined : admission.admitUser(principal.userId);
    if (typeof user !== 'string')
      return () => {
        place();
        user();
      };
    place();
    throw full(user);
  };

  return {
    open(request, writer) {
      const release = admit(request);
      const {
        engine,
        prepared,
        params: { query, operationName, variables },
        context: { requestId, principal },
        expiresAt,
        res,
        req,
      } = request;
      const client = new HttpSubscriber(writer, requestId, (info) => {
        clients.delete(client);
        onOperation?.({
          ...info,
          kind: 'subscription',
          requestId,
          transport: writer.transport,
          ...(prepared.name === undefined ? {} : { name: prepared.name }),
        });
      });
      const lastEventId = req.headers['last-event-id'];
      let subscription: Subscription;
      try {
        subscription = subscriptions.open(
          {
            engine,
            prepared,
            query,
            operationName,
            variables,
            ...(writer.transport === 'sse' && typeof lastEventId === 'string' && lastEventId !== ''
              ? { lastEventId }
              : {}),
          },
          { requestId, principal, expiresAt },
          client,
        );
      } catch (error) {
        release();
        throw error;
      }
      clients.add(client);
      client.start(
        subscription,
        new HttpStream(res, { 'content-type': writer.contentType, 'x-request-id': requestId }, limits, onFull),
      );
      const onClose = (): void => {
        release();
        client.clientLeft();
      };
      if (res.destroyed)
        onClose(); // The client left while the router planned its operation.
      else res.once('close', onClose);
    },
    get size() {
      return clients.size;
    },
    get bufferedBytes() {
      let bytes = 0;
      for (const { bufferedBytes } of clients) bytes += bufferedBytes;
      return bytes;
    },
    async close(graceMs) {
      clearInterval(beat);
      const open = [...clients];
      const cut = setTimeout(() => {
        for (const client of open) client.destroy();
      }, graceMs);
      await Promise.all(open.map((client) => client.disconnect()));
      clearTimeout(cut);
    },
  };
}

type Report = Pick<OperationInfo, 'durationMs' | 'errors' | 'code'>;

/** The frame of an event is made once per writer, for the first client that needs it. */
const frames = new WeakMap<StreamEvent, Map<EventWriter, string>>();
function frameOf(event: StreamEvent, writer: EventWriter): string {
  let made = frames.get(event);
  if (made === undefined) frames.set(event, (made = new Map()));
  let frame = made.get(writer);
  if (frame === undefined) made.set(writer, (frame = writer.event(event)));
  return frame;
}

class HttpSubscriber implements Subscriber {
  readonly #writer: EventWriter;
  readonly #requestId: string;
  readonly #report: (report: Report) => void;
  readonly #started = performance.now();
  #subscription: Subscription | undefined;
  #stream: HttpStream | undefined;
  #errors = 0;
  #code: string | undefined;
  /** Whether this subscriber refused an event because the stream was full. The router will offer the event again. */
  #refused = false;
  #done = false;
  #closed: (() => void) | undefined;

  constructor(writer: EventWriter, requestId: string, report: (report: Report) => void) {
    this.#writer = writer;
    this.#requestId = requestId;
    this.#report = report;
  }

  get bufferedBytes(): number {
    return this.#stream?.bufferedBytes ?? 0;
  }

  start(subscription: Subscription, stream: HttpStream): void {
    this.#subscription = subscription;
    this.#stream = stream;
    stream.onDrained = () => {
      if (!this.#refused || this.#done) return;
      this.#refused = false;
      subscription.resumed();
    };
    stream.onTooSlow = () =>
      this.#end('SLOW_CONSUMER', 'too slow: the client read nothing for too long. Subscribe again from the last event');
    stream.write(this.#writer.head);
  }

  deliver(event: StreamEvent): boolean {
    const stream = this.#stream;
    if (stream === undefined || stream.full) {
      this.#refused = true;
      return false;
    }
    if (event.answer.errors > 0) this.#count(event.answer);
    stream.write(frameOf(event, this.#writer));
    return true;
  }

  fail(answer: Answer, _ending: Ending): void {
    this.#count(answer);
    this.#finish(this.#writer.failure(answer));
  }

  complete(): void {
    this.#finish(this.#writer.complete);
  }

  heartbeat(): void {
    if (this.#stream?.full === false) this.#stream.write(this.#writer.heartbeat);
  }

  /** The client has closed the connection. */
  clientLeft(): void {
    this.#subscription?.stop();
    this.#finish('');
    this.#closed?.();
  }

  destroy(): void {
    this.#stream?.destroy();
  }

  /** Asks the client to reconnect. Resolves when the connection is closed. */
  disconnect(): Promise<void> {
    if (this.#done) return Promise.resolve();
    return new Promise((resolve) => {
      this.#closed = resolve;
      this.#end('UNAVAILABLE', 'the router is shutting down. Subscribe again from the last event');
    });
  }

  #end(code: string, message: string): void {
    if (this.#done) return;
    this.#subscription?.stop();
    const errors = withRequestId([codedError(code, message)], this.#requestId);
    this.#count({ errors: 1, code: firstCode(errors) });
    this.#finish(this.#writer.failure({ text: toBytes(JSON.stringify({ errors })) }));
  }

  #finish(lastWords: string): void {
    if (this.#done) return;
    this.#done = true;
    this.#stream?.end(lastWords);
    const code = this.#code;
    this.#report({
      durationMs: performance.now() - this.#started,
      errors: this.#errors,
      ...(code === undefined ? {} : { code }),
    });
  }

  #count({ errors, code }: Pick<Answer, 'errors' | 'code'>): void {
    this.#errors += errors;
    this.#code ??= code;
  }
}
