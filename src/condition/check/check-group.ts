/**
 * Groups (`and`, `or`, `!`, `if`), quantifiers over a relation, and values in the place of a condition.
 * Never drops a child: a group with a wrong child is wrong.
 */
import { offeredFor } from '../hint.ts';
import type { Condition, Operand } from '../ast.ts';
import type { Argument, Check, NameScope } from './check-context.ts';
import { typeOfOperand } from '../operand.ts';
import { readOfRow } from '../row-read.ts';
import type { Call } from './check-node.ts';
import { allRows, both, isBoundToRow, isLimited, relationOf, scopeOf, sourceOf } from './check-rows.ts';

export function checkGroup(c: Check, kind: 'and' | 'or', call: Call, scope: NameScope): Condition | undefined {
  const children = call.args.map((arg) => c.condition(arg.value, arg.at, scope, 'grouped'));
  const known = children.filter((child) => child !== undefined);
  return known.length < children.length ? undefined : { kind, children: known };
}

export function checkNot(c: Check, call: Call, scope: NameScope): Condition | undefined {
  const child = childOf(c, call.args[0], scope);
  return child && { kind: 'not', child };
}

export function childOf(c: Check, arg: Argument | undefined, scope: NameScope): Condition | undefined {
  return arg && c.condition(arg.value, arg.at, scope, 'grouped');
}

/** `if` as JsonLogic reads it: the first test that holds decides. Without an `else` the answer is false. */
export function checkIf(c: Check, call: Call, scope: NameScope): Condition | undefined {
  const parts = call.args.map((arg, index) => {
    const isTest = index % 2 === 0 && index < call.args.length - 1;
    return c.condition(arg.value, arg.at, scope, isTest ? 'grouped' : 'alone');
  });
  let rest: Condition | undefined = parts.length % 2 === 1 ? parts.at(-1) : { kind: 'constant', value: false };
  for (let i = parts.length - (parts.length % 2) - 2; i >= 0; i -= 2) {
    const [test, then] = [parts[i], parts[i + 1]];
    if (!test || !then || !rest) return undefined;
    rest = {
      kind: 'or',
      children: [
        { kind: 'and', children: [test, then] },
        { kind: 'and', children: [{ kind: 'not', child: test }, rest] },
      ],
    };
  }
  return rest;
}

/** `all` is false on no rows and `none` is true, as in JsonLogic. */
export function checkQuantifier(
  c: Check,
  kind: 'some' | 'none' | 'all',
  call: Call,
  scope: NameScope,
): Condition | undefined {
  const [source, filter] = call.args;
  // A filter belongs into the condition; how many rows there are cannot.
  const rows = isLimited(source)
    ? sourceOf(c, source, scope)
    : allRows(c, relationOf(c, source, scope), source?.at ?? call.at);
  if (!filter) return undefined;
  const where = c.condition(filter.value, filter.at, scopeOf(rows?.relation, scope), 'alone');
  if (!rows?.where || !where) return undefined;
  const { relation, where: among } = rows;
  if (!isBoundToRow(c, relation, source?.at ?? call.at, scope, readOfRow(both(among, where)))) return undefined;
  const some = (inner: Condition): Condition => ({ kind: 'some', relation: relation.name, where: both(among, inner) });
  if (kind === 'some') return some(where);
  if (kind === 'none') return { kind: 'not', child: some(where) };
  return {
    kind: 'and',
    children: [some({ kind: 'constant', value: true }), { kind: 'not', child: some({ kind: 'not', child: where }) }],
  };
}

/** `{"var": "vip"}` on its own holds when the boolean is true. No other value is a condition. */
export function valueAsCondition(c: Check, operand: Operand, at: string): Condition | undefined {
  const type = typeOfOperand(operand);
  if (operand.kind === 'field' && type.family === 'boolean' && !type.array) {
    return {
      kind: 'compare',
      operator: '==',
      left: operand,
      right: { kind: 'literal', family: 'boolean', value: 'true' },
    };
  }
  const hint = operand.kind === 'field' ? offeredFor(type) : 'compare it with a value';
  return c.issues.report(
    'not-a-condition',
    at,
    `${type.called} is ${type.array ? 'an array' : type.family}, not a condition.`,
    hint,
  );
}
