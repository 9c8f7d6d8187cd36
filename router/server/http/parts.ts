import type { ServerResponse } from 'node:http';
import type { Limits } from '../../config/limits.ts';
import type { IncrementalFormat } from '../incremental.ts';
import type { IncrementalAnswer } from '../incremental.ts';
import { HttpStream } from './stream.ts';

export interface PartsOptions {
  readonly format: IncrementalFormat;
  readonly requestId: string;
  readonly limits: Pick<Limits, 'bufferedBytes' | 'slowClientMs'>;
  readonly onFull: (() => void) | undefined;
  /** Called with each payload. */
  readonly onAnswer: (answer: IncrementalAnswer) => void;
}

/**
 * Writes a response in parts.
 * @param first the first of `answers`, already taken from it
 */
export type SendParts = (
  res: ServerResponse,
  first: IncrementalAnswer,
  answers: AsyncGenerator<IncrementalAnswer, void>,
  options: PartsOptions,
) => Promise<void>;

/**
 * Writes a response in parts, each as soon as it is there. It asks for the next part only when the client has room for
 * it (backpressure). When the client leaves, it cancels the remaining parts.
 */
export async function writeParts(
  res: ServerResponse,
  first: IncrementalAnswer,
  answers: AsyncGenerator<IncrementalAnswer, void>,
  { requestId, limits, onFull, onAnswer }: PartsOptions,
  {
    contentType,
    head,
    part,
  }: { readonly contentType: string; readonly head: string; readonly part: (answer: IncrementalAnswer) => string },
): Promise<void> {
  const stream = new HttpStream(res, { 'content-type': contentType, 'x-request-id': requestId }, limits, onFull);
  const send = (answer: IncrementalAnswer, before = ''): void => {
    onAnswer(answer);
    if (answer.hasNext) stream.write(before + part(answer));
    else stream.end(before + part(answer));
  };
  try {
    send(first, head);
    while (stream.open) {
      await stream.drained();
      const next = await answers.next();
      if (next.done === true) break;
      send(next.value);
    }
  } finally {
    await answers.return();
    stream.end();
  }
}
