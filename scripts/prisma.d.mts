import type { StdioOptions } from 'node:child_process';

export function services(): string[];
export function parts(): Readonly<Record<string, string>>;
export function addPart(service: string, part: string, directory?: string): string;
export function prisma(
  service: string,
  args: string[],
  options?: { url?: string; directory?: string; stdio?: StdioOptions },
): Promise<{ code: number; output: string }>;
