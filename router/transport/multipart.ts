import type { ServerResponse } from 'node:http';
import type { Limits } from '../config.ts';
import type { IncrementalFormat } from './accept.ts';
import { HttpStream } from './http-stream.ts';
import type { IncrementalAnswer } from './incremental.ts';

const PART = 'content-type: application/json; charset=utf-8\r\n\r\n';

/**
 * An answer in parts as multipart/mixed (RFC "Incremental Delivery over HTTP"). Each part is followed by its boundary at once: clients hold a part back
 * until they see that it has ended.
 * @param first of `answers`
 * @param onAnswer told of each payload
 */
export async function sendParts(
  res: ServerResponse, first: IncrementalAnswer, answers: AsyncGenerator<IncrementalAnswer, void>,
  { format, requestId, limits, onAnswer }: {
    format: IncrementalFormat; requestId: string; limits: Pick<Limits, 'bufferedBytes' | 'slowClientMs'>; onAnswer: (answer: IncrementalAnswer) => void;
  },
): Promise<void> {
  const stream = new HttpStream(res, { 'content-type': `multipart/mixed; boundary="-"; ${format}`, 'x-request-id': requestId }, limits);
  const send = (answer: IncrementalAnswer, before = ''): void => {
    onAnswer(answer);
    const bytes = `${before}${PART}${answer.text}\r\n---${answer.hasNext ? '' : '--'}\r\n`;
    if (answer.hasNext) stream.write(bytes);
    else stream.end(bytes);
  };
  try {
    send(first, '\r\n---\r\n');
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
