/** `--columns`: names with commas between them. */
export function columnList(text: string): string[] {
  return text.split(',').map((name) => name.trim());
}
