/**
 * JSON as a person writes it: parsed, or the place of the mistake. A number that JavaScript cannot hold is a mistake too, because it
 * would be saved as another one. So is a key that comes twice. Pure.
 */

export type ParsedCondition =
  | { readonly ok: true; readonly json: unknown }
  | { readonly ok: false; readonly message: string; readonly line: number | undefined };

export function parseCondition(text: string): ParsedCondition {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return mistake(text, error instanceof Error ? error.message : '');
  }
  const { number, key } = lossOf(text);
  if (number !== undefined)
    return { ok: false, message: `The number ${number} loses digits. Write it as text: "${number}".`, line: undefined };
  if (key !== undefined) return { ok: false, message: `The key "${key}" comes twice in one object.`, line: undefined };
  return { ok: true, json };
}

function isExact(source: string): boolean {
  const value = Number(source);
  return (
    Number.isFinite(value) &&
    (!Number.isInteger(value) || Number.isSafeInteger(value)) &&
    digits(String(value)) === digits(source)
  );
}

/** The digits that count: `1.50` and `1.5` say the same. */
function digits(number: string): string {
  const [mantissa = ''] = number.toLowerCase().split('e');
  const plain = mantissa.includes('.') ? mantissa.replace(/0+$/, '') : mantissa;
  return plain.replaceAll(/[-.]/g, '').replace(/^0+/, '').replace(/0+$/, '');
}

function mistake(text: string, message: string): ParsedCondition {
  if (text.trim() === '') return { ok: false, message: 'Write a condition as JSON.', line: 1 };
  const position = /position (\d+)/.exec(message)?.[1];
  const at = /line (\d+) column (\d+)/.exec(message);
  const before = position === undefined ? undefined : text.slice(0, Number(position));
  const line = before === undefined ? Number(at?.[1] ?? 0) : before.split('\n').length;
  const column = before === undefined ? Number(at?.[2] ?? 0) : before.length - before.lastIndexOf('\n');
  if (line > 0) return { ok: false, message: `This is no JSON yet: line ${line}, column ${column}.`, line };
  return { ok: false, message: 'This is no JSON yet: its end is missing.', line: text.split('\n').length };
}

/** What `JSON.parse` would change: a number with too many digits, one of two equal keys. @param text JSON that parses */
function lossOf(text: string): { readonly number?: string; readonly key?: string } {
  const open: (Set<string> | undefined)[] = [];
  const token = /"(?:[^"\\]|\\.)*"|[{}[\]]|-?\d[\d.eE+-]*/g;
  for (let match = token.exec(text); match; match = token.exec(text)) {
    const [word] = match;
    if (word === '{') open.push(new Set());
    else if (word === '[') open.push(undefined);
    else if (word === '}' || word === ']') open.pop();
    else if (!word.startsWith('"')) {
      if (!isExact(word)) return { number: word };
    } else if (isFollowedByColon(text, token.lastIndex)) {
      const keys = open.at(-1);
      const key = JSON.parse(word) as string;
      if (keys?.has(key)) return { key };
      keys?.add(key);
    }
  }
  return {};
}

function isFollowedByColon(text: string, at: number): boolean {
  const colon = /\s*:/y;
  colon.lastIndex = at;
  return colon.test(text);
}
