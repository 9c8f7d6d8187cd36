/** Names of the presets of rules for tables that an organizer may choose. */
export const PRESETS: ReadonlySet<string> = new Set([
  'fifa-2014',
  'fifa-2018',
  'fifa-2022',
  'fifa-2026',
  'uefa-euro-2020',
  'uefa-euro-2024',
  'premier-league',
  'la-liga',
  'serie-a',
  'fivb',
  'fiba-3x3',
]);
