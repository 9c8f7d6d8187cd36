import type { GraphQLSchema } from 'graphql';
import type { ParsedOperation } from '../../operation/document.ts';
import type { PlanNode } from '../../planning/plan-nodes.ts';
import type { Answer } from '../answer.ts';
import type { RequestContext, SubgraphTransport } from '../types.ts';
import { compileSplice } from './splice.ts';
import type { ReceivedResponses, Splice } from './splice.ts';

/**
 * If at least TRIALS requests tried the fast path and more than half of them failed, only one request in RETRY_EVERY
 * tries it again. The others use the general path immediately.
 */
const TRIALS = 16;
const RETRY_EVERY = 256;

/** The fast path of one operation, with counts of its attempts and failures. */
export class Splicing {
  readonly #splice: Splice | undefined;
  #uses = 0;
  #tries = 0;
  #failures = 0;

  constructor(schema: GraphQLSchema, { document, operation }: ParsedOperation, plan: PlanNode) {
    this.#splice = compileSplice(schema, document, operation, plan);
  }

  /** The fast path, or undefined when this request must use the general path. */
  get current(): Splice | undefined {
    this.#uses++;
    // A subgraph may write JSON in another way than the fast path expects. Every attempt then fails, and each request
    // would pay for both paths.
    if (
      this.#splice === undefined ||
      (this.#failures * 2 > this.#tries && this.#tries >= TRIALS && this.#uses % RETRY_EVERY !== 0)
    )
      return undefined;
    this.#tries++;
    return this.#splice;
  }

  failed(): void {
    this.#failures++;
  }
}

/**
 * Answers a request on the fast path if possible, otherwise on the general path.
 * @param bounded checks the size of a response
 * @param generally answers on the general path, with a transport that replays what subgraphs have already sent
 */
export function executeWithFastPath(
  splicing: Splicing | undefined,
  variables: Readonly<Record<string, unknown>>,
  context: RequestContext,
  transport: SubgraphTransport,
  bounded: (answer: Answer) => Answer,
  generally: (transport: SubgraphTransport) => Promise<Answer>,
): Promise<Answer> {
  const splice = splicing?.current;
  if (splice === undefined) return generally(transport);
  return new Promise((resolve, reject) => {
    splice.answer(variables, context, transport.send, (text, heard) => {
      if (text !== undefined) return resolve(bounded({ text, errors: 0, code: undefined, data: true }));
      splicing?.failed();
      generally(replaying(transport, heard)).then(resolve, reject);
    });
  });
}

/** A transport that replays what subgraphs have already sent, and sends all other requests. */
function replaying({ send, subscribe }: SubgraphTransport, heard: ReceivedResponses): SubgraphTransport {
  const answers = new Map(heard.map((one) => [`${one.subgraph}\n${one.body}`, one]));
  return {
    subscribe,
    send(subgraph, body, kind, context, done) {
      const answer = answers.get(`${subgraph}\n${body}`);
      if (answer === undefined) send(subgraph, body, kind, context, done);
      else done(answer.error, answer.text);
    },
  };
}
