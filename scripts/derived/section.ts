/**
 * Replaces the content between the line that contains `generated: NAME` and the line that contains `end of NAME`.
 * @param content whole lines, each with its line break
 * @throws Error unless the text has both lines exactly once
 */
export function withSection(text: string, name: string, content: string): string {
  const parts = new RegExp(
    String.raw`^([\s\S]*?^.*\bgenerated: ${name}\b.*\n)([\s\S]*?)(^.*\bend of ${name}\b[\s\S]*)$`,
    'm',
  ).exec(text);
  const [, before = '', , after = ''] = parts ?? [];
  if (!parts || after.includes(`generated: ${name}`))
    throw new Error(`there is not one section "generated: ${name}" to "end of ${name}"`);
  return before + content + after;
}

/**
 * A Markdown table with an empty line before and after it. A comment makes Prettier leave the table alone. Otherwise a
 * new row could change the widths of all other rows.
 */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return ['', '<!-- prettier-ignore -->', ...lines, '', ''].join('\n');
}
