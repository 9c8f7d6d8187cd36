import { printable } from './reading.ts';

/** What a row's `status` means for its score. */
export type Status =
  /** The score, if there is one, is the result. */
  | { readonly result: 'played' }
  /**
   * `awarded`: the score is the result, but it has no scorers. `none`: there is no result, even if there is a score.
   */
  | { readonly result: 'awarded' | 'none'; readonly says: string };

const NONE: readonly (readonly [RegExp, string])[] = [
  [/^(?:cancell?ed|can\.?|annulled|void(?:ed)?)$/, 'canceled'],
  [/^(?:postponed|pst|ppd)$/, 'postponed'],
  [/^(?:abandoned|abd\.?)$/, 'abandoned'],
  [/^(?:suspended|susp|interrupted|int)$/, 'suspended'],
  [/^(?:live|in[ _-]?play|in[ _-]?progress|playing|paused|half[ _-]?time|ht|[12]h|et)$/, 'still being played'],
];
const AWARDED = /^(?:awarded|awd\.?|walk-?over|wo|w\/o|forfeit(?:ed)?)$/;
/** Statuses of played matches. `replay`: the match was drawn and repeated on another day; both matches have results. */
const PLAYED = new Set([
  ...[
    '',
    'played',
    'finished',
    'complete',
    'completed',
    'final',
    'closed',
    'ended',
    'full time',
    'full-time',
    'full_time',
    'ft',
  ],
  ...[
    'aet',
    'a.e.t.',
    'pen',
    'pen.',
    'penalties',
    'replay',
    'replayed',
    'scheduled',
    'timed',
    'fixture',
    'not started',
    'ns',
  ],
  ...['tba', 'tbc', 'tbd'],
]);

/**
 * The meaning of a status such as `canceled`, `AWARDED`, `postponed`. Without a status, the score decides whether the
 * match was played. With an unknown status there is no result.
 */
export function statusOf(value: unknown): Status {
  const text = typeof value === 'string' ? value.trim().toLowerCase() : value === undefined ? '' : null;
  if (text !== null && PLAYED.has(text)) return { result: 'played' };
  if (text !== null && AWARDED.test(text)) return { result: 'awarded', says: 'awarded at the table' };
  const why = text === null ? undefined : NONE.find(([pattern]) => pattern.test(text))?.[1];
  return {
    result: 'none',
    says: why ?? `the status ${printable(value)} is not known here, so a score may not be the last one`,
  };
}
