/**
 * Arithmetic over numbers: fields, fixed numbers, values over related rows. Refuses what is no number, and a calculation of
 * fixed numbers only. The number of values is limited, so that no result can overflow.
 */
import type { ArithmeticName, ArithmeticOperand, Literal, Operand } from '../ast.ts';
import { canonicalDecimal } from '../literal.ts';
import { typeOfOperand } from '../operand.ts';
import { type Argument, type Check, isObject, quote, sayKind, type NameScope } from './check-context.ts';
import { literal } from './check-literal.ts';
import type { Call } from './check-node.ts';

type Term = Literal | Operand;

export function arithmeticOperand(
  c: Check,
  operator: ArithmeticName,
  call: Call,
  scope: NameScope,
): ArithmeticOperand | undefined {
  const terms = call.args.map((arg) => termOf(c, operator, arg, scope));
  const known = terms.filter((term) => term !== undefined);
  if (known.length < terms.length) return undefined;
  if (known.every((term) => term.kind === 'literal')) {
    return c.issues.report(
      'two-literals',
      call.at,
      `\`${operator}\` is given fixed numbers only; one of them must be a field or another value.`,
      'write the result as one number',
    );
  }
  const operand: ArithmeticOperand = { kind: 'arithmetic', operator, terms: known };
  const count = countTerms(operand);
  if (count > c.limits.terms) {
    return c.issues.report(
      'too-many-terms',
      call.at,
      `The calculation has ${count} values; at most ${c.limits.terms} are allowed.`,
      'store a part of it as a column',
    );
  }
  return operand;
}

function countTerms(term: Term): number {
  return term.kind === 'arithmetic' ? term.terms.reduce((sum, one) => sum + countTerms(one), 0) : 1;
}

function termOf(c: Check, operator: ArithmeticName, { value, at }: Argument, scope: NameScope): Term | undefined {
  if (!isObject(value)) return numberOf(c, operator, value, at);
  const operand = c.operand(value, at, scope);
  if (!operand) return undefined;
  const type = typeOfOperand(operand);
  if (type.family === 'number' && !type.array) return operand;
  const isTime = type.family === 'date' || type.family === 'instant';
  return c.issues.report(
    'wrong-type',
    at,
    `\`${operator}\` takes numbers; ${type.called} is ${type.array ? `an array of ${type.family}` : type.family}.`,
    isTime && !type.array
      ? 'use `plus` or `minus` to move an instant, `in_last`, `before_last` or `in_next` for a time'
      : 'use a field that holds numbers',
  );
}

function numberOf(c: Check, operator: ArithmeticName, raw: unknown, at: string): Literal | undefined {
  const isNumber = typeof raw === 'number' || (typeof raw === 'string' && canonicalDecimal(raw) !== undefined);
  if (isNumber) return literal(c, raw, { family: 'number', array: false, called: `\`${operator}\`` }, at);
  const found = typeof raw === 'string' || typeof raw === 'boolean' ? quote(raw) : sayKind(raw);
  return c.issues.report(
    'wrong-type',
    at,
    `\`${operator}\` takes numbers, not ${found}.`,
    'write {"var": "name"} for a field, and a number without quotes',
  );
}
