import type { Content, Edition } from '../content.ts';
import { textsOf } from '../texts.ts';
import { MOST_BYTES, TooLarge } from '../too-large.ts';
import { drawMatch } from './match.ts';
import { drawSeason } from './season.ts';
import { Sheet } from './sheet.ts';
import { drawTournament } from './tournament.ts';

export interface Written {
  readonly body: Uint8Array;
  readonly pages: number;
}

/** Writes a report as PDF. Equal contents and editions give equal bytes. @throws TooLarge */
export async function pdfOf(content: Content, edition: Edition): Promise<Written> {
  const texts = textsOf(edition);
  const { words } = texts;
  const sheet = await Sheet.open({
    title: titleOf(content, words),
    language: edition.language,
    madeAt: edition.madeAt,
    footer: `ProDvor · ${titleOf(content, words)} · ${words.made} ${texts.moment(edition.madeAt)} (${edition.timeZone})`,
    page: (number) => `${words.page} ${number}`,
  });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const written = new Promise<void>((resolve, reject) => {
    sheet.doc.on('data', (chunk: Uint8Array) => {
      bytes += chunk.byteLength;
      if (bytes > MOST_BYTES) reject(new TooLarge());
      else chunks.push(chunk);
    });
    sheet.doc.on('end', resolve);
    sheet.doc.on('error', reject);
  });
  const drawn = (async () => {
    switch (content.kind) {
      case 'MATCH':
        await drawMatch(sheet, content, texts);
        break;
      case 'TOURNAMENT':
        await drawTournament(sheet, content, texts);
        break;
      case 'SEASON_STATISTICS':
        await drawSeason(sheet, content, texts);
    }
    sheet.doc.end();
  })();
  await Promise.all([drawn, written]);
  return { body: Buffer.concat(chunks), pages: sheet.pages };
}

function titleOf(content: Content, words: ReturnType<typeof textsOf>['words']): string {
  switch (content.kind) {
    case 'MATCH':
      return `${content.home.name ?? words.unavailable} – ${content.away.name ?? words.unavailable}`;
    case 'TOURNAMENT':
      return content.name;
    case 'SEASON_STATISTICS':
      return content.name ?? words.unavailable;
  }
}
