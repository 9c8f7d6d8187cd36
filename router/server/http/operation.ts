import type { IncomingMessage, ServerResponse } from 'node:http';
import { clientAddressOf } from '../../../platform/http/client-address.ts';
import { acceptRequestId } from '../../../platform/http/request-id.ts';
import type { Engine, PreparedOperation } from '../../engine/engine.ts';
import type { Generation } from '../../engine/engines.ts';
import { firstCode } from '../../execution/answer.ts';
import type { Answer } from '../../execution/answer.ts';
import type { RequestContext } from '../../execution/types.ts';
import { RequestError } from '../../operation/request-error.ts';
import type { Authentication } from '../../policies/authentication.ts';
import type { Deadline, DeadlineQueue, Expiring } from '../../time/deadline.ts';
import { Cancellation } from '../cancellation.ts';
import { clientErrors } from '../errors.ts';
import { parseAccept, notAcceptable } from './accept.ts';
import type { Accepted, ResponseType } from './accept.ts';
import { answerBatch } from './batch.ts';
import { ClientGone, HttpProblem } from './problem.ts';
import { readParams } from './request.ts';
import { errorsAnswer, sendAnswer, sendErrors, sendProblem } from './response.ts';
import type { HttpServices } from './services.ts';
import { sendEvent } from './sse.ts';
import { executedStatus, refusedStatus } from './status.ts';
import { isStreamed } from './streams.ts';
import type { Outcome } from './streams.ts';

type Authenticated = Extract<Authentication, { ok: true }>;

/** One request at the GraphQL path: one operation or a batch of operations. */
export class HttpOperation implements Expiring {
  readonly #services: HttpServices;
  readonly #req: IncomingMessage;
  readonly #res: ServerResponse;
  readonly #id: string;
  readonly #onEnd: () => void;
  readonly #deadline: Deadline;
  readonly #started = performance.now();
  readonly #cancellation = new Cancellation();
  #accepted: Accepted | undefined;
  #type: ResponseType = 'application/json';
  #generation: Generation | undefined;
  #prepared: PreparedOperation | undefined;
  /**
   * What `run` reports at the end. Undefined when another object reports the end: a subscription, or each operation of
   * a batch.
   */
  #outcome: Outcome | undefined = { errors: 0, code: undefined };

  /** @param onEnd called before the end is reported */
  constructor(
    services: HttpServices,
    deadlines: DeadlineQueue,
    req: IncomingMessage,
    res: ServerResponse,
    onEnd: () => void,
  ) {
    this.#services = services;
    this.#req = req;
    this.#res = res;
    this.#onEnd = onEnd;
    this.#id = acceptRequestId(req.headers['x-request-id']);
    this.#deadline = deadlines.add(this);
    res.on('close', this.#cancel);
  }

  /** The operation's time limit has passed. */
  expired(): void {
    this.#cancel();
  }

  /**
   * Handles the request from its document to the response. Never rejects.
   * @param isGoingAway whether the router is closing and refuses new requests
   */
  async run(isGoingAway: boolean): Promise<void> {
    const { rules, authenticator, persistedQueries, usage, streams } = this.#services;
    const [req, res] = [this.#req, this.#res];
    try {
      if (isGoingAway)
        throw new HttpProblem(503, 'UNAVAILABLE', 'the router is shutting down', { connection: 'close' });
      const takes = this.#negotiate();

      const document = await readParams(req, rules);
      const identity = authenticator.authenticate(req.headers.authorization);
      const client = requireAuthenticated(identity instanceof Promise ? await identity : identity);
      const { engine } = this.#acquire().serving;
      if ('batch' in document) return await this.#answerBatch(document.batch, engine, client);

      const params = document.persisted === undefined ? document : await persistedQueries.withText(document);
      const planned = engine.prepare(params.query, params.operationName);
      const operation = (this.#prepared = planned instanceof Promise ? await planned : planned);
      usage.recordUse(params.query, params.operationName);
      if (req.method !== 'POST' && operation.kind === 'mutation')
        throw new HttpProblem(405, 'METHOD_NOT_ALLOWED', 'GET is for queries; use POST', { allow: 'POST' });
      if (params.persisted !== undefined) persistedQueries.remember(params);

      const context = this.#contextOf(operation, client);
      if (isStreamed({ accepted: takes, prepared: operation })) {
        this.#outcome = await streams.answer({
          req,
          res,
          accepted: takes,
          engine,
          prepared: operation,
          params,
          context,
          expiresAt: client.expiresAt,
        });
        return;
      }
      const answer = (this.#outcome = await engine.execute(operation, params.variables, context));

      const sending = this.#send(answer, executedStatus(answer, this.#type, this.#services.detailedStatus));
      if (sending !== undefined) await sending;
    } catch (error) {
      this.#refuse(error);
    } finally {
      this.#generation?.release();
      this.#deadline.cancel();
      res.off('close', this.#cancel);
      this.#onEnd();
      if (this.#outcome !== undefined) this.#report(this.#prepared, this.#outcome, this.#started);
    }
  }

  readonly #cancel = (): void => {
    this.#cancellation.abort();
    if (!this.#req.complete) this.#req.destroy(); // The client is still sending its body.
  };

  /** @throws HttpProblem 406 */
  #negotiate(): Accepted {
    const takes = (this.#accepted = parseAccept(this.#req.headers.accept));
    this.#type = takes.single ?? this.#type;
    if (takes.single === undefined && takes.incremental === undefined && takes.events === undefined)
      throw notAcceptable();
    return takes;
  }

  /** @throws HttpProblem 503 */
  #acquire(): Generation {
    this.#generation = this.#services.engines.acquire();
    if (!this.#generation) throw new HttpProblem(503, 'UNAVAILABLE', 'there is no supergraph yet');
    return this.#generation;
  }

  #contextOf({ kind }: Pick<PreparedOperation, 'kind'>, { principal }: Authenticated): RequestContext {
    const context = { requestId: this.#id, principal, signal: this.#cancellation };
    return kind === 'mutation'
      ? { ...context, clientAddress: clientAddressOf(this.#req, this.#services.proxies) }
      : context;
  }

  async #answerBatch(items: readonly unknown[], engine: Engine, { principal }: Authenticated): Promise<void> {
    if (this.#accepted?.single === undefined) throw notAcceptable();
    const {
      usage,
      persistedQueries,
      limits: { nesting },
      log,
      proxies,
    } = this.#services;
    const answer = await answerBatch({
      items,
      engine,
      usage,
      persistedQueries,
      nesting,
      log,
      clientAddress: clientAddressOf(this.#req, proxies),
      context: { requestId: this.#id, principal, signal: this.#cancellation },
      report: (operation, ended, since) => this.#report(operation, ended, since),
    });
    this.#outcome = undefined;
    await this.#send(answer, 200);
  }

  #send(answer: Answer, status: number): Promise<void> | undefined {
    const { retryAfter } = answer;
    const headers = retryAfter === undefined ? undefined : { 'retry-after': String(retryAfter) };
    return sendAnswer(
      this.#req,
      this.#res,
      { status, type: this.#type, requestId: this.#id, headers },
      answer,
      this.#services.compressFrom,
    );
  }

  #refuse(error: unknown): void {
    const [req, res, type, requestId] = [this.#req, this.#res, this.#type, this.#id];
    if (error instanceof ClientGone) return;
    if (error instanceof HttpProblem) {
      this.#outcome = { errors: 1, code: error.code };
      return sendProblem(
        req,
        res,
        { status: error.status, type, requestId, headers: error.headers },
        error.code,
        error.message,
      );
    }
    const errors = clientErrors(error, requestId, this.#services.log);
    const code = firstCode(errors);
    this.#outcome = { errors: errors.length, code };
    if (
      error instanceof RequestError &&
      this.#accepted?.single === undefined &&
      this.#accepted?.events === 'text/event-stream'
    )
      sendEvent(res, requestId, errorsAnswer(errors, requestId));
    else
      sendErrors(
        req,
        res,
        { status: refusedStatus(code, type, this.#services.detailedStatus), type, requestId },
        errors,
      );
  }

  #report(prepared: PreparedOperation | undefined, { errors, code }: Outcome, started: number): void {
    this.#services.onOperation?.({
      kind: prepared?.kind ?? 'unknown',
      durationMs: performance.now() - started,
      errors,
      requestId: this.#id,
      transport: 'http',
      ...(prepared?.name === undefined ? {} : { name: prepared.name }),
      ...(code === undefined ? {} : { code }),
    });
  }
}

/** Returns the client's identity. @throws HttpProblem 401 for a refused token, 503 when tokens cannot be checked */
function requireAuthenticated(client: Authentication): Authenticated {
  if (client.ok) return client;
  const { code, message } = client;
  if (code === 'UNAVAILABLE') throw new HttpProblem(503, code, message, { 'retry-after': '5' });
  throw new HttpProblem(401, code, message, {
    'www-authenticate': `Bearer error="invalid_token", error_description="${message.replaceAll(/["\\]/g, "'")}"`,
  });
}
