/**
 * A text with another content between the line that says `generated: NAME` and the line that says `end of NAME`.
 * @param content whole lines, each with its end
 * @throws Error when the text does not have both lines, once each
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
 * A table in Markdown, with an empty line around it. The formatter leaves it alone: a new row would change all others.
 */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return ['', '<!-- prettier-ignore -->', ...lines, '', ''].join('\n');
}
