import type { Logger } from '@nestjs/common';
import { collapse, type Line } from './decision.ts';
import type { Notification } from './generated/prisma/client.ts';
import { textOf } from './kinds.ts';
import type { Reader } from './languages.ts';

/**
 * The error when the stored data of all notifications of a message are unreadable, so a repeat of the job would fail
 * too.
 */
class NothingReadable extends Error {
  readonly permanent = true;
  override readonly name = 'NothingReadable';
}

/**
 * The lines of a message with their texts, the newest last. A notification whose stored data cannot be read is left out
 * and logged, so it does not hold back the others.
 * @param notifications oldest first; at least one
 * @throws NothingReadable when no line is left
 */
export function linesOf<N extends Pick<Notification, 'id' | 'kind' | 'subjectId' | 'facts'>>(
  notifications: readonly N[],
  reader: Reader,
  log: Pick<Logger, 'error'>,
): (Line<N> & { readonly text: string })[] {
  const readable = notifications.filter((one) => {
    try {
      // A newer version may have stored a kind that this one does not know: it has no text.
      return textOf(one, reader) !== '';
    } catch (error) {
      log.error(`the data of the notification ${one.id} cannot be read: ${(error as Error).name}`);
      return false;
    }
  });
  if (readable.length === 0) throw new NothingReadable('the data of the notifications cannot be read');
  return collapse(readable).map((line) => ({ ...line, text: textOf(line.newest, reader) }));
}
