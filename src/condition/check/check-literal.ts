/**
 * A literal takes the type of the value that it is compared with; nothing is coerced. A literal of another type is an issue
 * that says how to write it. The result is canonical text.
 */
import type { Family } from '../../catalogue/catalogue.ts';
import type { Literal } from '../ast.ts';
import { offeredFor } from '../hint.ts';
import type { ValueType } from '../operand.ts';
import { type Check, quote, sayKind } from './check-context.ts';
import { checkListAlone } from './check-unknown.ts';
import {
  canonicalDecimal,
  canonicalUuid,
  countDigits,
  decimalOfNumber,
  formatInstant,
  isDate,
  isOutsideYears,
  parseInstant,
} from '../literal.ts';
import { didYouMean } from '../../base/suggest.ts';

/** A canonical literal; a word for a value is that value. Against an instant it may also be a date (a whole local day). */
export function literal(c: Check, raw: unknown, type: ValueType, at: string): Literal | undefined {
  if (raw === null) {
    return c.issues.report(
      'null-value',
      at,
      `${type.called} cannot be compared with null here.`,
      'use `{"==": [x, null]}` or `is_empty`',
    );
  }
  if (typeof raw !== 'string' && typeof raw !== 'number' && typeof raw !== 'boolean') {
    return c.issues.report(
      'wrong-type',
      at,
      `${type.called} is compared with ${sayKind(raw)}; expected ${expected[type.family]}.`,
    );
  }
  const meant = valueOfWord(raw, type);
  if (meant !== undefined) {
    const { words: _, ...plain } = type;
    return literal(c, type.family === 'boolean' ? meant === 'true' : meant, plain, at);
  }
  switch (type.family) {
    case 'number':
      return numberLiteral(c, raw, type, at);
    case 'text':
      return textLiteral(c, raw, type, at);
    case 'boolean':
      if (typeof raw === 'boolean') return { kind: 'literal', family: 'boolean', value: String(raw) };
      return wrongType(c, raw, type, at, raw === 'true' || raw === 'false' ? `write ${raw} without quotes` : undefined);
    case 'date':
      if (typeof raw === 'string' && isDate(raw)) return { kind: 'literal', family: 'date', value: raw };
      return wrongType(
        c,
        raw,
        type,
        at,
        typeof raw === 'string' && parseInstant(raw) !== undefined
          ? 'it is a date without a time; write the day only'
          : undefined,
      );
    case 'instant':
      return instantLiteral(c, raw, type, at);
    case 'uuid': {
      const value = typeof raw === 'string' ? canonicalUuid(raw) : undefined;
      if (value !== undefined) return { kind: 'literal', family: 'uuid', value };
      return wrongType(c, raw, type, at);
    }
    case 'json':
    case 'other':
      return c.issues.report('not-comparable', at, `${type.called} has a type that is not compared.`, offeredFor(type));
  }
}

/** The value that has this word. The config has no word that is another value or another's word. */
function valueOfWord(raw: string | number | boolean, { words = {} }: ValueType): string | undefined {
  if (typeof raw !== 'string' || Object.hasOwn(words, raw)) return undefined;
  return Object.entries(words).find(([, word]) => word === raw)?.[0];
}

const expected: Readonly<Record<Family, string>> = {
  text: 'text',
  number: 'a number (or a decimal in quotes)',
  boolean: 'true or false',
  date: 'a date `YYYY-MM-DD` of the years 1–9999',
  instant: 'an instant like `2024-05-01T10:00:00Z` (with an offset or Z), or a date',
  uuid: 'a uuid',
  json: 'nothing',
  other: 'nothing',
};

function wrongType(c: Check, raw: unknown, type: ValueType, at: string, hint?: string): undefined {
  return c.issues.report(
    'wrong-type',
    at,
    `${type.called} is compared with ${quote(raw)}; expected ${expected[type.family]}.`,
    typeof raw === 'string' && type.words ? (didYouMean(raw, Object.values(type.words)) ?? hint) : hint,
  );
}

function numberLiteral(c: Check, raw: string | number | boolean, type: ValueType, at: string): Literal | undefined {
  if (typeof raw === 'number' && Math.abs(raw) > Number.MAX_SAFE_INTEGER) {
    return c.issues.report(
      'inexact-number',
      at,
      `The number ${raw} is beyond 2^53 and may have lost digits.`,
      'write it as text: "12345678901234567890"',
    );
  }
  const value =
    typeof raw === 'number'
      ? Number.isFinite(raw)
        ? decimalOfNumber(raw)
        : undefined
      : typeof raw === 'string'
        ? canonicalDecimal(raw)
        : undefined;
  if (value === undefined)
    return wrongType(
      c,
      raw,
      type,
      at,
      typeof raw === 'string' && raw.trim() !== '' && Number.isFinite(Number(raw))
        ? 'write a plain decimal like "1200.50"'
        : undefined,
    );
  if (countDigits(value) > c.limits.digits)
    return c.issues.report('too-many-digits', at, `The number has more than ${c.limits.digits} digits.`);
  if (type.range) {
    const [low, high] = type.range;
    if (value.includes('.') || Number(value) < low || Number(value) > high) {
      return c.issues.report(
        'out-of-range',
        at,
        `${type.called} is a whole number from ${low} to ${high}, not ${value}.`,
      );
    }
  }
  return { kind: 'literal', family: 'number', value };
}

function textLiteral(c: Check, raw: string | number | boolean, type: ValueType, at: string): Literal | undefined {
  if (typeof raw !== 'string') return wrongType(c, raw, type, at, `write it in quotes: "${raw}"`);
  if (type.labels && !type.labels.includes(raw)) {
    const hint =
      didYouMean(raw, [...type.labels, ...Object.values(type.words ?? {})]) ??
      `one of ${type.labels.slice(0, 12).map(quote).join(', ')}`;
    return c.issues.report('unknown-label', at, `${type.called} never has the value ${quote(raw)}.`, hint);
  }
  return { kind: 'literal', family: 'text', value: raw };
}

function instantLiteral(c: Check, raw: string | number | boolean, type: ValueType, at: string): Literal | undefined {
  if (typeof raw === 'string') {
    if (isDate(raw)) return { kind: 'literal', family: 'date', value: raw };
    const micros = parseInstant(raw);
    if (micros !== undefined && !isOutsideYears(micros))
      return { kind: 'literal', family: 'instant', value: formatInstant(micros) };
    if (/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/.test(raw))
      return wrongType(c, raw, type, at, `add an offset or Z: "${raw}Z"`);
    if (/\.\d{7,}/.test(raw)) return wrongType(c, raw, type, at, 'at most six digits of a second (microseconds)');
  }
  return wrongType(c, raw, type, at, typeof raw === 'number' ? 'numbers are not taken for instants' : undefined);
}

/** The values of a list, each once; every wrong one is reported. */
export function listOf(c: Check, raw: unknown, type: ValueType, at: string): Literal[] | undefined {
  if (!checkListAlone(c, raw, at)) return undefined;
  if (raw.length > c.limits.values) return undefined; // check-shape reported it
  const values = new Map<string, Literal>();
  let wrong = false;
  raw.forEach((item: unknown, index) => {
    const value = literal(c, item, type, `${at}/${index}`);
    if (value) values.set(`${value.family}:${value.value}`, value);
    else wrong = true;
  });
  return wrong ? undefined : [...values.values()];
}
