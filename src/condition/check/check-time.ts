/**
 * Windows, calendar periods and anniversaries. Windows of minutes to weeks are fixed durations (a day is 24 hours, because
 * `interval '1 day'` depends on the session's zone). Windows of months, quarters and years follow the calendar.
 */
import type { Field } from '../../catalogue/catalogue.ts';
import type {
  Condition,
  ConditionOf,
  MonthUnit,
  Operand,
  Tense,
  TimeOperand,
  Unit,
  WindowOperator,
  WindowUnit,
} from '../ast.ts';
import { type Argument, type Check, isInRelation, type NameScope } from './check-context.ts';
import { typeOfOperand } from '../operand.ts';
import type { Call } from './check-node.ts';
import { integer, unitOf } from './check-unit.ts';
import { checkField, isOf } from './check-value.ts';
import {
  anniversaryUnits,
  fixedUnits,
  periods,
  periodUnits,
  windowMonths,
  windowSeconds,
  windowUnits,
} from '../time-unit.ts';

export function checkWindow(c: Check, operator: WindowOperator, call: Call, scope: NameScope): Condition | undefined {
  const [subject, amount, unit] = call.args;
  const operand = subject && timeOperand(c, operator, subject, scope);
  const duration = durationOf(c, amount, unit);
  return operand && duration && { operator, operand, ...duration };
}

export function checkTense(c: Check, tense: Tense, call: Call, scope: NameScope): Condition | undefined {
  const [subject] = call.args;
  const operand = subject && timeOperand(c, call.name, subject, scope);
  return operand && { kind: 'tense', tense, operand };
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
  return duration && { operator: 'before_last', operand: { kind: 'field', field }, ...duration };
}

export function checkPeriod(c: Check, call: Call, scope: NameScope): Condition | undefined {
  const [subject, unit, offset] = call.args;
  const operand = subject && timeOperand(c, 'in_period', subject, scope);
  const period = periodOf(c, unit, offset, periodUnits);
  return operand && period && { kind: 'period', operand, ...period };
}

function periodOf<U extends Unit>(
  c: Check,
  unit: Argument | undefined,
  offset: Argument | undefined,
  units: readonly U[],
): { readonly unit: U; readonly offset: number } | undefined {
  const known = unit && unitOf(c, unit, units);
  const most = Math.floor(c.limits.days / periods[known ?? 'day'].aboutDays);
  const count = offset && integer(c, offset, -most, most, 'The number of periods from the current one');
  return known && count !== undefined ? { unit: known, offset: count } : undefined;
}

/** `anniversary_in_next`, `anniversary_in_last` and `anniversary_today`. */
export function checkAnniversary(c: Check, call: Call, scope: NameScope): Condition | undefined {
  const [subject, amount] = call.args;
  const field = yearlyField(c, call.name, subject, scope);
  const days = amount ? integer(c, amount, 0, c.limits.days, 'The number of days') : 0;
  if (!field || days === undefined) return undefined;
  const direction = call.name === 'anniversary_in_last' && days > 0 ? 'last' : 'next';
  return { kind: 'anniversary', field, direction, days };
}

export function checkAnniversaryPeriod(c: Check, call: Call, scope: NameScope): Condition | undefined {
  const [subject, unit, offset] = call.args;
  const field = yearlyField(c, call.name, subject, scope);
  const period = periodOf(c, unit, offset, anniversaryUnits);
  return field && period && { kind: 'anniversary_period', field, ...period };
}

function yearlyField(c: Check, name: string, subject: Argument | undefined, scope: NameScope): Field | undefined {
  const field = checkField(c, subject, scope, '{"var": "birth_date"}');
  return field && subject && isOf(c, field, ['date', 'instant'], `\`${name}\``, subject.at) ? field : undefined;
}

function timeOperand(c: Check, name: string, subject: Argument, scope: NameScope): TimeOperand | undefined {
  const operand: Operand | undefined = c.operand(subject.value, subject.at, scope);
  if (!operand) return undefined;
  const type = typeOfOperand(operand);
  const isTime = (type.family === 'date' || type.family === 'instant') && !type.array;
  if (isTime && (operand.kind === 'field' || operand.kind === 'aggregate' || operand.kind === 'pick')) return operand;
  if (operand.kind === 'moved')
    return c.issues.report(
      'wrong-type',
      subject.at,
      `\`${name}\` takes the instant as it is, not ${type.called} of it.`,
      'change the length of the window, or compare with another instant',
    );
  return c.issues.report(
    'wrong-type',
    subject.at,
    `\`${name}\` needs a date or an instant; ${type.called} is ${type.array ? 'an array' : type.family}.`,
  );
}

type Duration =
  | Pick<ConditionOf<'window'>, 'kind' | 'amount' | 'unit' | 'seconds'>
  | Pick<ConditionOf<'calendar_window'>, 'kind' | 'amount' | 'unit' | 'months'>;

function durationOf(c: Check, amount: Argument | undefined, unit: Argument | undefined): Duration | undefined {
  const length = lengthOf(c, amount, unit, windowUnits);
  if (!length) return undefined;
  const { amount: count, unit: known } = length;
  return isMonthUnit(known)
    ? { kind: 'calendar_window', amount: count, unit: known, months: count * windowMonths[known] }
    : { kind: 'window', amount: count, unit: known, seconds: count * windowSeconds[known] };
}

/** A length of minutes to weeks. */
export function fixedDurationOf(
  c: Check,
  amount: Argument | undefined,
  unit: Argument | undefined,
): { readonly amount: number; readonly unit: WindowUnit; readonly seconds: number } | undefined {
  const length = lengthOf(c, amount, unit, fixedUnits);
  return length && { ...length, seconds: length.amount * windowSeconds[length.unit] };
}

function lengthOf<U extends WindowUnit | MonthUnit>(
  c: Check,
  amount: Argument | undefined,
  unit: Argument | undefined,
  units: readonly U[],
): { readonly amount: number; readonly unit: U } | undefined {
  const known = unit && unitOf(c, unit, units);
  const most = mostUnits(c.limits.days, known ?? 'minute');
  const count =
    amount && integer(c, amount, 1, most, known ? `The number of ${known}s in a window` : 'The length of a window');
  return known && count !== undefined ? { amount: count, unit: known } : undefined;
}

function isMonthUnit(unit: WindowUnit | MonthUnit): unit is MonthUnit {
  return unit in windowMonths;
}

/** The most units that so many days allow. A year counts as 365 days. */
function mostUnits(days: number, unit: WindowUnit | MonthUnit): number {
  return isMonthUnit(unit)
    ? Math.floor((days * 12) / (365 * windowMonths[unit]))
    : Math.floor((days * 86_400) / windowSeconds[unit]);
}
