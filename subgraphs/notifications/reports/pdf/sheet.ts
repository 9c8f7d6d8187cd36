import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { setImmediate as turn } from 'node:timers/promises';
import type PDFDocument from 'pdfkit';
import type { Language } from '../../languages.ts';

export type Doc = InstanceType<typeof PDFDocument>;
export type Face = 'regular' | 'bold';

/** Points, 1/72 inch. A4. */
const A4 = { width: 595.28, height: 841.89 };
export const MARGIN = 40;
const FOOTER = 18;
/** The height of a line of text, as a multiple of the font size. */
const LEADING = 1.28;
const INK = '#1f2933';
export const COLOURS = {
  ink: INK,
  grey: '#6b7785',
  line: '#d5dbe1',
  head: '#eef2f5',
  accent: '#0b6e4f',
  pale: '#e6f2ed',
} as const;

const FONTS: Readonly<Record<Face, string>> = {
  regular: 'dejavu-fonts-ttf/ttf/DejaVuSansCondensed.ttf',
  bold: 'dejavu-fonts-ttf/ttf/DejaVuSansCondensed-Bold.ttf',
};

/** A font that fontkit has parsed. pdfkit takes it instead of a file. */
type Font = Uint8Array;
type Fonts = Readonly<Record<Face, Font>>;

let opened: Promise<Fonts> | undefined;

/**
 * Parses the fonts once for all reports of a process. pdfkit would parse them for each report, which takes 20 MB of
 * memory and most of the time of a small report.
 */
async function openFonts(): Promise<Fonts> {
  const { create } = (await import('fontkit')) as unknown as { create(file: Uint8Array): Font };
  const { resolve } = createRequire(import.meta.url);
  const open = async (face: Face): Promise<Font> => create(await readFile(resolve(FONTS[face])));
  return { regular: await open('regular'), bold: await open('bold') };
}

/**
 * The font with its own cache of glyphs for one document. fontkit remembers for each glyph the first letter that used
 * it, and several letters may share a glyph. With one cache for all documents, the text that a reader copies from a
 * report would depend on earlier reports.
 */
const ofDocument = (font: Font): Font => Object.create(font, { _glyphs: { value: {}, writable: true } }) as Font;

export interface Style {
  readonly size: number;
  readonly face?: Face;
  readonly colour?: string;
  readonly align?: 'left' | 'right' | 'centre';
}

/** A column of a table. Widths are shares: the columns together fill the page. */
export interface Column {
  readonly title: string;
  readonly width: number;
  readonly align?: 'left' | 'right' | 'centre';
}

export interface Row {
  /**
   * The texts of the cells. In a table of several columns, a row of one cell is a title of the rows that follow: it has
   * the whole width, and is on the same page as the next row.
   */
  readonly cells: readonly string[];
  readonly face?: Face;
  /** A line over the whole width below the row, for remarks. */
  readonly note?: string;
}

/** Removes control characters and zero-width spaces. Joiners stay, because some scripts and emoji need them. */
const visible = (text: string): string =>
  text.replaceAll(/[\t\r]/g, ' ').replaceAll(/(?!\n)[\p{Cc}\p{Cs}\u200b\u{feff}]/gu, '');

/**
 * The largest number of texts whose widths are remembered, because a report repeats the names of its teams. Above it,
 * all are forgotten.
 */
const MAX_WIDTHS = 20_000;

export interface SheetOptions {
  readonly title: string;
  readonly language: Language;
  /** The creation date in the file. */
  readonly madeAt: Date;
  /** The left part of the footer. */
  readonly footer: string;
  readonly page: (number: number) => string;
}

/**
 * Writes a document page by page. A page leaves memory when the next one begins. This class measures each text before
 * it draws it, and breaks lines and pages itself instead of pdfkit. So texts do not overlap or leave the page.
 */
export class Sheet {
  readonly doc: Doc;
  readonly #fonts: Fonts;
  readonly #options: SheetOptions;
  readonly #widths = new Map<string, number>();
  #y = 0;
  #pages = 0;

  private constructor(doc: Doc, fonts: Fonts, options: SheetOptions) {
    this.doc = doc;
    this.#fonts = fonts;
    this.#options = options;
  }

  /** Begins a document. pdfkit and the fonts are loaded for the first one, so that most processes never load them. */
  static async open(options: SheetOptions): Promise<Sheet> {
    const { default: Document } = await import('pdfkit');
    const { regular, bold } = await (opened ??= openFonts());
    const fonts = { regular: ofDocument(regular), bold: ofDocument(bold) };
    const doc = new Document({
      size: 'A4',
      autoFirstPage: false,
      // The empty name keeps pdfkit from embedding Helvetica, its default font.
      font: '',
      margin: 0,
      lang: options.language.toLowerCase(),
      displayTitle: true,
      info: { Title: options.title, Creator: 'ProDvor', Producer: 'ProDvor', CreationDate: options.madeAt },
    });
    return new Sheet(doc, fonts, options);
  }

  get pages(): number {
    return this.#pages;
  }

  get width(): number {
    return this.doc.page.width - 2 * MARGIN;
  }

  /** Where the next block begins: points from the top of the page. */
  get y(): number {
    return this.#y;
  }

  set y(to: number) {
    this.#y = to;
  }

  /** Where the space for content ends, above the footer: points from the top of the page. */
  get bottom(): number {
    return this.doc.page.height - MARGIN - FOOTER;
  }

  addPage(layout: 'portrait' | 'landscape' = 'portrait'): void {
    this.doc.addPage({ size: 'A4', layout, margin: 0 });
    this.#pages += 1;
    this.#y = MARGIN;
    const { height } = layout === 'portrait' ? A4 : { height: A4.width };
    const at = height - MARGIN;
    const page = this.#options.page(this.#pages);
    const style = { size: 7, colour: COLOURS.grey };
    const pageWidth = this.widthOf(page, style);
    this.line(this.#fit(visible(this.#options.footer), this.width - pageWidth - 12, style), MARGIN, at, style);
    this.line(page, MARGIN + this.width - pageWidth, at, style);
  }

  /** Begins a page in portrait, unless the current page is in portrait already. */
  portrait(): void {
    if (this.#pages === 0 || this.doc.page.width > this.doc.page.height) this.addPage();
  }

  /** Begins a page unless this many points of space are left on the current one. */
  ensure(height: number): void {
    if (this.#pages === 0 || this.#y + height > this.bottom) this.addPage();
  }

  /** Waits for a turn of the event loop, so that a long report does not block other work of the process. */
  async rest(): Promise<void> {
    await turn();
  }

  widthOf(text: string, { size, face = 'regular' }: Style): number {
    const key = `${face}${text}`;
    let width = this.#widths.get(key);
    if (width === undefined) {
      // Widths grow with the size, so one measurement serves all sizes.
      width = this.#font(face).fontSize(100).widthOfString(text) / 100;
      if (this.#widths.size >= MAX_WIDTHS) this.#widths.clear();
      this.#widths.set(key, width);
    }
    return width * size;
  }

  heightOf(lines: number, size: number): number {
    return lines * size * LEADING;
  }

  /** Breaks a text into lines of at most this width. A word that is too long is broken too; no word is left out. */
  linesOf(text: string, width: number, style: Style): readonly string[] {
    const lines: string[] = [];
    for (const paragraph of visible(text).split('\n')) {
      let line = '';
      for (const word of paragraph.split(' ')) {
        const longer = line === '' ? word : `${line} ${word}`;
        if (this.widthOf(longer, style) <= width) {
          line = longer;
          continue;
        }
        if (line !== '') lines.push(line);
        line = word;
        while (this.widthOf(line, style) > width) {
          const length = this.#fitting(line, width, style);
          lines.push(line.slice(0, length));
          line = line.slice(length);
        }
      }
      lines.push(line);
    }
    return lines;
  }

  /**
   * Fits a text into a box with the largest of these font sizes at which it fits. If it does not fit at the smallest
   * size, the text is cut and ends with "…".
   */
  fitInto(
    text: string,
    width: number,
    height: number,
    sizes: readonly number[],
    style: Omit<Style, 'size'>,
  ): { readonly lines: readonly string[]; readonly size: number } {
    for (const size of sizes) {
      const lines = this.linesOf(text, width, { ...style, size });
      if (this.heightOf(lines.length, size) <= height) return { lines, size };
    }
    const size = sizes.at(-1) ?? 6;
    const most = Math.max(1, Math.floor(height / (size * LEADING)));
    const lines = this.linesOf(text, width, { ...style, size });
    const rest = lines.slice(most - 1).join(' ');
    return { lines: [...lines.slice(0, most - 1), this.#fit(rest, width, { ...style, size })], size };
  }

  /** Draws one line of text, without breaking it. */
  line(text: string, x: number, y: number, { size, face = 'regular', colour = COLOURS.ink }: Style): void {
    this.#font(face).fontSize(size).fillColor(colour).text(text, x, y, { lineBreak: false });
  }

  /** Draws lines in a box of this width. @returns the height */
  lines(lines: readonly string[], x: number, y: number, width: number, style: Style): number {
    const { size, align = 'left' } = style;
    for (const [index, line] of lines.entries()) {
      const free = align === 'left' ? 0 : width - this.widthOf(line, style);
      this.line(line, x + (align === 'centre' ? free / 2 : free), y + this.heightOf(index, size), style);
    }
    return this.heightOf(lines.length, size);
  }

  /** A text over the whole width, on as many pages as it needs. */
  text(text: string, style: Style): void {
    const height = this.heightOf(1, style.size);
    for (const line of this.linesOf(text, this.width, style)) {
      this.ensure(height);
      this.#y += this.lines([line], MARGIN, this.#y, this.width, style);
    }
  }

  gap(height: number): void {
    this.#y += height;
  }

  /** Draws the head of the document: a coloured band with the title and the subtitle. */
  title(title: string, subtitle: string): void {
    this.ensure(0);
    const style = { size: 18, face: 'bold' as const, colour: '#ffffff' };
    const small = { size: 9, colour: '#ffffff' };
    const inner = this.width - 28;
    const big = this.linesOf(title, inner, style);
    const below = this.linesOf(subtitle, inner, small);
    const height = this.heightOf(big.length, style.size) + this.heightOf(below.length, small.size) + 24;
    this.doc.roundedRect(MARGIN, this.#y, this.width, height, 4).fill(COLOURS.accent);
    const at = this.#y + 10;
    const used = this.lines(big, MARGIN + 14, at, inner, style);
    this.lines(below, MARGIN + 14, at + used + 2, inner, small);
    this.#y += height + 14;
  }

  /**
   * Draws a heading. It begins a new page if the space below the heading would be less than `space` points, so that the
   * heading is on the same page as the content below it.
   */
  heading(text: string, level: 1 | 2 = 1, space = 60): void {
    const style = { size: level === 1 ? 13 : 10, face: 'bold' as const, colour: level === 1 ? COLOURS.accent : INK };
    const lines = this.linesOf(text, this.width, style);
    const height = this.heightOf(lines.length, style.size);
    const before = level === 1 ? 12 : 8;
    this.ensure(before + height + 4 + space);
    if (this.#y > MARGIN) this.#y += before;
    this.lines(lines, MARGIN, this.#y, this.width, style);
    this.#y += height + 4;
  }

  /**
   * Draws a table. A row stays on one page, and each page repeats the titles. Long texts break into lines in their
   * cell.
   */
  async table(columns: readonly Column[], rows: Iterable<Row>, size = 8): Promise<void> {
    const shares = columns.reduce((sum, { width }) => sum + width, 0);
    const widths = columns.map(({ width }) => (width / shares) * this.width);
    const padding = 3;
    const isTitle = (cells: readonly unknown[]): boolean => cells.length === 1 && columns.length > 1;
    const widthOf = (cells: readonly unknown[], index: number): number =>
      isTitle(cells) ? this.width : (widths[index] ?? 0);
    const measure = (cells: readonly string[], face: Face) =>
      cells.map((cell, index) => this.linesOf(cell, widthOf(cells, index) - 2 * padding, { size, face }));
    const heightOf = (cells: readonly (readonly string[])[]): number =>
      this.heightOf(Math.max(1, ...cells.map((lines) => lines.length)), size) + 2 * padding;
    const draw = (cells: readonly (readonly string[])[], height: number, style: Style): void => {
      let x = MARGIN;
      for (const [index, lines] of cells.entries()) {
        const width = widthOf(cells, index);
        const align = isTitle(cells) ? 'left' : (columns[index]?.align ?? 'left');
        this.lines(lines, x + padding, this.#y + padding, width - 2 * padding, { ...style, align });
        x += width;
      }
      this.#y += height;
    };
    const titles = measure(
      columns.map(({ title }) => title),
      'bold',
    );
    const head = (): void => {
      const height = heightOf(titles);
      this.doc.rect(MARGIN, this.#y, this.width, height).fill(COLOURS.head);
      draw(titles, height, { size, face: 'bold' });
    };
    let count = 0;
    for (const { cells, face = 'regular', note } of rows) {
      const measured = measure(cells, face);
      const height = heightOf(measured);
      const noteStyle = { size: size - 1, colour: COLOURS.grey };
      const notes = note === undefined ? [] : this.linesOf(note, this.width - 24, noteStyle);
      const noteHeight = notes.length === 0 ? 0 : this.heightOf(notes.length, noteStyle.size) + padding;
      const next = isTitle(cells) ? 3 * heightOf(titles) : 0;
      const needed = height + noteHeight + next + (count === 0 ? heightOf(titles) : 0);
      if (count === 0 || this.#y + needed > this.bottom) {
        // No row is higher than a page, because the lengths of all texts are limited.
        this.ensure(needed);
        head();
      }
      draw(measured, height, { size, face });
      if (notes.length > 0) {
        this.lines(notes, MARGIN + 20, this.#y - padding + 1, this.width - 24, noteStyle);
        this.#y += noteHeight;
      }
      this.doc
        .moveTo(MARGIN, this.#y)
        .lineTo(MARGIN + this.width, this.#y)
        .lineWidth(0.5)
        .strokeColor(COLOURS.line)
        .stroke();
      count += 1;
      if (count % 20 === 0) await this.rest();
    }
    this.#y += 6;
    await this.rest();
  }

  /** Draws names with their values in two columns. A name whose value is null is left out. */
  facts(facts: readonly (readonly [name: string, value: string | null])[], size = 9): void {
    const nameWidth = 120;
    for (const [name, value] of facts) {
      if (value === null) continue;
      const names = this.linesOf(name, nameWidth - 8, { size });
      const values = this.linesOf(value, this.width - nameWidth, { size });
      const height = this.heightOf(Math.max(names.length, values.length), size) + 2;
      this.ensure(height);
      this.lines(names, MARGIN, this.#y, nameWidth - 8, { size, colour: COLOURS.grey });
      this.lines(values, MARGIN + nameWidth, this.#y, this.width - nameWidth, { size });
      this.#y += height;
    }
  }

  #font(face: Face): Doc {
    // The second argument is the name under which pdfkit finds the font again.
    return this.doc.font(this.#fonts[face], face);
  }

  /** The text if it fits the width; otherwise its beginning and "…". */
  #fit(text: string, width: number, style: Style): string {
    if (this.widthOf(text, style) <= width) return text;
    const room = width - this.widthOf('…', style);
    return `${text.slice(0, this.#fitting(text, room, style)).trimEnd()}…`;
  }

  /**
   * How many code units from the start of the text fit into the width. It is at least one character as people see it,
   * and never a part of one.
   */
  #fitting(text: string, width: number, style: Style): number {
    const characters = [...new Intl.Segmenter().segment(text)];
    let [fits, tooMuch] = [1, characters.length + 1];
    const lengthOf = (count: number): number => characters[count]?.index ?? text.length;
    while (tooMuch - fits > 1) {
      const middle = Math.floor((fits + tooMuch) / 2);
      if (this.widthOf(text.slice(0, lengthOf(middle)), style) <= width) fits = middle;
      else tooMuch = middle;
    }
    return lengthOf(fits);
  }
}
