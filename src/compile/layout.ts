/**
 * Lays SQL out for people: a line a clause, a line a part of what does not fit, indented by brackets. Invariant: it
 * changes white space alone, so the text means what it meant. For the SQL that the compiler prints, which has no comments.
 */

interface Token {
  readonly text: string;
  /** Whether white space stands before it. */
  readonly spaced: boolean;
}

/** What stands between brackets, or between `case` and `end`. */
interface Group {
  readonly open: Token;
  readonly items: readonly Item[];
  readonly close: Token;
  readonly flat: string;
}

type Item = Token | Group;

const WIDTH = 100;
const STEP = '  ';

const TOKEN =
  /(\s*)(E'(?:[^'\\]|\\[^]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$\d+|\d+(?:\.\d+)?|[\p{L}_][\p{L}\p{N}_$]*|::|[()[\],.;]|[-+*/<>=~!@#%^&|`?:]+|\S)/guy;

/** The words of a text, in order: two texts with the same words differ in white space alone. */
export function wordsOf(text: string): readonly string[] {
  return tokensOf(text).map((token) => token.text);
}

/** The text, laid out. Brackets that do not match are left as they are. */
export function layOut(text: string): string {
  const tokens = tokensOf(text);
  const { items, end } = itemsOf(tokens, 0, undefined);
  return end === tokens.length ? linesOf(items, '', true) : text;
}

function tokensOf(text: string): readonly Token[] {
  return [...text.matchAll(TOKEN)].map(([, space = '', word = '']) => ({ text: word, spaced: space !== '' }));
}

const CLOSE: Readonly<Record<string, string>> = { '(': ')', '[': ']', case: 'end' };
const CLOSES = new Set(Object.values(CLOSE));

function itemsOf(
  tokens: readonly Token[],
  from: number,
  until: string | undefined,
): { readonly items: readonly Item[]; readonly end: number } {
  const items: Item[] = [];
  let at = from;
  for (let token = tokens[at]; token !== undefined; token = tokens[at]) {
    if (token.text === until || CLOSES.has(token.text)) break;
    const close = CLOSE[token.text];
    const inner = close === undefined ? undefined : itemsOf(tokens, at + 1, close);
    const last = inner && tokens[inner.end];
    if (inner === undefined || last === undefined || last.text !== close) {
      items.push(token);
      at += 1;
      continue;
    }
    const flat = flatOf([token, ...inner.items, last]);
    items.push({ open: token, items: inner.items, close: last, flat });
    at = inner.end + 1;
  }
  return { items, end: at };
}

function isGroup(item: Item): item is Group {
  return 'flat' in item;
}

function textOf(item: Item): string {
  return isGroup(item) ? item.flat : item.text;
}

function isSpaced(item: Item): boolean {
  return isGroup(item) ? item.open.spaced : item.spaced;
}

function flatOf(items: readonly Item[]): string {
  return items.map((item, index) => (index > 0 && isSpaced(item) ? ' ' : '') + textOf(item)).join('');
}

function fits(items: readonly Item[], indent: string): boolean {
  return indent.length + flatOf(items).length <= WIDTH;
}

const CLAUSE = new Set('select from where group order having limit union left cross full join'.split(' '));

/** Items of a query or an expression, the first of them at the end of `indent`. */
function linesOf(items: readonly Item[], indent: string, isQuery: boolean): string {
  if (!isQuery) return partsOf(items, indent, indent);
  return clausesOf(items)
    .map((clause) => (fits(clause, indent) ? flatOf(clause) : partsOf(clause, indent, indent + STEP)))
    .join(`\n${indent}`);
}

function clausesOf(items: readonly Item[]): readonly (readonly Item[])[] {
  const clauses: Item[][] = [];
  for (const [index, item] of items.entries()) {
    const before = items[index - 1];
    const last = before === undefined ? '' : textOf(before);
    // `left join`, `is distinct from`, `union all select`
    const starts = CLAUSE.has(textOf(item)) && !['left', 'cross', 'full', 'distinct'].includes(last);
    if (starts || clauses.length === 0) clauses.push([item]);
    else clauses.at(-1)?.push(item);
  }
  return clauses;
}

/** A part a line where they do not fit into one: alternatives, else what holds together, else the elements of a list. */
function partsOf(items: readonly Item[], indent: string, deeper: string): string {
  if (fits(items, indent)) return flatOf(items);
  const words = items.map(textOf);
  const separator = ['or', 'and', 'when', ','].find((word) => words.includes(word));
  if (separator === undefined) return lineOf(items, indent);
  const parts: Item[][] = [[]];
  for (const item of items) {
    const isSeparator = textOf(item) === separator || (separator === 'when' && textOf(item) === 'else');
    if (isSeparator && separator !== ',' && parts.at(-1)?.length) parts.push([item]);
    else parts.at(-1)?.push(item);
    if (isSeparator && separator === ',') parts.push([]);
  }
  return parts
    .filter((part) => part.length > 0)
    .map((part, index) => partOf(part, index === 0 ? indent : deeper, separator))
    .join(`\n${deeper}`);
}

/** A part may hold weaker words: `a and b` as one of several alternatives. */
function partOf(items: readonly Item[], indent: string, separator: string): string {
  if (fits(items, indent)) return flatOf(items);
  if (separator === ',') return lineOf(items, indent);
  const [first, ...rest] = items;
  if (first === undefined || (textOf(first) !== separator && textOf(first) !== 'else'))
    return partsOf(items, indent, indent + STEP);
  return `${textOf(first)} ${partsOf(rest, indent, indent + STEP)}`;
}

/** One line, whose brackets open into lines of their own where it is too long. */
function lineOf(items: readonly Item[], indent: string): string {
  let text = '';
  for (const [index, item] of items.entries()) {
    const space = index > 0 && isSpaced(item) ? ' ' : '';
    const column = indent.length + text.length - (text.lastIndexOf('\n') + 1);
    const rest = flatOf(items.slice(index)).length;
    const isShort = !isGroup(item) || item.items.length === 0 || column + item.flat.length <= WIDTH * 0.6;
    if (isShort || column + rest <= WIDTH) text += space + textOf(item);
    else text += space + openOf(item, indent);
  }
  return text;
}

function openOf({ open, items, close }: Group, indent: string): string {
  const inner = indent + STEP;
  const [first] = items;
  const isQuery = first !== undefined && textOf(first) === 'select';
  return `${open.text}\n${inner}${linesOf(items, inner, isQuery)}\n${indent}${close.text}`;
}
