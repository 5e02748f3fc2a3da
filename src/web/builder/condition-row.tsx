/**
 * A row of the builder. How it is laid out stands in a table with a line for each layout; what it says stands in the operator table.
 * A row is drawn again when it changes, or what is said of it.
 */
import type { ComponentType } from 'preact';
import { useMemo } from 'preact/hooks';
import { operators, type ConditionName } from '../../condition/operator.ts';
import { Combobox } from '../part/combobox.tsx';
import { ActionMenu } from '../part/action-menu.tsx';
import type { Argument, CallRow } from './builder-node.ts';
import { isGroup, replaceRow } from './builder-edit.ts';
import { scopeInside, valueWords, type ScopeWords } from './builder-vocabulary.ts';
import {
  comparisonOf,
  comparisonsFor,
  comparisonsOfLayout,
  conditionForm,
  orderOf,
  subjectIndex,
  type Layout,
} from './condition-form.ts';
import { issuesId, useEditor, useNote, type RowProps } from './editor-context.ts';
import { GroupRows } from './group-rows.tsx';
import { RawCondition } from './raw-condition.tsx';
import { deleteRow, isEveryRow, rowActions } from './row-action.ts';
import { besideOf, isTest, subjectOf, withArgument, withComparison, withOneMore, type TestRow } from './row-change.ts';
import { RowFrame } from './row-frame.tsx';
import { subjectOptionOf, subjectOptions, rowOfOption } from './subject-option.ts';
import { SubjectColumn, SubjectRows } from './subject-input.tsx';
import { FixedParts, TermsInput, ValueInput } from './value-input.tsx';
import { WhereBlock } from './where-block.tsx';

/** Draws a row; what did not change is not drawn again. */
export function ConditionRow({ row, scope, place, join }: RowProps) {
  return useMemo(() => <DrawnRow row={row} scope={scope} place={place} join={join} />, [row, scope, place, join]);
}

function DrawnRow(props: RowProps) {
  const { row, scope } = props;
  const editor = useEditor();
  const { store, announce } = editor;
  const actions = (
    <RowTools
      id={row.id}
      actions={() => rowActions(store, row, announce)}
      onDelete={() => deleteRow(store, row.id, announce)}
    />
  );
  if (row.kind === 'raw')
    return (
      <RowFrame {...props} actions={actions}>
        <RawCondition row={row} scope={scope} />
      </RowFrame>
    );
  if (row.kind === 'field')
    return (
      <RowFrame {...props} actions={actions}>
        <ComparisonLine row={row} scope={scope} />
      </RowFrame>
    );
  if (isGroup(row)) return <GroupRows {...props} row={row} actions={actions} />;
  const { layout } = conditionForm(row.name);
  const Line = LINES[layout];
  return (
    <RowFrame {...props} actions={actions}>
      <Line row={row} scope={scope} />
    </RowFrame>
  );
}

interface LineProps<R> {
  readonly row: R;
  readonly scope: ScopeWords;
}

/** A group that is written without a list is a named place with a row in it. */
const LINES: Readonly<Record<Layout, ComponentType<LineProps<CallRow>>>> = {
  group: PartsLine,
  parts: PartsLine,
  comparison: ComparisonLine,
  relation: RelationLine,
  fixed: FixedLine,
};

function RowTools({
  id,
  actions,
  onDelete,
}: {
  readonly id: number;
  readonly actions: () => ReturnType<typeof rowActions>;
  readonly onDelete: () => void;
}) {
  const { drag } = useEditor();
  return (
    <span class="tools">
      <span
        class="handle"
        draggable
        aria-hidden="true"
        title="Drag to move"
        onDragStart={(event) => {
          drag.id = id;
          event.dataTransfer?.setData('text/plain', String(id));
        }}
        onDragEnd={() => (drag.id = undefined)}
      >
        ⠿
      </span>
      <ActionMenu label="More actions for this row" actions={actions} part="menu" />
      <button type="button" class="icon" aria-label="Delete this row" title="Delete (Ctrl Delete)" onClick={onDelete}>
        ×
      </button>
    </span>
  );
}

function useIssues(id: number) {
  const issues = useNote(useEditor().issues, id) ?? [];
  return { describedBy: issues.length > 0 ? issuesId(id) : undefined, issues };
}

/** What the row is about. */
function WhatPicker({ row, scope }: LineProps<CallRow | TestRow>) {
  const { store, vocabulary } = useEditor();
  const { describedBy, issues } = useIssues(row.id);
  const { value, label } = subjectOptionOf(row, scope, vocabulary);
  return (
    <Combobox
      label="What"
      part="what"
      value={value}
      text={label}
      placeholder="Choose what"
      options={() => subjectOptions(scope, vocabulary)}
      onPick={(picked) =>
        store.editTree((tree, nextId) =>
          replaceRow(tree, row.id, (one) => rowOfOption(one, picked, scope, vocabulary, nextId)),
        )
      }
      describedBy={describedBy}
      invalid={issues.length > 0 && value === 'var:'}
    />
  );
}

function ComparisonLine({ row, scope }: LineProps<TestRow>) {
  const { store, vocabulary } = useEditor();
  const subject = subjectOf(row);
  const value = subject && valueWords(subject, scope, vocabulary);
  const set = (index: number, argument: Argument, label?: string): void =>
    store.editTree((tree) => replaceRow(tree, row.id, (one) => withArgument(one, index, argument)), { label });
  const at = row.kind === 'call' ? subjectIndex(orderOf(row)) : 0;
  const isValue = subject !== undefined && subject.kind !== 'constant';
  return (
    <>
      {isValue || row.kind === 'field' ? (
        <WhatPicker row={row} scope={scope} />
      ) : (
        <FixedSubject row={row} scope={scope} />
      )}
      {isValue && <SubjectColumn argument={subject} describedBy={undefined} onChange={(next) => set(at, next)} />}
      {isValue && (
        <TermsInput
          argument={subject}
          scope={scope}
          describedBy={undefined}
          onChange={(next) => set(at, next, `${row.id} terms`)}
        />
      )}
      {isValue && (
        <FixedParts
          argument={subject}
          scope={scope}
          describedBy={undefined}
          onChange={(next) => set(at, next, `${row.id} parts`)}
        />
      )}
      <ComparisonSelect row={row} scope={scope} />
      <Values row={row} scope={scope} value={value} />
      {isValue && <SubjectRows argument={subject} scope={scope} onChange={(next) => set(at, next)} />}
    </>
  );
}

/** A comparison that begins with a fixed value. */
function FixedSubject({ row, scope }: LineProps<TestRow>) {
  const { store } = useEditor();
  const { describedBy, issues } = useIssues(row.id);
  const subject = subjectOf(row);
  if (!subject) return null;
  return (
    <ValueInput
      form={{ type: 'literal' }}
      argument={subject}
      value={undefined}
      scope={scope}
      label="Value"
      describedBy={describedBy}
      invalid={issues.length > 0}
      onChange={(next) =>
        store.editTree((tree) => replaceRow(tree, row.id, (one) => withArgument(one, 0, next)), {
          label: `${row.id} subject`,
        })
      }
    />
  );
}

/** Words of a row: those that fit, those that people seldom need, and the one that it has. */
function ComparisonSelect({ row, scope }: LineProps<TestRow>) {
  const { store, vocabulary } = useEditor();
  const subject = subjectOf(row);
  const value = subject && valueWords(subject, scope, vocabulary);
  const current = comparisonOf(row, value);
  const offered =
    row.kind === 'call' && !isTest(row) ? comparisonsOfLayout(row) : comparisonsFor(value, subject?.kind ?? 'field');
  const all = offered.some(({ id }) => id === current.id) ? offered : [...offered, { ...current, seldom: false }];
  const seldom = all.filter((one) => one.seldom);
  const options = (list: typeof all) =>
    list.map(({ id, label }) => (
      <option key={id} value={id}>
        {label}
      </option>
    ));
  const choose = (id: string): void => {
    const next = all.find((one) => one.id === id);
    if (next)
      store.editTree((tree) =>
        replaceRow(tree, row.id, (one) => (one.kind === 'raw' ? one : withComparison(one, next, value))),
      );
  };
  return (
    <select
      aria-label="Comparison"
      data-part="compare"
      value={current.id}
      onChange={({ currentTarget }) => choose(currentTarget.value)}
    >
      {options(all.filter((one) => !one.seldom))}
      {seldom.length > 0 && <optgroup label="More">{options(seldom)}</optgroup>}
    </select>
  );
}

/** What a row is compared with. */
function Values({ row, scope, value }: LineProps<TestRow> & { readonly value: ReturnType<typeof valueWords> }) {
  const { store } = useEditor();
  const { describedBy, issues } = useIssues(row.id);
  const beside = besideOf(row);
  const { missing, order, name } = comparisonOf(row, value);
  if (missing || row.kind === 'field') return null;
  const inside = `/${name}/`;
  return (
    <>
      {beside.map(({ index, form, argument }, n) => (
        <>
          {order === 'between' && n === 1 && <span class="word">and</span>}
          <ValueInput
            key={index}
            form={form}
            argument={argument}
            value={value}
            scope={scope}
            label={order === 'between' ? (n === 0 ? 'From' : 'To') : 'Value'}
            describedBy={describedBy}
            invalid={issues.some(({ pointer }) => pointer.includes(`${inside}${index}`))}
            onChange={(next) =>
              store.editTree((tree) => replaceRow(tree, row.id, (one) => withArgument(one, index, next)), {
                // Values that are pasted or ticked are no typing: each time is a step of its own.
                label: next.kind === 'constant' && Array.isArray(next.json) ? undefined : `${row.id} ${index}`,
              })
            }
          />
        </>
      ))}
    </>
  );
}

function FixedLine({ row, scope }: LineProps<CallRow>) {
  return (
    <>
      <WhatPicker row={row} scope={scope} />
      <ComparisonSelect row={row} scope={scope} />
      <Values row={row} scope={scope} value={undefined} />
    </>
  );
}

function RelationLine({ row, scope }: LineProps<CallRow>) {
  const { store, vocabulary } = useEditor();
  const [of, condition] = row.arguments;
  const relation = scopeInside(vocabulary, of?.kind === 'field' ? of.name : '', scope);
  const where = condition?.kind === 'row' ? condition.row : undefined;
  return (
    <>
      <WhatPicker row={row} scope={scope} />
      <ComparisonSelect row={row} scope={scope} />
      {where && isEveryRow(where) && row.name !== 'all' && <span class="word">(any row)</span>}
      <WhereBlock
        scope={relation}
        where={where}
        onAdd={(fresh, shown) =>
          store.editTree((tree, nextId) =>
            replaceRow(tree, row.id, (one) =>
              withArgument(one, 1, { kind: 'row', row: withOneMore(shown, fresh, nextId) }),
            ),
          )
        }
      />
    </>
  );
}

/** Names of the places of `if`, which come again and again; the last one stands alone. */
function partLabel(name: ConditionName, n: number, count: number): string {
  if (name !== 'if') return '';
  if (n === count - 1 && n % 2 === 0) return 'else';
  return n % 2 === 0 ? (n === 0 ? 'if' : 'else if') : 'then';
}

function PartsLine({ row, scope }: LineProps<CallRow>) {
  const { Row: RowOf } = useEditor();
  const title = row.negation === 'none' ? operators[row.name].label : conditionForm(row.name).opposite;
  return (
    <div class="parts" role="group" aria-label={title}>
      <span class="word">{title}</span>
      {row.arguments.map((argument, n) =>
        argument.kind === 'row' ? (
          <div key={argument.row.id} class="part">
            <span class="word">{partLabel(row.name, n, row.arguments.length)}</span>
            <RowOf row={argument.row} scope={scope} place="part" join={undefined} />
          </div>
        ) : null,
      )}
    </div>
  );
}
