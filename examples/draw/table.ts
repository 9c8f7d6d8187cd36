import type { TableFragment } from './generated/graphql.ts';
import { element, type Picture, shortened, text } from './svg.ts';

const WIDTH = 500;
const ROW = 30;
const MARGIN = 24;
/** The number of tables that are next to each other. */
const COLUMNS = 2;
const TEAM = 44;
const MOST_CHARACTERS = 22;

type Row = TableFragment['standings'][number];

/** The right edges of the numbers. */
const NUMBERS: readonly (readonly [head: string, x: number, of: (row: Row) => string | number])[] = [
  ['P', 276, ({ played }) => played],
  ['W', 306, ({ won }) => won],
  ['D', 336, ({ drawn }) => drawn],
  ['L', 366, ({ lost }) => lost],
  ['Goals', 418, ({ scoreFor, scoreAgainst }) => `${scoreFor}:${scoreAgainst}`],
  ['+/−', 456, ({ scoreFor, scoreAgainst }) => signed(scoreFor - scoreAgainst)],
  ['Pts', 492, ({ points }) => points],
];

/** The tables of a stage, two next to each other. */
export function drawTables(title: string, tables: readonly TableFragment[]): Picture {
  const columns = Math.min(COLUMNS, Math.max(1, tables.length));
  const body = [text(title, { x: MARGIN, y: 38, class: 'title' })];
  let y = 64;
  for (let at = 0; at < tables.length; at += columns) {
    const line = tables.slice(at, at + columns).map((table) => tableOf(table));
    for (const [column, table] of line.entries())
      body.push(...table.map((draw) => draw(MARGIN + column * (WIDTH + MARGIN), y)));
    y += Math.max(...line.map(({ length }) => length)) * ROW + MARGIN;
  }
  return { width: MARGIN + columns * (WIDTH + MARGIN), height: y, body };
}

/** The lines of a table. Each is a function that gets the position of the table and returns the SVG of the line. */
function tableOf({ name, standings }: TableFragment): ((x: number, top: number) => string)[] {
  const line = (index: number, draw: (x: number, y: number) => string[]) => (x: number, top: number) =>
    draw(x, top + index * ROW).join('');
  const rows = standings.map((row, index) =>
    line(index + 1, (x, y) => [
      ...(index % 2 === 0 ? [element('rect', { x, y, width: WIDTH, height: ROW, rx: 4, class: 'stripe' })] : []),
      text(`${row.rank}${row.tied ? '=' : ''}`, { x: x + 28, y: y + 20, class: 'number faint' }),
      text(shortened(row.team?.name ?? '?', MOST_CHARACTERS), { x: x + TEAM, y: y + 20 }),
      ...(row.provisional ? [element('circle', { cx: x + 248, cy: y + 15, r: 4, fill: '#c8102e' })] : []),
      ...NUMBERS.map(([head, right, of]) =>
        text(String(of(row)), { x: x + right, y: y + 20, class: head === 'Pts' ? 'number strong' : 'number' }),
      ),
    ]),
  );
  const notes = [
    ...(standings.some(({ provisional }) => provisional) ? ['●  with results that are not confirmed'] : []),
    ...(standings.some(({ tied }) => tied) ? ['=  nothing separates these teams'] : []),
    ...standings.flatMap(({ team, deductions }) =>
      deductions.map(({ points, reason }) => shortened(`${team?.name ?? '?'}: ${signed(points)}, ${reason}`, 80)),
    ),
  ];
  return [
    line(0, (x, y) => [
      text(name, { x: x + 8, y: y + 19, class: 'heading' }),
      ...NUMBERS.map(([head, right]) => text(head, { x: x + right, y: y + 19, class: 'heading number' })),
      element('line', { x1: x, x2: x + WIDTH, y1: y + ROW - 2, y2: y + ROW - 2, class: 'rule' }),
    ]),
    ...rows,
    ...notes.map((note, index) =>
      line(rows.length + 1 + index, (x, y) => [text(note, { x: x + 8, y: y + 20, class: 'small' })]),
    ),
  ];
}

const signed = (value: number): string => (value > 0 ? `+${value}` : value < 0 ? `−${-value}` : '0');
