import type { Storage } from '../../../platform/storage/storage.ts';
import type { Report } from '../generated/prisma/client.ts';

/** How long a link to a file works. Seconds. */
const LINK_SECONDS = 300;

/** The key of a report's file in the storage. Two workers that write the same report write the same key. */
export const keyOf = ({ id, format }: Pick<Report, 'id' | 'format'>): string => `reports/${id}.${format.toLowerCase()}`;

/** A link that downloads the file of a report. The file's name has the kind and the day of the report. */
export function linkTo(
  storage: Storage,
  report: Pick<Report, 'id' | 'format' | 'kind' | 'createdAt'>,
): Promise<string> {
  const name = `${report.kind.toLowerCase().replace('_', '-')}-${report.createdAt.toISOString().slice(0, 10)}`;
  return storage.signDownload({
    key: keyOf(report),
    seconds: LINK_SECONDS,
    fileName: `${name}.${report.format.toLowerCase()}`,
  });
}
