import type { BracketSide, Stage, Tie } from '../content.ts';
import type { Texts } from '../texts.ts';
import { type BracketPage, bracketPages, MOST_ROWS, type PlacedTie } from './bracket-layout.ts';
import { COLOURS, MARGIN, type Sheet } from './sheet.ts';

/** The gap between two columns, in points. */
const COLUMN_GAP = 16;
const TALLEST = 46;
/** The share of a row's height that stays free between two ties. */
const ROW_GAP = 0.2;
const SIZES = [8, 7, 6, 5, 4.4] as const;

/** Draws the bracket of a stage on pages in landscape. Small parts share a page. */
export async function drawBracket(sheet: Sheet, stage: Stage, texts: Texts): Promise<void> {
  const pages = bracketPages(stage.ties);
  const names = new Map(stage.rounds.map(({ part, number, name }) => [`${part} ${number}`, texts.name(name)]));
  let sharing: BracketPage[] = [];
  const flush = async (): Promise<void> => {
    if (sharing.length > 0) drawPages(sheet, stage.name, sharing, names, texts);
    sharing = [];
    await sheet.rest();
  };
  for (const page of pages) {
    // A small part, such as the match for the third place, is put on the page before it if there is room.
    const rows = sharing.reduce((sum, { rows: of }) => sum + of, page.rows);
    if (sharing.length > 0 && rows > MOST_ROWS + 1) await flush();
    sharing.push(page);
  }
  await flush();
}

function drawPages(
  sheet: Sheet,
  stage: string,
  pages: readonly BracketPage[],
  names: ReadonlyMap<string, string>,
  texts: Texts,
): void {
  sheet.addPage('landscape');
  sheet.heading(`${texts.words.bracket}: ${texts.name(stage)}`, 1, 0);
  const heads = pages.length * 18;
  const rows = pages.reduce((sum, page) => sum + page.rows, 0);
  const height = Math.min(TALLEST, (sheet.bottom - sheet.y - heads) / rows);
  for (const page of pages) {
    const width = Math.min(220, (sheet.width + COLUMN_GAP) / page.columns - COLUMN_GAP);
    const left = (column: number): number => MARGIN + column * (width + COLUMN_GAP);
    for (let column = 0; column < page.columns; column++) {
      const name = names.get(`${page.part} ${page.firstRound + column}`) ?? '';
      const { lines, size } = sheet.fitInto(name, width, 12, [8, 7, 6], { face: 'bold' });
      sheet.lines(lines, left(column), sheet.y, width, { size, face: 'bold', colour: COLOURS.grey, align: 'centre' });
    }
    const top = sheet.y + 14;
    const middle = ({ row }: PlacedTie): number => top + (row + 0.5) * height;
    for (const placed of page.ties)
      for (const from of placed.from) {
        const [x, end] = [left(from.column) + width, left(placed.column)];
        const turn = end - COLUMN_GAP / 2;
        sheet.doc
          .moveTo(x, middle(from))
          .lineTo(turn, middle(from))
          .lineTo(turn, middle(placed))
          .lineTo(end, middle(placed))
          .lineWidth(0.8)
          .strokeColor(COLOURS.grey)
          .stroke();
      }
    for (const placed of page.ties)
      drawTie(sheet, placed.tie, left(placed.column), middle(placed), width, height * (1 - ROW_GAP), texts);
    sheet.y = top + page.rows * height + 4;
  }
}

function drawTie(sheet: Sheet, tie: Tie, x: number, middle: number, width: number, height: number, texts: Texts): void {
  const { doc } = sheet;
  const top = middle - height / 2;
  doc.rect(x, top, width, height).lineWidth(0.7).fillAndStroke('#ffffff', COLOURS.line);
  const half = height / 2;
  for (const [index, side] of [tie.home, tie.away].entries()) {
    const y = top + index * half;
    if (side.won) doc.rect(x + 0.4, y + 0.4, width - 0.8, half - 0.8).fill(COLOURS.pale);
    drawSide(sheet, side, x, y, width, half, texts);
  }
  doc
    .moveTo(x, middle)
    .lineTo(x + width, middle)
    .lineWidth(0.5)
    .strokeColor(COLOURS.line)
    .stroke();
}

function drawSide(
  sheet: Sheet,
  { team, seed, label, scores, shootout, won }: BracketSide,
  x: number,
  y: number,
  width: number,
  height: number,
  texts: Texts,
): void {
  const size = Math.min(8, height / 1.5);
  const face = won ? 'bold' : 'regular';
  const score = scores.map((one) => (one === null ? '' : String(one))).join(' ');
  const right = `${score}${shootout === null ? '' : ` (${shootout})`}`.trim();
  const rightWidth = right === '' ? 0 : sheet.widthOf(right, { size, face }) + 4;
  const seedText = seed === null ? '' : String(seed);
  const seedSize = size * 0.75;
  const seedWidth = seedText === '' ? 3 : Math.max(11, sheet.widthOf(seedText, { size: seedSize }) + 5);
  const centre = (lines: number, of: number): number => y + (height - sheet.heightOf(lines, of)) / 2 + of * 0.1;
  if (seedText !== '') sheet.line(seedText, x + 2, centre(1, seedSize), { size: seedSize, colour: COLOURS.grey });
  const name = team ?? (label === null ? texts.words.notKnown : texts.name(label));
  const room = width - seedWidth - rightWidth - 3;
  const { lines, size: fitted } = sheet.fitInto(
    name,
    room,
    height,
    SIZES.filter((one) => one <= size + 0.5),
    { face },
  );
  sheet.lines(lines, x + seedWidth, centre(lines.length, fitted), room, {
    size: fitted,
    face,
    colour: team === null ? COLOURS.grey : COLOURS.ink,
  });
  if (right !== '') sheet.line(right, x + width - rightWidth, centre(1, size), { size, face });
}
