export function compose(
  directory?: string,
): Promise<{ readonly files: Readonly<Record<string, string>>; readonly errors: readonly string[] }>;
