/** `plus` and `minus`: an instant moved by a fixed duration. Months have no fixed length, and a date has no hours. */
import type { MovedName, MovedOperand } from '../ast.ts';
import { typeOfOperand } from '../operand.ts';
import { fixedUnits, windowSeconds } from '../time-unit.ts';
import type { Argument, Check, NameScope } from './check-context.ts';
import type { Call } from './check-node.ts';
import { integer, unitOf } from './check-unit.ts';

export function movedOperand(c: Check, direction: MovedName, call: Call, scope: NameScope): MovedOperand | undefined {
  const [subject, amount, unit] = call.args;
  const operand = subject && instantOf(c, direction, subject, scope);
  const known = unit && unitOf(c, unit, fixedUnits);
  const most = Math.floor((c.limits.days * 86_400) / windowSeconds[known ?? 'minute']);
  const count = amount && integer(c, amount, 1, most, `The number of ${known ?? 'unit'}s of \`${direction}\``);
  if (!operand || !known || count === undefined) return undefined;
  return { kind: 'moved', direction, operand, amount: count, unit: known, seconds: count * windowSeconds[known] };
}

function instantOf(
  c: Check,
  direction: MovedName,
  { value, at }: Argument,
  scope: NameScope,
): MovedOperand['operand'] | undefined {
  const operand = c.operand(value, at, scope);
  if (!operand) return undefined;
  const type = typeOfOperand(operand);
  if (operand.kind === 'moved')
    return c.issues.report('wrong-type', at, `${type.called} stands inside \`${direction}\`.`, 'add both durations up');
  const isValue = operand.kind === 'field' || operand.kind === 'aggregate' || operand.kind === 'pick';
  if (isValue && type.family === 'instant' && !type.array) return operand;
  return c.issues.report(
    'wrong-type',
    at,
    `\`${direction}\` moves an instant; ${type.called} is ${type.array ? `an array of ${type.family}` : type.family}.`,
    type.family === 'number'
      ? `use \`${direction === 'plus' ? '+' : '-'}\` for numbers`
      : 'use a field that holds instants',
  );
}
