/** The largest file of a report, in bytes. The whole file is in memory, because the storage needs its length first. */
export const MOST_BYTES = 32 * 2 ** 20;

/** The error for a report that would be larger than {@link MOST_BYTES}. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge';
}
