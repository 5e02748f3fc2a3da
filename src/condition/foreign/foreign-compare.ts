/**
 * Comparisons as query builders write them: `date==` and `datetime==`, times without an offset, the clock on one side, text in lower
 * case on one side. What is left stands as it was, for the checker.
 */
import type { Comparison } from '../ast.ts';
import { type Argument, isObject } from '../check/check-context.ts';
import { comparisons } from '../comparison.ts';
import { clockIn, clockLeaf, timeLiteral, type Clock } from './foreign-time.ts';
import {
  familyIn,
  fieldIn,
  type Foreign,
  type ForeignCall,
  foreignCall,
  type ForeignScope,
  type Form,
  made,
} from './foreign-node.ts';

const SIGNS: ReadonlyMap<string, Comparison> = new Map([
  ['==', '=='],
  ['===', '=='],
  ['date==', '=='],
  ['datetime==', '=='],
  ['!=', '!='],
  ['!==', '!='],
  ['date!=', '!='],
  ['datetime!=', '!='],
  ['<', '<'],
  ['<=', '<='],
  ['>', '>'],
  ['>=', '>='],
]);

/** Every name that a comparison may have. */
export const signs: Iterable<string> = SIGNS.keys();

export const foreignComparison: Form = (f, call, scope) => {
  const sign = SIGNS.get(call.name);
  if (sign === undefined) return undefined;
  const [first, second, third] = call.args;
  if (call.args.some(({ value }) => clockIn(value))) {
    if (!first || !second) return undefined;
    const low = withClock(f, sign, first, second, call, scope);
    if (!third) return low;
    const high = withClock(f, sign, second, third, call, scope);
    return low && high ? made(f, 'and', [low, high], call.at) : undefined;
  }
  const lowered = call.args.length === 2 ? equalInLowerCase(f, sign, call, scope) : undefined;
  if (lowered !== undefined) return lowered;
  const isRenamed = /^date(time)?[!=]=/.test(call.name);
  if (isRenamed) f.note(call.at, `\`${call.name}\` is read as \`${sign}\`.`);
  const args = timesOf(f, call, scope);
  if (args === undefined && !isRenamed) return undefined;
  const name = isRenamed ? sign : call.name;
  return f.origins.made({ [name]: args ?? call.args.map(({ value }) => value) }, call.at);
};

/** The arguments in the words of this language; `undefined` when they are so already. */
function timesOf(f: Foreign, { args }: ForeignCall, scope: ForeignScope): readonly unknown[] | undefined {
  const family = args.map(({ value }) => familyIn(f, value, scope)).find((found) => found !== undefined);
  const changed = args.map(({ value, at }) =>
    isObject(value) ? f.rewrite(value, at, scope) : timeLiteral(f, value, family, at),
  );
  return changed.some((value, index) => value !== args[index]?.value) ? changed : undefined;
}

/** One of the two sides may be the clock; without it the comparison is as it was. */
function withClock(
  f: Foreign,
  sign: Comparison,
  left: Argument,
  right: Argument,
  { at }: ForeignCall,
  scope: ForeignScope,
): unknown {
  const clock = clockIn(right.value);
  if (clock) return leafOf(f, sign, left, clock, at, scope);
  const turned = clockIn(left.value);
  if (turned) return leafOf(f, comparisons[sign].swapped, right, turned, at, scope);
  const call = { name: sign, args: [left, right], at };
  const args = timesOf(f, call, scope) ?? [left.value, right.value];
  return made(f, sign, args, at);
}

function leafOf(f: Foreign, sign: Comparison, side: Argument, clock: Clock, at: string, scope: ForeignScope): unknown {
  const family = familyIn(f, side.value, scope);
  if (clockLeaf(sign, side.value, family, clock) === undefined) return undefined;
  const leaf = clockLeaf(sign, f.rewrite(side.value, side.at, scope), family, clock) ?? {};
  const fixed = clock.amount !== 0 && (clock.unit === 'day' || clock.unit === 'week') ? ' A day has 24 hours.' : '';
  f.note(at, `\`${sign}\` with \`${clock.word}\` is read as ${JSON.stringify(leaf)}.${fixed}`);
  return f.origins.made(leaf, at);
}

/** The field in `{"toLowerCase": [{"var": "email"}]}`, or a fixed text in lower case. */
function inLowerCase(f: Foreign, node: unknown, scope: ForeignScope): { readonly field: unknown } | undefined {
  const call = foreignCall(node, '');
  const [of, method] = call?.args ?? [];
  const isLower = call?.name === 'toLowerCase' || (call?.name === 'method' && method?.value === 'toLowerCase');
  if (!isLower || !of || call.args.length !== (call.name === 'method' ? 2 : 1)) return undefined;
  const field = fieldIn(f, of.value, scope);
  return field?.family === 'text' && !field.array ? { field: of.value } : undefined;
}

/** A text, or texts, that a value in lower case can equal. */
function isLowerText(value: unknown): boolean {
  if (Array.isArray(value))
    return value.length > 0 && value.every((item) => typeof item === 'string' && isLowerText(item));
  return typeof value === 'string' && value !== '' && value === value.toLowerCase();
}

function equalInLowerCase(f: Foreign, sign: Comparison, call: ForeignCall, scope: ForeignScope): unknown {
  if (sign !== '==' && sign !== '!=') return undefined;
  const [first, second] = call.args;
  const turned = first && !isObject(first.value);
  const leaf = folded(f, 'ieq', turned ? second : first, turned ? first : second, call, scope);
  return leaf === undefined || sign === '==' ? leaf : made(f, '!', [leaf], call.at);
}

function folded(
  f: Foreign,
  operator: string,
  subject: Argument | undefined,
  needle: Argument | undefined,
  call: ForeignCall,
  scope: ForeignScope,
): unknown {
  const lower = subject && inLowerCase(f, subject.value, scope);
  if (!lower || !needle || !isLowerText(needle.value) || Array.isArray(needle.value) !== (operator === 'iin'))
    return undefined;
  f.note(call.at, `\`toLowerCase\` is read as \`${operator}\`.`);
  return made(f, operator, [lower.field, needle.value], call.at);
}

/** `in`: times in its list, and text in lower case on either side. */
export const foreignIn: Form = (f, call, scope) => {
  const [needle, haystack] = call.args;
  if (!needle || !haystack || call.args.length !== 2) return undefined;
  const lowered =
    folded(f, 'iin', needle, haystack, call, scope) ?? folded(f, 'icontains', haystack, needle, call, scope);
  if (lowered !== undefined) return lowered;
  const array = fieldIn(f, haystack.value, scope);
  if (array?.array) {
    const item = timeLiteral(f, needle.value, array.family, needle.at);
    return item === needle.value ? undefined : made(f, 'in', [item, haystack.value], call.at);
  }
  const family = familyIn(f, needle.value, scope);
  if (!Array.isArray(haystack.value)) return undefined;
  const list: readonly unknown[] = haystack.value;
  const items = list.map((item, index) => timeLiteral(f, item, family, `${haystack.at}/${index}`));
  if (items.every((item, index) => item === list[index])) return undefined;
  return made(f, 'in', [needle.value, f.origins.made(items, haystack.at, true)], call.at);
};

const TEXT_NAMES: ReadonlyMap<string, { readonly exact: string; readonly any: string }> = new Map([
  ['startsWith', { exact: 'starts_with', any: 'istarts_with' }],
  ['endsWith', { exact: 'ends_with', any: 'iends_with' }],
]);

/** `startsWith`, `endsWith`. */
export const foreignText: Form = (f, call, scope) => {
  const names = TEXT_NAMES.get(call.name);
  if (!names) return undefined;
  const [subject, needle] = call.args;
  const lowered = folded(f, names.any, subject, needle, call, scope);
  if (lowered !== undefined) return lowered;
  f.note(call.at, `\`${call.name}\` is read as \`${names.exact}\`.`);
  const args = f.origins.made(
    call.args.map(({ value }) => value),
    `${call.at}/${call.name}`,
    true,
  );
  return f.origins.made({ [names.exact]: args }, call.at);
};
