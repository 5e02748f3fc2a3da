/**
 * Makes foreign text (names, keys, notes, messages of Postgres) safe for a terminal. Characters that move the cursor,
 * set a title, change the direction of writing or begin a line become visible: `\n`, `\u001b`, `\u202e`. All others
 * stay. Pure.
 */

/**
 * C0, DEL and C1; ends of lines; marks, embeddings and isolates of direction; characters without width that join no
 * letters.
 */
const HIDDEN = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** The text as one line. */
export function visible(text: string): string {
  return text.replace(HIDDEN, (character) => NAMED[character] ?? escaped(character));
}

/** Our own text of several lines: each line as `visible`; the line ends stay. */
export function visibleLines(text: string): string {
  return text.split('\n').map(visible).join('\n');
}

/** As `JSON.stringify`, but a character that `visible` escapes becomes `\u` and its code in four hexadecimal digits. */
export function visibleJson(value: unknown, indent?: number): string {
  return visibleInJson(JSON.stringify(value, null, indent) ?? 'null');
}

/** The same for finished JSON, whose line ends are between texts and never in one. */
export function visibleInJson(json: string): string {
  return json.replace(HIDDEN, (character) => (character === '\n' ? character : escaped(character)));
}
