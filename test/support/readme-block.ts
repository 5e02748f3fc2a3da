/** README and the pages of the manual, and their blocks that a test runs: `<!-- run: name exit=N -->` marks one. */
import { readFile } from 'node:fs/promises';

export interface Block {
  readonly name: string;
  readonly exit: number;
  readonly language: string;
  readonly text: string;
}

export interface Page {
  /** From the root of the repository. */
  readonly name: string;
  readonly text: string;
}

const MANUAL = ['segment', 'sql', 'export', 'library', 'condition', 'config', 'operating'];

/** README, then the manual in the order in which it is read. The last page ends with a restore. */
export const PAGES: readonly Page[] = await Promise.all(
  ['README.md', ...MANUAL.map((name) => `src/manual/${name}.md`)].map(async (name) => ({
    name,
    text: await readFile(new URL(`../../${name}`, import.meta.url), 'utf8'),
  })),
);

export const README = PAGES[0]?.text ?? '';

const WHOLE = PAGES.map(({ text }) => text).join('\n');

export const BLOCKS: readonly Block[] = [
  ...WHOLE.matchAll(/<!-- run: (\S+?)(?: exit=(\d))? -->\n\n?```(\w+)\n([^]*?)```/g),
].map(([, name = '', exit = '0', language = '', text = '']) => ({ name, exit: Number(exit), language, text }));

/** What stands between the marks of a part that the code writes. */
export function generatedPart(name: string): string {
  const found = new RegExp(`<!-- generated: ${name} -->\\n([^]*?)\\n<!-- end of generated -->`).exec(WHOLE)?.[1];
  return unaligned(found ?? `no part ${name}`);
}

/** A table without what the formatter adds to align its columns. */
export function unaligned(table: string): string {
  return table.trim().replaceAll(/ {2,}/g, ' ').replaceAll(/-{4,}/g, '---');
}
