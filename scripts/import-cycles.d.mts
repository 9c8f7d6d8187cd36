export function importCycles(folders: readonly string[], root: string): string[];
