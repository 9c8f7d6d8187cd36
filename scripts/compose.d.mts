export function subgraphFiles(directory?: string): string[];
export function compose(directory?: string): Promise<{ readonly files: Readonly<Record<string, string>>; readonly errors: readonly string[] }>;
