/**
 * Windows, calendar periods and anniversaries. Windows are fixed durations (a day is 24 hours). Rolling months are not
 * offered: month arithmetic is not invertible, and `interval '1 day'` depends on the session's zone.
 */
import type { Condition, Operand, TimeOperand, WindowOperator, WindowUnit } from '../ast.ts';
import { type Argument, type Check, isInRelation, quote, type NameScope } from './check-context.ts';
import { typeOfOperand } from '../operand.ts';
import type { Call } from './check-node.ts';
import { checkField, isOf } from './check-value.ts';
import { periods, periodUnits, windowSeconds, windowUnits } from '../time-unit.ts';
import { didYouMean } from '../../base/suggest.ts';

export function checkWindow(c: Check, operator: WindowOperator, call: Call, scope: NameScope): Condition | undefined {
  const [subject, amount, unit] = call.args;
  const operand = subject && timeOperand(c, operator, subject, scope);
  const duration = durationOf(c, amount, unit);
  return operand && duration && { kind: 'window', operator, operand, ...duration };
}

/** `known_for [n, unit]`: the contact was created at least that long ago. */
export function checkKnownFor(c: Check, call: Call, scope: NameScope): Condition | undefined {
  const duration = durationOf(c, call.args[0], call.args[1]);
  if (isInRelation(scope)) {
    return c.issues.report(
      'outer-field',
      call.at,
      '`known_for` is about the contact; it cannot stand inside a relation.',
      'combine both with `and` outside',
    );
  }
  const { created, fields } = c.catalogue.contacts;
  const field = created === undefined ? undefined : fields.get(created);
  if (!field || (field.family !== 'instant' && field.family !== 'date')) {
    return c.issues.report(
      'no-created-column',
      call.at,
      '`known_for` needs to know since when a contact exists.',
      'set `contacts.created` in the config',
    );
  }
  return duration && { kind: 'window', operator: 'before_last', operand: { kind: 'field', field }, ...duration };
}

export function checkPeriod(c: Check, call: Call, scope: NameScope): Condition | undefined {
  const [subject, unit, offset] = call.args;
  const operand = subject && timeOperand(c, 'in_period', subject, scope);
  const known = unit && unitOf(c, unit, periodUnits);
  const most = Math.floor(c.limits.days / periods[known ?? 'day'].aboutDays);
  const count = offset && integer(c, offset, -most, most, 'The number of periods from the current one');
  return operand && known && count !== undefined ? { kind: 'period', operand, unit: known, offset: count } : undefined;
}

export function checkAnniversary(c: Check, call: Call, scope: NameScope): Condition | undefined {
  const [subject, amount] = call.args;
  const field = checkField(c, subject, scope, '{"var": "birth_date"}');
  const days = amount ? integer(c, amount, 0, c.limits.days, 'The number of days') : 0;
  if (!field || !subject || !isOf(c, field, ['date'], `\`${call.name}\``, subject.at) || days === undefined)
    return undefined;
  return { kind: 'anniversary', field, days };
}

function timeOperand(c: Check, name: string, subject: Argument, scope: NameScope): TimeOperand | undefined {
  const operand: Operand | undefined = c.operand(subject.value, subject.at, scope);
  if (!operand) return undefined;
  const type = typeOfOperand(operand);
  const isTime = (type.family === 'date' || type.family === 'instant') && !type.array;
  if (isTime && (operand.kind === 'field' || operand.kind === 'aggregate' || operand.kind === 'pick')) return operand;
  return c.issues.report(
    'wrong-type',
    subject.at,
    `\`${name}\` needs a date or an instant; ${type.called} is ${type.array ? 'an array' : type.family}.`,
  );
}

interface Duration {
  readonly amount: number;
  readonly unit: WindowUnit;
  readonly seconds: number;
}

function durationOf(c: Check, amount: Argument | undefined, unit: Argument | undefined): Duration | undefined {
  const known = unit && unitOf(c, unit, windowUnits);
  const most = Math.floor((c.limits.days * 86_400) / windowSeconds[known ?? 'minute']);
  const count =
    amount && integer(c, amount, 1, most, known ? `The number of ${known}s in a window` : 'The length of a window');
  return known && count !== undefined
    ? { amount: count, unit: known, seconds: count * windowSeconds[known] }
    : undefined;
}

function integer(c: Check, arg: Argument, low: number, high: number, what: string): number | undefined {
  const { value, at } = arg;
  if (typeof value !== 'number')
    return c.issues.report('wrong-type', at, `${what} is a whole number, not ${quote(value)}.`);
  if (!Number.isInteger(value) || value < low || value > high) {
    return c.issues.report(
      'out-of-range',
      at,
      `${what} is a whole number from ${low} to ${high}, not ${quote(value)}.`,
    );
  }
  return value === 0 ? 0 : value; // -0 is 0
}

function unitOf<U extends string>(c: Check, arg: Argument, units: readonly U[]): U | undefined {
  const found = units.find((unit) => unit === arg.value);
  if (found !== undefined) return found;
  const written = typeof arg.value === 'string' ? arg.value : '';
  const calendar = (units as readonly string[]).includes('minute') && /^(month|quarter|year)s?$/.test(written);
  const hint = calendar
    ? 'rolling months are not offered; use days, or `in_period` for calendar months'
    : didYouMean(written, units);
  return c.issues.report(
    'unknown-unit',
    arg.at,
    `The unit is one of ${units.map((unit) => `"${unit}"`).join(', ')}, not ${quote(arg.value)}.`,
    hint,
  );
}
