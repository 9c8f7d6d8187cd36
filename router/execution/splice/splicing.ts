import type { GraphQLSchema } from 'graphql';
import type { ParsedOperation } from '../../operation/document.ts';
import type { PlanNode } from '../../planning/plan-nodes.ts';
import type { Answer } from '../answer.ts';
import type { RequestContext, SubgraphTransport } from '../types.ts';
import { compileSplice } from './splice.ts';
import type { Heard, Splice } from './splice.ts';

/** When so many of the first answers had to be made the general way, only one request in RETRY_EVERY tries again. */
const TRIALS = 16;
const RETRY_EVERY = 256;

/** What one operation's fast way has been through. */
export class Splicing {
  readonly #splice: Splice | undefined;
  #uses = 0;
  #tries = 0;
  #failures = 0;

  constructor(schema: GraphQLSchema, { document, operation }: ParsedOperation, plan: PlanNode) {
    this.#splice = compileSplice(schema, document, operation, plan);
  }

  /** Undefined when the operation is to be answered the general way. */
  get current(): Splice | undefined {
    this.#uses++;
    // Subgraphs that write JSON otherwise than expected would cost both ways each time.
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
 * @param bounded what becomes of an answer that may be too large
 * @param generally makes the answer from a transport that knows what has been heard
 */
export function spliced(
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

/** Answers from what has been heard already; asks for the rest. */
function replaying({ send, subscribe }: SubgraphTransport, heard: Heard): SubgraphTransport {
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
