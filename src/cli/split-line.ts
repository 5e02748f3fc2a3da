/** A line of a shell as words, near enough to complete the last one: quotes and backslashes, no expansion. Pure. */

/** The words; the last is the one at the end of the line, empty behind a space. */
export function splitLine(line: string): readonly string[] {
  const words: string[] = [''];
  let quote: string | undefined;
  for (let at = 0; at < line.length; at += 1) {
    const sign = line.charAt(at);
    if (sign === quote) quote = undefined;
    else if (quote === undefined && (sign === '"' || sign === "'")) quote = sign;
    else if (quote === undefined && /\s/.test(sign)) {
      if (words.at(-1) !== '' || /["']/.test(line.charAt(at - 1))) words.push('');
    } else {
      if (sign === '\\' && quote !== "'") at += 1;
      words.push((words.pop() ?? '') + line.charAt(at));
    }
  }
  return words;
}
