// Tables of real competitions, as they were published.
import { type Published, type PublishedRow, readPublished } from './published.ts';
import { realFile } from './real-files.fixture.ts';

/** Every column of a row. */
export const publishedRows = (rows: readonly PublishedRow[]): unknown[] =>
  rows.map(({ rank, team, played, won, drawn, lost, scoreFor, scoreAgainst, points }) => [
    ...[rank, team, played, won, drawn, lost, scoreFor, scoreAgainst, points],
  ]);

export const publishedTables = (file: string): Published => readPublished(realFile(`${file}.standings.json`));
