// Writes SVG as text. Every text that comes from outside of this file goes through `escape`.

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly body: readonly string[];
}

const CONTROL = new RegExp('[\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\ufffe\\uffff]', 'g');
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for an element or an attribute. XML forbids control characters and lone surrogates, also as entities. */
export const escape = (text: string): string =>
  text
    .toWellFormed()
    .replace(CONTROL, '\ufffd')
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);

type Attributes = Readonly<Record<string, string | number | undefined>>;

const attributes = (values: Attributes): string =>
  Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${typeof value === 'number' ? round(value) : escape(value ?? '')}"`)
    .join('');

const round = (value: number): number => Math.round(value * 10) / 10;

export const element = (name: string, values: Attributes): string => `<${name}${attributes(values)}/>`;
export const group = (values: Attributes, ...parts: readonly string[]): string =>
  `<g${attributes(values)}>${parts.join('')}</g>`;
export const text = (content: string, values: Attributes): string =>
  `<text${attributes(values)}>${escape(content)}</text>`;

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/**
 * The text with at most `most` characters, as people count them. If something is left out, the last character is an
 * ellipsis.
 */
export function shortened(content: string, most: number): string {
  const characters = Array.from(graphemes.segment(content), ({ segment }) => segment);
  return characters.length <= most ? content : `${characters.slice(0, most - 1).join('')}…`;
}

const STYLE = `
text { font-family: 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', Arial, sans-serif; font-size: 14px; fill: #1d2733; }
.title { font-size: 20px; font-weight: 600; }
.heading { font-size: 13px; font-weight: 600; fill: #51606f; }
.small { font-size: 11px; fill: #6b7987; }
.number { text-anchor: end; font-variant-numeric: tabular-nums; }
.strong { font-weight: 700; }
.faint { fill: #8a97a3; }
.open { fill: #8a97a3; font-style: italic; }
.live { fill: #c8102e; font-weight: 600; }
.box { fill: #ffffff; stroke: #c9d2da; }
.unneeded { stroke-dasharray: 4 3; }
.stripe { fill: #f1f4f7; }
.rule { stroke: #c9d2da; }
.link { fill: none; stroke: #93a1ae; stroke-width: 1.5; }
`;

/** The file of a picture. */
export function svg({ width, height, body }: Picture, title: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="${round(width)}" height="${round(height)}" viewBox="0 0 ${round(width)} ${round(height)}" role="img">
<title>${escape(title)}</title>
<style>${STYLE}</style>
<rect width="100%" height="100%" fill="#fafbfc"/>
${body.join('\n')}
</svg>
`;
}
