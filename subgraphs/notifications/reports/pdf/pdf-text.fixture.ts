import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';

/** A piece of text on a page, with its distances from the upper left corner in points. */
export interface Piece {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export interface Page {
  readonly width: number;
  readonly height: number;
  readonly pieces: readonly Piece[];
  /** All text of the page, with single spaces between its pieces. */
  readonly text: string;
}

/** Reads the text of a PDF with pdf.js, with the place of each piece. */
export async function pagesOf(body: Uint8Array): Promise<Page[]> {
  const task = getDocument({ data: new Uint8Array(body), useSystemFonts: false, verbosity: 0 });
  const document = await task.promise;
  const pages: Page[] = [];
  for (let number = 1; number <= document.numPages; number++) {
    const page = await document.getPage(number);
    const { width, height } = page.getViewport({ scale: 1 });
    const pieces = (await page.getTextContent()).items.flatMap((item): Piece[] => {
      if (!('str' in item) || item.str.trim() === '') return [];
      const [, , , size = 0, x = 0, y = 0] = item.transform as number[];
      // Capitals reach 0.73 of the font size over the base line, other parts of letters 0.24 below it.
      return [
        {
          text: item.str,
          left: x,
          right: x + item.width,
          top: height - y - 0.73 * size,
          bottom: height - y + 0.24 * size,
        },
      ];
    });
    const text = pieces
      .map((piece) => piece.text)
      .join(' ')
      .replaceAll(/\s+/g, ' ');
    pages.push({ width, height, pieces, text });
  }
  await task.destroy();
  return pages;
}

/** Describes the pieces that are outside of the page's margins, or that cover each other. */
export function faultsOf({ width, height, pieces }: Page, margin: number): string[] {
  const faults: string[] = [];
  for (const [index, one] of pieces.entries()) {
    const isOutside =
      one.left < margin - 0.5 || one.right > width - margin + 0.5 || one.top < margin - 3 || one.bottom > height - 10;
    if (isOutside) faults.push(`"${one.text}" is outside of the page`);
    for (const other of pieces.slice(index + 1)) {
      const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
      if (across > 0.5 && down > 0.5) faults.push(`"${one.text}" covers "${other.text}"`);
    }
  }
  return faults;
}
