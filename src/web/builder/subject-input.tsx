/** A value that a row is about or is compared with: which one, which field of related rows, and which of those rows count. */
import { Combobox } from '../part/combobox.tsx';
import type { Argument } from './builder-node.ts';
import { columnOf, scopeInside, scopeOfRelation, type ScopeWords } from './builder-vocabulary.ts';
import { LimitInput } from './limit-input.tsx';
import { useEditor } from './editor-context.ts';
import { field, withOneMore, withWhere, wheresOf } from './row-change.ts';
import {
  argumentOfOption,
  argumentOption,
  CALCULATION,
  columnsFor,
  emptyCalculation,
  subjectOptions,
} from './subject-option.ts';
import { WhereBlock } from './where-block.tsx';

export interface SubjectInputProps {
  readonly argument: Argument;
  readonly scope: ScopeWords;
  readonly label: string;
  readonly describedBy: string | undefined;
  readonly invalid: boolean;
  readonly part: string;
  readonly onChange: (argument: Argument) => void;
}

/** A value in a place where only a value can stand. */
export function SubjectInput({ argument, scope, label, describedBy, invalid, part, onChange }: SubjectInputProps) {
  const { vocabulary } = useEditor();
  const { value, label: text } = argumentOption(argument, scope, vocabulary);
  return (
    <>
      <Combobox
        label={label}
        part={part}
        value={value}
        text={text}
        placeholder="Choose a field"
        options={() =>
          subjectOptions(scope, vocabulary).filter((one) => argumentOfOption(one.value, vocabulary) !== undefined)
        }
        onPick={(picked) => {
          const next = argumentOfOption(picked, vocabulary);
          if (next) onChange(next);
        }}
        describedBy={describedBy}
        invalid={invalid}
      />
      <SubjectColumn argument={argument} onChange={onChange} describedBy={describedBy} />
      <SubjectRows argument={argument} scope={scope} onChange={onChange} />
    </>
  );
}

/** Which field of the rows is summed, or looked at. */
export function SubjectColumn({
  argument,
  describedBy,
  onChange,
}: Pick<SubjectInputProps, 'argument' | 'onChange' | 'describedBy'>) {
  const { vocabulary } = useEditor();
  const column = argument.kind === 'value' ? columnOf(argument.arguments) : undefined;
  if (argument.kind !== 'value' || !column?.field) return null;
  const { rows } = column;
  const isCalculation = column.field.kind === 'value';
  const name = column.field.kind === 'value' ? CALCULATION.value : column.field.name;
  const fields = columnsFor(argument.name, rows.relation.name, vocabulary);
  const label = isCalculation
    ? CALCULATION.label
    : (scopeOfRelation(vocabulary, rows.relation.name).fields.get(name)?.label ?? name);
  const takesCalculation = argument.arguments[0]?.kind === 'mapped' && fields.some(({ family }) => family === 'number');
  return (
    <Combobox
      label="Field of the rows"
      value={name}
      text={label}
      placeholder="Choose a field"
      options={() => [
        ...fields.map((one) => ({ value: one.name, label: one.label })),
        ...(takesCalculation ? [{ value: CALCULATION.value, label: CALCULATION.label }] : []),
      ]}
      onPick={(picked) => onChange(withColumn(argument, picked))}
      describedBy={describedBy}
    />
  );
}

function withColumn(argument: Argument, name: string): Argument {
  if (argument.kind !== 'value') return argument;
  return {
    ...argument,
    arguments: argument.arguments.map((one, n) => {
      if (one.kind === 'mapped')
        return {
          ...one,
          field: name === CALCULATION.value ? emptyCalculation(field('')) : { kind: 'field', name, bare: true },
        };
      return n === 1 && one.kind === 'field' ? { ...one, name } : one;
    }),
  };
}

/** Which rows count. */
export function SubjectRows({
  argument,
  scope: around,
  onChange,
}: Pick<SubjectInputProps, 'argument' | 'scope' | 'onChange'>) {
  const { vocabulary, store } = useEditor();
  const column = argument.kind === 'value' ? columnOf(argument.arguments) : undefined;
  if (argument.kind !== 'value' || !column) return null;
  const scope = scopeInside(vocabulary, column.rows.relation.name, around);
  const wheres = wheresOf(argument.arguments);
  return (
    <>
      <LimitInput argument={argument} rows={column.rows} onChange={onChange} />
      {(wheres.length === 0 ? [undefined] : wheres).map((where) => (
        <WhereBlock
          key={where?.id ?? 0}
          scope={scope}
          where={where}
          onAdd={(row, shown) => onChange(withWhere(argument, withOneMore(shown, row, store.nextId), where))}
        />
      ))}
    </>
  );
}
