/**
 * What a person wants to see of a leaf beside its verdict: the value that the contact has, and what it is held against.
 * Both are SQL expressions of type text (NULL: missing, or nothing to show), read with the verdict in one statement.
 */
import { unreachable } from '../base/unreachable.ts';
import type { Family, Field } from '../catalogue/catalogue.ts';
import { localDate, now } from '../compile/calendar.ts';
import { integer, sql, value, type Fragment } from '../compile/fragment.ts';
import { operandScalar } from '../compile/predicate.ts';
import type { Scalar } from '../compile/scalar.ts';
import type { SqlScope } from '../compile/scope.ts';
import type { Condition, Operand } from '../condition/ast.ts';
import { describeList, describeValue, describeValues } from '../condition/describe/describe-operand.ts';
import { typeOfOperand } from '../condition/operand.ts';
import { operandsOf } from '../condition/shape.ts';
import { intervalText } from '../temporal/duration.ts';
import { periodStep } from '../temporal/period.ts';
import { contactKey, countRows } from './contact-scope.ts';
import type { ExplainedLeaf } from './condition-tree.ts';

export interface LeafDetail {
  readonly actual: Fragment;
  readonly threshold: Fragment;
}

const NO_TEXT: Fragment = sql`null::text`;

export function leafDetail(scope: SqlScope, { condition, negated }: ExplainedLeaf): LeafDetail {
  const of = (operand: Operand, threshold: Fragment): LeafDetail => ({
    actual: scalarText(operandScalar(scope, operand)),
    threshold,
  });
  const ofField = (field: Field, threshold: Fragment): LeafDetail => of({ kind: 'field', field }, threshold);
  switch (condition.kind) {
    case 'constant':
      return { actual: NO_TEXT, threshold: NO_TEXT };
    case 'compare': {
      const { right } = condition;
      return of(
        condition.left,
        right.kind === 'literal' ? textValue(describeValue(right)) : scalarText(operandScalar(scope, right)),
      );
    }
    case 'compare_day':
      return of(condition.left, textValue(condition.day));
    case 'missing':
      return of(condition.operand, NO_TEXT);
    case 'empty':
      return ofField(condition.field, NO_TEXT);
    case 'in':
      return of(condition.operand, textValue(describeValues(condition.values)));
    case 'text':
      return of(
        condition.operand,
        textValue(
          describeValues(condition.needles.map((needle) => ({ kind: 'literal', family: 'text', value: needle }))),
        ),
      );
    case 'array':
      return ofField(condition.field, textValue(describeList(condition.values)));
    case 'window':
      return of(condition.operand, windowText(scope, condition));
    case 'period':
      return of(condition.operand, periodText(scope, condition));
    case 'anniversary':
      return ofField(condition.field, anniversaryText(scope, condition.days));
    case 'some':
      return {
        actual: sql`${countRows(scope, condition.relation, condition.where)}::text`,
        threshold: textValue(negated ? 'none' : 'at least 1'),
      };
    case 'segment':
      return {
        actual: sql`case when ${scope.member(condition.key).positive} then 'a member' else 'not a member' end`,
        threshold: NO_TEXT,
      };
    case 'override':
      return { actual: overrideText(scope, condition), threshold: NO_TEXT };
    default:
      return unreachable(condition);
  }
}

/** Of the actual value; text is to be quoted for people. */
export function actualFamily({ condition }: ExplainedLeaf): Family {
  switch (condition.kind) {
    case 'empty':
    case 'array':
    case 'anniversary':
      return fieldFamily(condition.field);
    case 'some':
      return 'number';
    case 'constant':
    case 'segment':
    case 'override':
      return 'other';
    default: {
      const [operand] = operandsOf(condition);
      if (operand?.kind === 'field') return fieldFamily(operand.field);
      return operand ? typeOfOperand(operand).family : 'other';
    }
  }
}

/** An array prints as Postgres writes it. */
function fieldFamily(field: Field): Family {
  return field.array ? 'other' : field.family;
}

/** Who decided it, when, until when and why. */
function overrideText(scope: SqlScope, { segment, override }: Extract<Condition, { kind: 'override' }>): Fragment {
  return sql`(select concat('by ', w.created_by, ' at ', ${instantText(sql`w.created_at`)}, ', until ' || ${instantText(sql`w.expires_at`)}, ': ' || w.note)
    from segmentd.override w where w.segment_id = ${integer(segment)} and w.contact_id = ${contactKey(scope.catalogue)} and w.kind = ${value(override, 'text')})`;
}

function textValue(text: string): Fragment {
  return value(text, 'text');
}

function scalarText(scalar: Scalar): Fragment {
  // Only for people: the verdict multiplies instead.
  if (scalar.over) return sql`trim_scale(${scalar.value} / nullif(${scalar.over}, 0))::text`;
  return scalar.type === 'timestamptz' ? instantText(scalar.value) : sql`(${scalar.value})::text`;
}

/** ISO 8601 with microseconds where it can say the instant: not before year 1, after 9999, or at infinity. */
export function instantText(instant: Fragment): Fragment {
  return sql`(select case when v.at between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00'
      then to_char(v.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') else v.at::text end
    from (select ${instant} offset 0) as v(at))`;
}

function windowText(scope: SqlScope, condition: Extract<Condition, { kind: 'window' }>): Fragment {
  const { type } = operandScalar(scope, condition.operand);
  const length = value(intervalText(condition.seconds), 'interval');
  const bound = (instant: Fragment): Fragment => {
    if (type === 'date') return sql`${localDate(scope, instant)}::text`;
    return type === 'timestamp'
      ? sql`(${instant} at time zone ${value(scope.catalogue.timestamps, 'text')})::text`
      : instantText(instant);
  };
  switch (condition.operator) {
    case 'in_last':
      return sql`'after ' || ${bound(sql`(${now} - ${length})`)} || ', up to ' || ${bound(now)}`;
    case 'before_last':
      return sql`'up to ' || ${bound(sql`(${now} - ${length})`)}`;
    case 'in_next':
      return sql`'after ' || ${bound(now)} || ', up to ' || ${bound(sql`(${now} + ${length})`)}`;
    default:
      return unreachable(condition.operator);
  }
}

/** First and last day of the period. */
function periodText(scope: SqlScope, { unit, offset }: Extract<Condition, { kind: 'period' }>): Fragment {
  const step = periodStep(unit, offset);
  if (step === undefined) return NO_TEXT;
  const start = sql`date_trunc(${value(step.unit, 'text')}, ${localDate(scope, now)}::timestamp)`;
  const day = (shift: string): Fragment => sql`(${start} + ${value(shift, 'interval')})::date`;
  return unit === 'day' ? sql`${day(step.start)}::text` : sql`${day(step.start)} || ' to ' || (${day(step.end)} - 1)`;
}

function anniversaryText(scope: SqlScope, days: number): Fragment {
  const today = localDate(scope, now);
  return days === 0 ? sql`${today}::text` : sql`${today} || ' to ' || (${today} + ${integer(days)})`;
}
