import type { LogPort } from '../../config/observers.ts';
import type { DocumentUsage } from '../../engine/document-usage.ts';
import type { Engine, PreparedOperation } from '../../engine/engine.ts';
import { answerOf } from '../../execution/answer.ts';
import type { Answer } from '../../execution/answer.ts';
import type { RequestContext } from '../../execution/types.ts';
import { codedError } from '../../operation/request-error.ts';
import type { PersistedQueries } from '../../policies/persisted-queries.ts';
import { clientErrors } from '../errors.ts';
import { HttpProblem } from './problem.ts';
import { checkParams } from './request.ts';

export interface BatchRequest {
  /** The items of the JSON array, not yet validated. */
  readonly items: readonly unknown[];
  readonly engine: Engine;
  readonly usage: DocumentUsage;
  readonly persistedQueries: PersistedQueries;
  /** The largest number of levels of nesting in variables. See `checkParams`. */
  readonly nesting: number;
  readonly context: RequestContext;
  /** The client's address. The router sends it to subgraphs only for mutations. */
  readonly clientAddress: string;
  readonly log: LogPort | undefined;
  /**
   * Called when an operation has ended.
   * @param started the time by `performance.now()`
   */
  readonly report: (prepared: PreparedOperation | undefined, answer: Answer, started: number) => void;
}

/**
 * Answers the operations of one request as a JSON array in the same order. They run in parallel, like separate
 * requests, and an error in one does not affect the others. Responses with @defer are not split into parts. Never
 * rejects.
 */
export async function answerBatch(request: BatchRequest): Promise<Answer> {
  const answers = await Promise.all(request.items.map((item) => answerOne(request, item)));
  const waits = answers.flatMap(({ retryAfter }) => retryAfter ?? []);
  return {
    text: `[${answers.map(({ text }) => text).join(',')}]`,
    data: true,
    errors: answers.reduce((sum, { errors }) => sum + errors, 0),
    code: answers.find(({ code }) => code !== undefined)?.code,
    ...(waits.length > 0 && { retryAfter: Math.max(...waits) }),
  };
}

async function answerOne(
  { engine, usage, persistedQueries, nesting, context, clientAddress, log, report }: BatchRequest,
  item: unknown,
): Promise<Answer> {
  const started = performance.now();
  let prepared: PreparedOperation | undefined;
  let answer: Answer;
  try {
    const read = checkParams(item, nesting);
    const params = read.persisted === undefined ? read : await persistedQueries.withText(read);
    prepared = await engine.prepare(params.query, params.operationName);
    usage.recordUse(params.query, params.operationName);
    if (params.persisted !== undefined) persistedQueries.remember(params);
    if (prepared.kind === 'subscription')
      throw new HttpProblem(400, 'BAD_REQUEST', 'a batch is for queries and mutations; send a subscription by itself');
    answer = await engine.execute(
      prepared,
      params.variables,
      prepared.kind === 'mutation' ? { ...context, clientAddress } : context,
    );
  } catch (error) {
    const { requestId } = context;
    answer = answerOf(
      {
        errors:
          error instanceof HttpProblem ? [codedError(error.code, error.message)] : clientErrors(error, requestId, log),
      },
      requestId,
    );
  }
  report(prepared, answer, started);
  return answer;
}
