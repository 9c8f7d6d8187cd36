export function importCircles(folders: readonly string[], root: string): string[];
