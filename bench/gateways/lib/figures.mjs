// Medians, quartiles, slopes and tables.
const sorted = (list) => list.filter((x) => Number.isFinite(x)).sort((a, b) => a - b);

export function median(list) {
  const s = sorted(list),
    h = s.length >> 1;
  if (s.length === 0) return NaN;
  return s.length % 2 ? s[h] : (s[h - 1] + s[h]) / 2;
}
/** The value below which a share (0 to 1) of the list lies. */
export function quantile(list, share) {
  const s = sorted(list);
  return s.length ? s[Math.min(s.length - 1, Math.floor(share * s.length))] : NaN;
}
/** The median and the quartiles: "0.82 (0.74-0.91)". */
export function spread(list, digits = 2) {
  return sorted(list).length
    ? `${median(list).toFixed(digits)} (${quantile(list, 0.25).toFixed(digits)}-${quantile(list, 0.75).toFixed(digits)})`
    : '';
}
/** A number as text for a table; empty when there is no number. */
export const fixed = (x, digits = 0) => (Number.isFinite(x) ? x.toFixed(digits) : '');

/**
 * The least-squares line through points [x, y].
 * @returns {slope: y per x, error: standard error of the slope}. The error assumes independent samples, so it is too
 *   small for samples of a heap.
 */
export function trend(points) {
  const n = points.length;
  const mx = points.reduce((s, [x]) => s + x, 0) / n,
    my = points.reduce((s, [, y]) => s + y, 0) / n;
  const dx = points.reduce((s, [x]) => s + (x - mx) ** 2, 0);
  const slope = points.reduce((s, [x, y]) => s + (x - mx) * (y - my), 0) / dx;
  const rest = points.reduce((s, [x, y]) => s + (y - my - slope * (x - mx)) ** 2, 0);
  return { slope, error: Math.sqrt(rest / (n - 2) / dx) };
}
/** A bar chart of the values in one line of at most `width` characters, from the lowest to the highest value. */
export function sparkline(list, width = 60) {
  const s = list.filter((x) => Number.isFinite(x)),
    n = Math.min(width, s.length);
  const cells = Array.from({ length: n }, (_, i) =>
    median(s.slice(Math.floor((i * s.length) / n), Math.floor(((i + 1) * s.length) / n))),
  );
  const low = Math.min(...cells),
    high = Math.max(...cells);
  return cells.map((x) => '▁▂▃▄▅▆▇█'[high === low ? 0 : Math.round(((x - low) / (high - low)) * 7)]).join('');
}

/**
 * A markdown table. The columns are the keys of the first row. A column is left-aligned if none of its values begins
 * with a digit or a dot.
 */
export function table(rows) {
  if (!rows.length) return '';
  const keys = Object.keys(rows[0]),
    line = (cells) => `| ${cells.join(' | ')} |`;
  const isText = (k) => rows.every((r) => !/^[\d.]/.test(String(r[k])));
  return [
    line(keys),
    `|${keys.map((k) => (isText(k) ? ' --- |' : ' ---: |')).join('')}`,
    ...rows.map((r) => line(keys.map((k) => r[k] ?? ''))),
  ].join('\n');
}
