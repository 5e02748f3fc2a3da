/**
 * Compilers with one mistake each, as people make them: made by changing the typed condition before, or the SQL text and
 * its values after. The comparison must catch every one; a list that survives would prove nothing.
 */
import type { Catalogue } from '../../src/catalogue/catalogue.ts';
import type { Condition, Literal, Operand, PickOperand } from '../../src/condition/ast.ts';
import { normalise } from '../../src/condition/normalise.ts';
import { conjunctsOf, mapChildren } from '../../src/condition/shape.ts';
import type { Statement } from '../../src/compile/fragment.ts';
import type { Mutation } from './compare.ts';

/** Rebuilds a condition from its leaves up, filters of aggregates included. */
function mapped(condition: Condition, change: (condition: Condition) => Condition): Condition {
  return change(mapChildren(condition, (child) => mapped(child, change)));
}

function condition(change: (condition: Condition) => Condition): Mutation {
  return { segment: (segment) => ({ ...segment, condition: mapped(segment.condition, change) }) };
}

function text(pattern: RegExp, replacement: string): Mutation {
  return { statement: (statement) => ({ ...statement, text: statement.text.replaceAll(pattern, replacement) }) };
}

function values(change: (values: unknown[], text: string) => unknown[]): Mutation {
  return {
    statement: (statement: Statement) => ({
      text: statement.text,
      bind: (slots) => change(statement.bind(slots), statement.text),
    }),
  };
}

const everyRow = (relation: string): Condition => ({
  kind: 'some',
  relation,
  where: { kind: 'constant', value: true },
});

function throughDouble(literal: Literal): Literal {
  return literal.family === 'number'
    ? {
        ...literal,
        value:
          BigInt(Math.trunc(Number(literal.value))) === 0n || !Number.isInteger(Number(literal.value))
            ? String(Number(literal.value))
            : String(BigInt(Number(literal.value))),
      }
    : literal;
}

function pickWhere(also: (operand: PickOperand) => Condition): Mutation {
  const narrowed = <O extends Operand>(operand: O): O =>
    operand.kind === 'pick'
      ? { ...operand, where: { kind: 'and', children: [operand.where, { kind: 'not', child: also(operand) }] } }
      : operand;
  return condition((node) => {
    if (node.kind === 'compare')
      return {
        ...node,
        left: narrowed(node.left),
        right: node.right.kind === 'literal' ? node.right : narrowed(node.right),
      };
    if (
      node.kind === 'text' ||
      node.kind === 'window' ||
      node.kind === 'tense' ||
      node.kind === 'calendar_window' ||
      node.kind === 'period' ||
      node.kind === 'missing' ||
      node.kind === 'in'
    )
      return { ...node, operand: narrowed(node.operand) } as Condition;
    return node;
  });
}

/** Changes every value that is compared, and those inside it. */
function everyOperand(change: (operand: Operand) => Operand): Mutation {
  const inside = (operand: Operand): Operand => {
    const changed = change(operand);
    if (changed.kind !== 'arithmetic') return changed;
    return { ...changed, terms: changed.terms.map((term) => (term.kind === 'literal' ? term : inside(term))) };
  };
  return condition((node) =>
    node.kind === 'compare'
      ? { ...node, left: inside(node.left), right: node.right.kind === 'literal' ? node.right : inside(node.right) }
      : node,
  );
}

/** As if unique indexes said that only one way leads on. */
function oneWay(catalogue: Catalogue): Catalogue {
  const relations = [...catalogue.relations].map(
    ([name, relation]) =>
      [
        name,
        relation.link.kind === 'through'
          ? { ...relation, link: { ...relation.link, single: true as const } }
          : relation,
      ] as const,
  );
  return { ...catalogue, relations: new Map(relations) };
}

/** As if every row of a relation counted. The one row of a to-one relation is read through the catalogue, not by the condition. */
export function withoutWhere(of: Condition): Condition {
  return mapped(of, (node) => (node.kind === 'admitted' ? { kind: 'constant', value: true } : node));
}

/** The same catalogue, where every row counts. A field belongs to one of them, so the fields are copies. */
function everyRowCounts(catalogue: Catalogue): Catalogue {
  const relations = [...catalogue.relations].map(([name, relation]) => {
    const fields = new Map([...relation.fields].map(([field, one]) => [field, { ...one }]));
    return [name, { ...relation, where: true, fields }] as const;
  });
  return { ...catalogue, relations: new Map(relations) };
}

function isAdmitted(node: Condition): node is Extract<Condition, { readonly kind: 'admitted' }> {
  return node.kind === 'admitted';
}

/** How a statement prints today. */
const TODAY = String.raw`(\(\$\d+::timestamptz at time zone \$\d+::text\)::date)`;

function isCalendarWindow(node: Condition): boolean {
  return node.kind === 'not' ? isCalendarWindow(node.child) : node.kind === 'calendar_window';
}

function isAnniversary(node: Condition): boolean {
  if (node.kind === 'not') return isAnniversary(node.child);
  return node.kind === 'anniversary' || node.kind === 'anniversary_period';
}

export const mutants: Readonly<Record<string, Mutation>> = {
  'every row of a relation counts': {
    segment: (segment) => ({ ...segment, condition: withoutWhere(segment.condition) }),
  },

  'the rows in between all count': condition((node) => {
    if (node.kind !== 'and') return node;
    const [own, ...between] = node.children.filter(isAdmitted);
    return own && between.length > 0
      ? { ...node, children: node.children.filter((child) => !between.some((one) => one === child)) }
      : node;
  }),

  'the rows of a relation are limited before it is asked which of them count': {
    segment: (segment) => ({
      ...segment,
      condition: normalise(
        mapped(segment.condition, (node) => {
          if (node.kind !== 'among') return node;
          const parts = conjunctsOf(node.where);
          const where: Condition = { kind: 'and', children: parts.filter((part) => !isAdmitted(part)) };
          return { kind: 'and', children: [...parts.filter(isAdmitted), { ...node, where }] };
        }),
      ),
    }),
  },

  'the one row of a to-one relation always counts': { catalogue: everyRowCounts },

  'the one row of a to-one relation always counts, for members': { strategy: 'member', catalogue: everyRowCounts },

  'NOT of a missing value is not true': text(/ is null or not \(/g, ' is not null and not ('),

  '<> leaves out missing values': condition((node) =>
    node.kind === 'not' && node.child.kind === 'compare' && node.child.operator === '=='
      ? { kind: 'and', children: [{ kind: 'not', child: { kind: 'missing', operand: node.child.left } }, node] }
      : node,
  ),

  'all of no rows is true': condition((node) =>
    node.kind === 'and'
      ? {
          ...node,
          children: node.children.filter((child) => !(child.kind === 'some' && child.where.kind === 'constant')),
        }
      : node,
  ),

  'a window includes its first instant': text(/> (\(\$\d+::timestamptz - )/g, '>= $1'),
  'a window leaves out now': text(/<= (\$\d+::timestamptz)/g, '< $1'),

  'now is in the future': text(/> (\$\d+::timestamptz)(?= or| and|\)|$)/gm, '>= $1'),

  'infinity is in neither the past nor the future': condition((node) => {
    if (node.kind !== 'tense') return node;
    const days = 36_500;
    const operator = node.tense === 'past' ? 'in_last' : 'in_next';
    return {
      kind: 'window',
      operator,
      operand: node.operand,
      amount: days,
      unit: 'day',
      seconds: days * 86_400,
    };
  }),

  'the future is in the last days': condition((node) =>
    (node.kind === 'window' || node.kind === 'calendar_window') && node.operator === 'in_last'
      ? {
          kind: 'and',
          children: [
            { kind: 'not', child: { ...node, operator: 'before_last' } },
            { kind: 'not', child: { kind: 'missing', operand: node.operand } },
          ],
        }
      : node,
  ),

  'numbers pass through doubles': condition((node) => {
    if (node.kind === 'compare' && node.right.kind === 'literal') return { ...node, right: throughDouble(node.right) };
    return node.kind === 'in' || node.kind === 'array' ? { ...node, values: node.values.map(throughDouble) } : node;
  }),

  'integer bounds are cut': condition((node) =>
    node.kind === 'compare' && node.right.kind === 'literal' && node.left.kind === 'field' && node.left.field.integer
      ? { ...node, right: { ...node.right, value: node.right.value.replace(/\..*/, '') } }
      : node,
  ),

  'LIKE specials are not escaped': values((list, sqlText) => {
    const patterns = new Set(
      [...sqlText.matchAll(/ like (?:\(select lower\()?\$(\d+)/g)].map((match) => Number(match[1]) - 1),
    );
    return list.map((item, index) =>
      patterns.has(index) && typeof item === 'string' ? item.replaceAll(/\\([%_\\])/g, '$1').replace(/\\$/, '') : item,
    );
  }),

  'only the first of several needles counts': condition((node) =>
    node.kind === 'text' && node.operator !== 'equals' ? { ...node, needles: node.needles.slice(0, 1) } : node,
  ),

  'a length is counted in bytes': text(/\blength\(/g, 'octet_length('),
  'an empty array has no size': text(/ cardinality\(((?:[^()]|\([^()]*\))*)\) (?!= 0)/g, ' array_length($1, 1) '),

  'a missing value is one of the different ones': text(
    /count\(distinct ((?:[^()]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))*)\)/g,
    'count(distinct array[$1])',
  ),
  'a value counts each time that it comes': text(/count\(distinct /g, 'count('),

  'a bucket has a seed of the session': text(
    /md5\((\$\d+::text) \|\|/g,
    `md5(left($1, 0) || current_setting('timezone') ||`,
  ),
  'a bucket is counted with a sign': text(/::bit\(32\)::bigint %/g, '::bit(32)::int::bigint %'),
  'a bucket is that of the key alone': text(/md5\((\$\d+::text) \|\| ':' \|\| /g, 'md5(left($1, 0) || '),

  'no place is near another across the date line': text(
    /(("[^"]+"\."[^"]+") <= \$\d+::\w+\)) or (\(+\2 >= )/g,
    '$1 and $3',
  ),
  'degrees of longitude are as wide everywhere': text(/\* cos\(radians\(/g, '* cos(0 * radians('),

  'the newest rows are those with the greatest keys': text(
    /order by "t\d+"\."[fo]\d+" desc nulls last, ("t\d+"\."f\d+" desc nulls last\))/g,
    'order by $1',
  ),
  'rows without a time are the newest': text(/ over \((partition by [^]*?) desc nulls last, /g, ' over ($1 desc, '),
  'rows that do not match take places among the newest': text(
    /(over \(partition by "t\d+"\."f\d+"), [^]*? is true order by/g,
    '$1 order by',
  ),

  'a missing term counts as 0': text(/\(("[^"]+"\."[^"]+")::numeric ([-+*]) /g, '(coalesce($1::numeric, 0) $2 '),
  'minus is turned round': everyOperand((operand) =>
    operand.kind === 'arithmetic' && operand.operator === '-'
      ? { ...operand, terms: operand.terms.toReversed() }
      : operand,
  ),
  'rows are computed by their first value only': everyOperand((operand) => {
    if (operand.kind !== 'aggregate' || !operand.of) return operand;
    const field = operand.of.terms.find((term) => term.kind === 'field')?.field;
    return field ? { ...operand, field, of: undefined } : operand;
  }),
  'the right average is its sum': text(/ \* ("a\d+_\d+"\."s\d+")(?! end)/g, ''),

  'days are those of the session': { segment: (segment) => ({ ...segment, timezone: 'Pacific/Auckland' }) },

  'windows of months are in the zone of the session': {
    segment: (segment) =>
      isCalendarWindow(segment.condition) ? { ...segment, timezone: 'Pacific/Auckland' } : segment,
  },

  'the end of a month is not clamped': text(
    new RegExp(String.raw`\(${TODAY} \+ (\$\d+::interval)\)::date`, 'g'),
    `((date_trunc('month', $1) + $2)::date + extract(day from $1)::integer - 1)`,
  ),

  'the day on which a window of months ends is outside of it': text(
    new RegExp(String.raw`(\(${TODAY} \+ \$\d+::interval\)::date)`, 'g'),
    '($1 - 1)',
  ),

  'a quarter has four months': condition((node) =>
    node.kind === 'calendar_window' && node.unit === 'quarter' ? { ...node, months: 4 * node.amount } : node,
  ),

  'a month has 30 days': condition((node) =>
    node.kind === 'calendar_window'
      ? { ...node, kind: 'window', unit: 'day', amount: 30 * node.months, seconds: 30 * node.months * 86_400 }
      : node,
  ),

  'a day is not 24 hours': values((list) =>
    list.map((item) => {
      const hours = typeof item === 'string' ? /^(\d+) hours?$|^(\d+):00:00$/.exec(item) : null;
      const seconds = typeof item === 'string' ? /^(\d+) seconds?$/.exec(item) : null;
      const days = hours ? Number(hours[1] ?? hours[2]) / 24 : seconds ? Number(seconds[1]) / 86_400 : 0.5;
      return Number.isInteger(days) && days > 0 ? `${days} days` : item;
    }),
  ),

  'the sum of no rows is missing': text(/coalesce\(("[^()]+"), 0\)/g, '$1'),

  'an average is rounded': text(
    /(nullif\([^()]*\)|"a\d+_\d+"\."s\d+") (<|<=|>|>=|=) (\$\d+::numeric) \* ("a\d+_\d+"\."s\d+")/g,
    'round($1 / nullif($4, 0)) $2 $3',
  ),

  'contacts without rows are not counted': condition((node) =>
    node.kind === 'compare' && node.left.kind === 'aggregate' && node.left.function === 'count'
      ? { kind: 'and', children: [everyRow(node.left.relation), node] }
      : node,
  ),

  'case is folded for ASCII only': text(/"pg_catalog"\."und-x-icu"/g, '"pg_catalog"."C"'),

  'an empty text is not empty': condition((node) =>
    node.kind === 'empty' ? { kind: 'missing', operand: { kind: 'field', field: node.field } } : node,
  ),

  'any jsonb value is text': text(/(jsonb_typeof\([^()]*\)) = 'string'/g, "$1 <> 'null'"),

  'a written date has its month first': text(/'DD\/MM\/YYYY'/g, "'MM/DD/YYYY'"),
  'a written number has no sign': text(
    /segmentd\.text_number\(("[^"]+"\."[^"]+")::text\)/g,
    "segmentd.text_number(replace($1::text, '-', ''))",
  ),
  'a number of eight digits inside jsonb is a written date': text(
    /\(case when jsonb_typeof\([^()]*\) = 'string' then (\([^()]*\)) end\)::text, 'YYYYMMDD'/g,
    "$1::text, 'YYYYMMDD'",
  ),

  'spaces around elements do not count': text(/string_to_array\(([^,]*), /g, "string_to_array(replace($1, ' ', ''), "),

  'who left has entered': text(/ and m\.kind = 'left'/g, " and m.kind = 'entered'"),
  'any event counts': text(/ and m\.kind = '(entered|left)'/g, ''),
  'events to come count': text(
    /( and m\.at > [^()]*\([^()]*\)|m\.at > \([^()]*\)) and m\.at <= \$\d+::timestamptz/g,
    '$1',
  ),
  'the past is that of any segment': text(/m\.segment_id = \d+ and m\.contact_id/g, 'm.contact_id'),
  'a member is one for long at once': text(/m\.entered_at <= /g, 'm.entered_at > '),
  'the moment of entry plus the length is too early': text(/m\.entered_at <= /g, 'm.entered_at < '),

  'NaN is a number': text(/ and not \("[^"]+"\."[^"]+" = 'NaN'\)/g, ''),

  'timestamps are read in UTC': { catalogue: (catalogue) => ({ ...catalogue, timestamps: 'UTC' }) },

  'ties are broken by a collation': text(/(order by [^()]*) collate "C"/g, '$1 collate "en-x-icu"'),

  'a loose collation decides equality': text(/\(("[^"]+"\."[^"]+") collate "C"\)/g, '$1'),

  '29 February has its birthday on 1 March': text(/greatest\(/g, 'least('),

  '29 February has no anniversary': text(/ = 229 then/g, ' = 9999 then'),

  'the last days are the next ones': condition((node) =>
    node.kind === 'anniversary' && node.direction === 'last' ? { ...node, direction: 'next' } : node,
  ),

  'anniversaries are those of the zone of the session': {
    segment: (segment) => (isAnniversary(segment.condition) ? { ...segment, timezone: 'Pacific/Auckland' } : segment),
  },

  'an anniversary in a week lies in the seven days from today': condition((node) =>
    node.kind === 'anniversary_period' && node.unit === 'week' && node.offset === 0
      ? { kind: 'anniversary', field: node.field, direction: 'next', days: 6 }
      : node,
  ),

  'a year has eleven months': condition((node) =>
    node.kind === 'anniversary_period' && node.unit === 'month' ? { ...node, offset: node.offset + 11 } : node,
  ),

  'the index range is as narrow as the day': {
    ...text(/ \+ \(-1\)\)::timestamp at/g, ' + 1)::timestamp at'),
    strategy: 'member',
  },

  'weeks are those of the United States': condition((node) =>
    node.kind === 'period' && node.unit === 'week' ? { ...node, unit: 'day', offset: node.offset * 7 } : node,
  ),

  'a row counts once for each way': { catalogue: oneWay },
  'a row counts once for each way in a rebuild': { catalogue: oneWay, strategy: 'range' },
  'a way of another contact counts': text(/ and "r\d"\."who" = "t\d+"\."f\d+"/g, ''),

  'rows inside rows are those of every contact': text(/"n\d"\."who" = "t\d+"\."f\d+"/g, 'true'),
  'rows inside rows are those of every contact in a rebuild': {
    ...text(/"n\d"\."who" = "r\d"\."who"/g, 'true'),
    strategy: 'member',
  },
  'a field of the contact is that of any contact': {
    ...text(/ where "own"\."ID" = "r\d"\."who" limit 1/g, ' order by "own"."ID" limit 1'),
    strategy: 'range',
  },

  'first and last skip missing values': pickWhere(({ field }) => ({
    kind: 'missing',
    operand: { kind: 'field', field },
  })),
  'rows without a time are left out': pickWhere(({ time }) => ({
    kind: 'missing',
    operand: { kind: 'field', field: time },
  })),
  'rows without a time come first': text(/ desc nulls last, /g, ' desc, '),
  'a missing value is the greatest': text(/ desc nulls last\)/g, ' desc)'),

  'two missing fields are equal': condition((node) =>
    node.kind === 'compare' && node.operator === '==' && node.right.kind === 'field'
      ? {
          kind: 'or',
          children: [
            node,
            {
              kind: 'and',
              children: [
                { kind: 'missing', operand: node.left },
                { kind: 'missing', operand: node.right },
              ],
            },
          ],
        }
      : node,
  ),

  'has_all asks for any': condition((node) =>
    node.kind === 'array' && node.operator === 'has_all' ? { ...node, operator: 'has_any' } : node,
  ),
};
