/**
 * `in` in its three meanings (field in a list, text in a text field, item in an array field), `has_any`, `has_all`, `has_only`,
 * the text operators and `is_empty`.
 */
import type { Field } from '../../catalogue/catalogue.ts';
import type { ArrayOperator, Condition, Literal, Operand, TextOperator } from '../ast.ts';
import { type Argument, type Check, isObject, quote, sayKind, type NameScope } from './check-context.ts';
import { equalsAny } from './check-compare.ts';
import { listOf, literal } from './check-literal.ts';
import { typeOfOperand } from '../operand.ts';
import { type Call, operatorOf } from './check-node.ts';
import { checkListItemsAlone, checkValueAlone } from './check-unknown.ts';
import { offeredFor } from '../hint.ts';
import { asFieldOrPick, checkField } from './check-value.ts';

export function checkIn(c: Check, call: Call, scope: NameScope): Condition | undefined {
  const [needle, haystack] = call.args;
  if (!needle || !haystack) return undefined;
  if (!isObject(haystack.value)) return inList(c, needle, haystack, scope);
  const operand = c.operand(haystack.value, haystack.at, scope);
  if (isObject(needle.value)) {
    c.operand(needle.value, needle.at, scope);
    if (!operand) return undefined;
    return c.issues.report(
      'two-values',
      call.at,
      'A field in another field is not offered.',
      'one side of `in` is a fixed value or a list',
    );
  }
  if (!operand) {
    checkValueAlone(c, needle.value, needle.at);
    return undefined;
  }
  const type = typeOfOperand(operand);
  if (type.array && operand.kind === 'field') {
    if (Array.isArray(needle.value) && type.family !== 'json' && type.family !== 'other') {
      return c.issues.report(
        'wrong-type',
        needle.at,
        `A list in \`${operand.field.name}\`, which is an array, could mean any item or all of them.`,
        'use `has_any` or `has_all`',
      );
    }
    const value = literal(c, needle.value, type, needle.at);
    return value && arrayLeaf(c, 'has_any', operand.field, [value], needle.at);
  }
  const where = asFieldOrPick(operand);
  if (type.family !== 'text' || !where) {
    return c.issues.report(
      'wrong-type',
      haystack.at,
      `${type.called} is ${type.family}; \`in\` looks into a list, a text field or an array field.`,
      'write {"in": [{"var": "field"}, [values]]}',
    );
  }
  const needles = needlesOf(c, needle);
  return needles && { kind: 'text', operator: 'contains', fold: false, operand: where, needles };
}

function inList(c: Check, needle: Argument, list: Argument, scope: NameScope): Condition | undefined {
  if (!isObject(needle.value)) {
    return c.issues.report(
      'two-literals',
      list.at,
      'Both sides of `in` are fixed values; one must be a field.',
      'write {"in": [{"var": "country"}, ["ES", "PT"]]}',
    );
  }
  const operand = c.operand(needle.value, needle.at, scope);
  if (!operand) {
    checkListItemsAlone(c, list.value, list.at);
    return undefined;
  }
  const type = typeOfOperand(operand);
  if (type.array) {
    return c.issues.report('wrong-type', needle.at, `${type.called} is an array.`, offeredFor(type));
  }
  if (typeof list.value === 'string' && type.family === 'text') {
    return c.issues.report(
      'wrong-type',
      list.at,
      'A field in a fixed text is not offered.',
      `turn it round to look for ${quote(list.value)} in the field, or write a list`,
    );
  }
  const values = listOf(c, list.value, type, list.at);
  return values && equalsAny(operand, values);
}

const arrayOperators = ['has_any', 'has_all', 'has_only'] as const satisfies readonly ArrayOperator[];

export function checkArray(c: Check, call: Call, scope: NameScope): Condition | undefined {
  const operator = arrayOperators.find((name) => name === call.name) ?? 'has_any';
  const [subject, list] = call.args;
  const field = checkField(c, subject, scope, '{"var": "tags"}');
  if (!subject || !list) return undefined;
  if (!field) {
    checkListItemsAlone(c, list.value, list.at);
    return undefined;
  }
  if (!field.array) {
    return c.issues.report(
      'wrong-type',
      subject.at,
      `\`${operator}\` needs an array field; \`${field.name}\` is ${field.family}.`,
      offeredFor(field),
    );
  }
  const values = listOf(c, list.value, typeOfOperand({ kind: 'field', field }), list.at);
  return values && arrayLeaf(c, operator, field, values, list.at);
}

function arrayLeaf(
  c: Check,
  operator: ArrayOperator,
  field: Field,
  values: readonly Literal[],
  at: string,
): Condition | undefined {
  const days = field.family === 'instant' ? values.find((value) => value.family === 'date') : undefined;
  if (days)
    return c.issues.report(
      'wrong-type',
      at,
      `\`${field.name}\` holds instants; a date is not one.`,
      'write instants like `2024-05-01T10:00:00Z`',
    );
  return { kind: 'array', operator, field, values };
}

type TextName = 'starts_with' | 'ends_with' | 'ieq' | 'icontains' | 'istarts_with' | 'iends_with' | 'iin';

const meaning = {
  starts_with: { operator: 'starts_with', fold: false },
  ends_with: { operator: 'ends_with', fold: false },
  ieq: { operator: 'equals', fold: true },
  icontains: { operator: 'contains', fold: true },
  istarts_with: { operator: 'starts_with', fold: true },
  iends_with: { operator: 'ends_with', fold: true },
  iin: { operator: 'equals', fold: true },
} as const satisfies Record<TextName, { operator: TextOperator; fold: boolean }>;

export function checkText(c: Check, name: TextName, call: Call, scope: NameScope): Condition | undefined {
  const [subject, argument] = call.args;
  const operand = subject && textOperand(c, name, subject, scope);
  const needles = argument && readers[name](c, argument);
  return operand && needles && { kind: 'text', ...meaning[name], operand, needles };
}

type ReadNeedles = (c: Check, arg: Argument) => readonly string[] | undefined;

/** What is equal to one text and to any of several has an operator for each. */
const readers: Readonly<Record<TextName, ReadNeedles>> = {
  starts_with: needlesOf,
  ends_with: needlesOf,
  ieq(c, arg) {
    const text = needleOf(c, arg, Array.isArray(arg.value) ? 'use `iin` for a list' : undefined);
    return text === undefined ? undefined : [text];
  },
  icontains: needlesOf,
  istarts_with: needlesOf,
  iends_with: needlesOf,
  iin(c, arg) {
    if (Array.isArray(arg.value)) return listOfNeedles(c, arg, arg.value, c.limits.values);
    const found = `Expected a list of texts, found ${sayKind(arg.value)}.`;
    return c.issues.report('wrong-type', arg.at, found, 'use `ieq` for one text');
  },
};

/** A text, or a list of them: any will do. */
function needlesOf(c: Check, arg: Argument): readonly string[] | undefined {
  if (Array.isArray(arg.value)) return listOfNeedles(c, arg, arg.value, c.limits.needles);
  const text = needleOf(c, arg);
  return text === undefined ? undefined : [text];
}

function textOperand(c: Check, name: TextName, subject: Argument, scope: NameScope) {
  if (!isObject(subject.value)) {
    return c.issues.report(
      'wrong-type',
      subject.at,
      `The first argument of \`${name}\` is a field, found ${sayKind(subject.value)}.`,
      'the field comes first, then the text',
    );
  }
  const operand = c.operand(subject.value, subject.at, scope);
  if (!operand) return undefined;
  const type = typeOfOperand(operand);
  const text = asFieldOrPick(operand);
  if (text && type.family === 'text' && !type.array) return text;
  return c.issues.report(
    'wrong-type',
    subject.at,
    `\`${name}\` needs a text field; ${type.called} is ${type.array ? 'an array' : type.family}.`,
  );
}

function needleOf(c: Check, arg: Argument, hint?: string): string | undefined {
  if (typeof arg.value !== 'string')
    return c.issues.report('wrong-type', arg.at, `Expected text, found ${sayKind(arg.value)}.`, hint);
  if (arg.value === '')
    return c.issues.report(
      'empty-needle',
      arg.at,
      'An empty text is in every text; it is refused.',
      'use `is_empty` to ask for missing or empty',
    );
  return arg.value;
}

/** Each text once. @param most texts in the list */
function listOfNeedles(c: Check, { at }: Argument, list: readonly unknown[], most: number): string[] | undefined {
  if (list.length === 0)
    return c.issues.report(
      'empty-list',
      at,
      'An empty list matches no contact; it is refused.',
      'add values, or remove this part',
    );
  if (list.length > c.limits.values) return undefined; // check-shape reported it
  if (list.length > most)
    return c.issues.report(
      'too-many-values',
      at,
      `The list has ${list.length} texts; at most ${most} are looked for inside a text.`,
      'store what the texts have in common as a column, or use `in` where whole values are equal',
    );
  const texts = list.map((value, index) => needleOf(c, { value, at: `${at}/${index}` }));
  const known = texts.filter((text) => text !== undefined);
  return known.length < texts.length ? undefined : [...new Set(known)];
}

export function checkEmpty(c: Check, call: Call, scope: NameScope): Condition | undefined {
  const [subject] = call.args;
  if (!subject) return undefined;
  const operator = operatorOf(subject.value);
  if (operator !== undefined && operator !== 'var') {
    const operand: Operand | undefined = c.operand(subject.value, subject.at, scope);
    return (
      operand &&
      c.issues.report(
        'not-a-field',
        subject.at,
        '`is_empty` asks about a field.',
        'use `== null` for a value over related rows',
      )
    );
  }
  const field = checkField(c, subject, scope, '{"var": "email"}');
  return field && { kind: 'empty', field };
}
