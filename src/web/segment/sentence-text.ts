/** Words of a condition at the beginning of a line. Pure. */

export function upperFirst(text: string): string {
  const [first = ''] = text;
  return `${first.toUpperCase()}${text.slice(first.length)}`;
}

/** With a full stop, as a paragraph. */
export function sentenceText(text: string): string {
  return `${upperFirst(text)}${/[.!?…]$/.test(text) ? '' : '.'}`;
}
