/**
 * The JSON in an answer. Some models put JSON into a Markdown fence, against the instructions. The fence and the text
 * before and after it are dropped. The end of the fence may be missing, in an answer that is not complete yet.
 */
export function withoutFence(answer: string): string {
  const start = /^[^{[]*?```[A-Za-z]*\s*/.exec(answer);
  if (!start) return answer;
  const inside = answer.slice(start[0].length);
  const end = inside.lastIndexOf('```');
  return end === -1 ? inside : inside.slice(0, end);
}

/** The value of a complete answer. Undefined when the answer is no JSON. */
export function readJson(answer: string): unknown {
  try {
    return JSON.parse(withoutFence(answer));
  } catch {
    return undefined;
  }
}
