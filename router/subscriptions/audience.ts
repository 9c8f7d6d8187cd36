import type { GraphQLFormattedError } from 'graphql';
import { awakeTimeout } from '../time/awake.ts';
import { fetchResult } from '../execution/result.ts';
import { applyPolicy, fromSubgraph } from '../execution/errors.ts';
import type { ErrorPolicy } from '../execution/errors.ts';
import { noData, unavailable } from '../execution/subgraph-call.ts';
import { SubgraphUnavailable } from '../execution/types.ts';
import type { SubgraphRequest, SubgraphResult, SubgraphTransport } from '../execution/types.ts';
import { cursorOf } from './cursor.ts';
import type { Member } from './member.ts';
import type { Slots } from './slots.ts';
import type { Cursor } from './subscriber.ts';

/** The audience of a stream, as its subgraph reports it (`@audience(check:)`). */
export interface Audience {
  readonly key: string;
  /** The cursor of the newest event at the time of the check. */
  readonly position: Cursor | undefined;
}

export interface CheckServices {
  readonly transport: SubgraphTransport;
  /** Limits how many checks run at the same time. */
  readonly slots: Slots;
  /**
   * How long a member waits for the answer to its first check, or keeps its stream while later checks get no answer.
   * After that it ends with UNAVAILABLE. A member without a stream also ends when its first check fails. Milliseconds.
   */
  readonly staleMs: number;
  readonly pauseMs: number;
  /** Decides which parts of errors clients see. Absent: clients see the errors unchanged. */
  readonly errorPolicy: ErrorPolicy | undefined;
  readonly allowed: (member: Member, audience: Audience) => void;
  readonly onFault: (error: unknown, requestId: string) => void;
}

const MAX_PAUSE_MS = 5_000;
/** A key that the header X-Audience can carry. A check whose key does not match counts as a check without an answer. */
const KEY = /^[\x21-\x7e]{1,255}$/;
/** An error with one of these codes means that the subgraph could not decide. It is not a refusal. */
const TEMPORARY_CODES = new Set(['UNAVAILABLE', 'INTERNAL_SERVER_ERROR', 'INTERNAL']);

/**
 * Asks the subgraph, with the client's identity, whether the client may listen. Asks when the client subscribes, and
 * again whenever the client's rights may have changed.
 */
export class AudienceCheck {
  readonly #services: CheckServices;
  readonly #member: Member;
  readonly #request: SubgraphRequest;
  readonly #field: string;
  #round = 0;
  #pause: number;
  #release: (() => void) | undefined;
  #retry: NodeJS.Timeout | undefined;
  #cancelStale: (() => void) | undefined;
  #abort: AbortController | undefined;

  constructor(services: CheckServices, member: Member, request: SubgraphRequest, field: string) {
    this.#services = services;
    this.#member = member;
    this.#request = request;
    this.#field = field;
    this.#pause = services.pauseMs;
  }

  /**
   * Starts a new check and ignores the results of earlier ones. The time limit `staleMs` counts from the beginning of
   * the first check since a check last allowed the member.
   */
  begin(): void {
    this.#forget();
    this.#pause = this.#services.pauseMs;
    this.#member.unchecked = true;
    this.#cancelStale ??= awakeTimeout(
      () => this.#member.failWith('UNAVAILABLE', 'your right to listen could not be checked again in time', true),
      this.#services.staleMs,
    );
    this.#send();
  }

  cancel(): void {
    this.#forget();
    this.#cancelStale?.();
    this.#cancelStale = undefined;
  }

  #forget(): void {
    this.#round++;
    clearTimeout(this.#retry);
    this.#abort?.abort();
    this.#abort = undefined;
    this.#release?.();
    this.#release = undefined;
  }

  #send(): void {
    const round = this.#round;
    const { transport, slots } = this.#services;
    const {
      upstream: { subgraph },
      principal,
      requestId,
    } = this.#member;
    this.#release = slots.enter(() => {
      const abort = (this.#abort = new AbortController());
      fetchResult(transport.send, subgraph, this.#request, { principal, requestId, signal: abort.signal }).then(
        (result) => {
          if (round === this.#round) this.#answered(result);
        },
        (error: unknown) => {
          if (round === this.#round) this.#failed(error);
        },
      );
    });
  }

  #answered(result: SubgraphResult): void {
    this.#release?.();
    const { subgraph } = this.#member.upstream;
    const audience = this.#read(result);
    if (audience) {
      this.cancel();
      this.#member.unchecked = false;
      return this.#services.allowed(this.#member, audience);
    }
    const [error] = result.errors ?? [];
    const refusal: GraphQLFormattedError =
      error === undefined ? noData(subgraph, undefined) : fromSubgraph(error, subgraph, undefined);
    const code = String(refusal.extensions?.['code']);
    if (this.#member.stream && (error === undefined || TEMPORARY_CODES.has(code))) return this.#retryLater();
    // A subgraph may hide from strangers that an object exists, and answers NOT_FOUND. This client has listened to the
    // object, so the client knows that the object exists. It gets FORBIDDEN.
    if (this.#member.stream && code === 'NOT_FOUND')
      return this.#member.failWith('FORBIDDEN', 'you may not listen to this any more', false);
    if (error === undefined && result.data?.[this.#field] === null)
      return this.#member.failWith('FORBIDDEN', 'you may not listen to this', false);
    this.#refuse(refusal, TEMPORARY_CODES.has(code));
  }

  #read({ data }: SubgraphResult): Audience | undefined {
    const value = data?.[this.#field];
    if (typeof value !== 'object' || value === null) return undefined;
    const { key, position } = value as Record<string, unknown>;
    return typeof key === 'string' && KEY.test(key) ? { key, position: cursorOf(position) } : undefined;
  }

  #failed(error: unknown): void {
    this.#release?.();
    if (!(error instanceof SubgraphUnavailable)) {
      this.#services.onFault(error, this.#member.requestId);
      return this.#member.failWith('INTERNAL', 'internal error; the request id finds it in the log', false);
    }
    if (this.#member.stream) return this.#retryLater();
    this.#refuse(unavailable(error.subgraph, undefined), true);
  }

  #refuse(error: GraphQLFormattedError, resumable: boolean): void {
    const [shown = error] = applyPolicy([error], this.#services.errorPolicy);
    this.#member.failBecause(shown, resumable);
  }

  /** Checks again after a pause. The member already listens, so it keeps its stream until `staleMs` is over. */
  #retryLater(): void {
    const pause = this.#pause * (0.5 + Math.random() / 2);
    this.#pause = Math.min(this.#pause * 2, MAX_PAUSE_MS);
    this.#retry = setTimeout(() => this.#send(), pause);
  }
}
