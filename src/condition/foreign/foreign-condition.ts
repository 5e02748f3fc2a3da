/**
 * Conditions as query builders export them, in the words of this language: react-querybuilder 8 (`formatQuery` to `jsonlogic`) and
 * react-awesome-query-builder 6 (`jsonLogicFormat`). Every form has one handler. Invariant: what the checker accepts stays as it is,
 * and what has no meaning here stays as it is too, so that the checker refuses it with its hint. Pure.
 */
import { isObject, Issues, quote } from '../check/check-context.ts';
import { checkCondition, type CheckContext } from '../check/check-condition.ts';
import { checkShape } from '../check/check-shape.ts';
import type { Issue } from '../issue.ts';
import { defaultLimits } from '../limit.ts';
import { foreignQuantifier } from './foreign-array.ts';
import { foreignComparison, foreignIn, foreignText, signs } from './foreign-compare.ts';
import { foreignLocked, foreignNegation, foreignXor } from './foreign-group.ts';
import {
  type BuilderNote,
  type Foreign,
  type ForeignCall,
  foreignCall,
  type ForeignScope,
  type Form,
  relationIn,
} from './foreign-node.ts';
import { Origins } from './origin.ts';

export type { BuilderNote };

export interface ReadCondition {
  /** The condition to check and to store. The same object as was given when the language has every word of it. */
  readonly condition: unknown;
  /** What was read how, in the order of the condition. */
  readonly notes: readonly BuilderNote[];
  /** What the builder itself reported of its export. Such an export is refused. */
  readonly issues: readonly Issue[];
  /** Issues of `condition`, with their places in what was given. */
  placed(issues: readonly Issue[]): readonly Issue[];
}

const FORMS: ReadonlyMap<string, Form> = new Map<string, Form>([
  ...[...signs].map((sign): [string, Form] => [sign, foreignComparison]),
  ['in', foreignIn],
  ['startsWith', foreignText],
  ['endsWith', foreignText],
  ['some', foreignQuantifier],
  ['all', foreignQuantifier],
  ['none', foreignQuantifier],
  ['!', foreignNegation],
  ['!!', foreignNegation],
  ['xor', foreignXor],
  ['locked', foreignLocked],
]);

/** Reads a condition that a query builder may have written. Never throws. @param given anything that `JSON.parse` can return */
export function readCondition(given: unknown, context: CheckContext): ReadCondition {
  const limits = { ...defaultLimits, ...context.limits };
  const asGiven = unchanged(given);
  if (!checkShape(given, limits, new Issues()) || checkCondition(given, context).ok) return asGiven;
  const origins = new Origins(given);
  const notes: BuilderNote[] = [];
  const f: Foreign = {
    catalogue: context.catalogue,
    timezone: context.timezone ?? context.catalogue.timezone,
    origins,
    rewrite: (node, at, scope) => rewrite(f, node, at, scope),
    note: (pointer, message) => notes.push({ pointer, message }),
  };
  const { node, at, issues } = unwrapped(given);
  if (issues.length > 0) return { ...asGiven, issues };
  if (at !== '') notes.push({ pointer: '', message: '`logic` of the export is the condition.' });
  const condition = rewrite(f, node, at, { xors: 0 });
  if (condition === given) return asGiven;
  return {
    condition,
    notes,
    issues: [],
    placed: (found) =>
      eachOnce(found.map((issue) => ({ ...issue, pointer: origins.pointerOf(condition, issue.pointer) }))),
  };
}

function unchanged(given: unknown): ReadCondition {
  return { condition: given, notes: [], issues: [], placed: (issues) => issues };
}

/** What a form writes twice has its issues twice. */
function eachOnce(issues: readonly Issue[]): readonly Issue[] {
  return [...new Map(issues.map((issue) => [JSON.stringify(issue), issue])).values()];
}

/** `jsonLogicFormat` returns the condition beside what it could not export. People may store the part `logic` alone with its name. */
function unwrapped(given: unknown): { readonly node: unknown; readonly at: string; readonly issues: readonly Issue[] } {
  const isExport =
    isObject(given) &&
    Object.keys(given).length > 0 &&
    Object.keys(given).every((key) => key === 'logic' || key === 'data' || key === 'errors');
  if (!isExport) return { node: given, at: '', issues: [] };
  const errors: readonly unknown[] = Array.isArray(given['errors']) ? given['errors'] : [];
  const issues = errors.map((error) => ({
    code: 'incomplete-export',
    pointer: '/errors',
    message: `The query builder left a part out: ${quote(error)}.`,
    hint: 'remove that part in the query builder, and export again',
  }));
  if (issues.length === 0 && (given['logic'] === undefined || given['logic'] === null))
    issues.push({
      code: 'incomplete-export',
      pointer: '',
      message: 'The export of the query builder holds no condition.',
      hint: 'fill in one rule at least, and export again',
    });
  return { node: given['logic'], at: '/logic', issues };
}

function rewrite(f: Foreign, node: unknown, at: string, scope: ForeignScope): unknown {
  const call = foreignCall(node, at);
  if (!call) return node;
  return FORMS.get(call.name)?.(f, call, scope) ?? withChildren(f, node, call, scope);
}

/** The same operator with its arguments rewritten; the same object when none of them changes. */
function withChildren(f: Foreign, node: unknown, { name, args, at }: ForeignCall, scope: ForeignScope): unknown {
  const [first] = args;
  const relation = first && isObject(first.value) ? relationIn(f, first.value) : undefined;
  const changed = args.map((arg, index) => {
    const inner = index > 0 && relation !== undefined ? { ...scope, relation } : scope;
    return f.rewrite(arg.value, arg.at, inner);
  });
  if (changed.every((value, index) => value === args[index]?.value)) return node;
  const isBare = isObject(node) && !Array.isArray(node[name]);
  const value = isBare ? changed[0] : f.origins.made(changed, `${at}/${name}`, true);
  return f.origins.made({ [name]: value }, at, true);
}
