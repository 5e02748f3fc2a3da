/** A group: which of its rows must hold, the rows, and what can be added. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { groupWith, moveRow, newGroup, replaceRow, rowsOfGroup, type GroupRow } from './builder-edit.ts';
import { conditionForm, negationFor } from './condition-form.ts';
import { operators } from '../../condition/operator.ts';
import { useEditor, type RowProps } from './editor-context.ts';
import type { Row } from './builder-node.ts';
import { emptyRow, isEveryRow } from './row-action.ts';
import { everyRow, fixedRow, relationRow } from './row-change.ts';
import { RowIssues } from './row-frame.tsx';
import { RowNumbers } from './row-number.tsx';
import { VerdictMark } from './verdict-mark.tsx';

const CHOICES = ['and', 'or', '!or', '!and'] as const;

/** The word between the rows of a group. */
export function joinWord({ name, negation }: GroupRow): string {
  if (negation === 'none') return name;
  return name === 'or' ? 'nor' : 'and';
}

function choiceLabel(choice: (typeof CHOICES)[number]): string {
  const name = choice === 'and' || choice === '!and' ? 'and' : 'or';
  return choice.startsWith('!') ? conditionForm(name).opposite : operators[name].label;
}

export function GroupRows({
  row,
  scope,
  place,
  join,
  actions,
}: Omit<RowProps, 'row'> & { readonly row: GroupRow; readonly actions: ComponentChildren }) {
  const { store, vocabulary, drag, Row: RowOf } = useEditor();
  const [over, setOver] = useState(false);
  const rows = rowsOfGroup(row);
  const inRelation = scope.relation !== null;
  const [relation] = vocabulary.relations.keys();
  const add = (made: Row, part: 'what' | 'value' | 'add' = 'what'): void =>
    store.editTree(
      (tree) =>
        replaceRow(tree, row.id, (group) => {
          const before = rowsOfGroup(row).filter((one) => !isEveryRow(one));
          return group.kind === 'call' ? groupWith(row, [...before, made]) : group;
        }),
      { focus: { row: made.id, part } },
    );
  const choose = (choice: string): void =>
    store.editTree((tree) =>
      replaceRow(tree, row.id, (one) =>
        one.kind === 'call'
          ? {
              ...one,
              name: choice.endsWith('and') ? 'and' : 'or',
              negation: negationFor(choice.startsWith('!'), one.negation),
            }
          : one,
      ),
    );
  const Tag = place === 'group' ? 'li' : 'div';
  const isRoot = place === 'root';
  return (
    <Tag class={`row group-row ${isRoot ? 'root' : ''}`} data-row={row.id}>
      {join !== undefined && <span class="join">{join}</span>}
      <fieldset
        class={`group ${over ? 'drop-in' : ''}`}
        onDragOver={(event) => {
          if (drag.id === undefined || drag.id === row.id) return;
          event.preventDefault();
          event.stopPropagation();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          event.stopPropagation();
          setOver(false);
          const { id } = drag;
          drag.id = undefined;
          if (id !== undefined)
            store.editTree((tree, nextId) => moveRow(tree, id, row.id, rows.length, nextId), {
              focus: { row: id, part: 'menu' },
            });
        }}
      >
        <legend>
          <VerdictMark id={row.id} />
          <select
            aria-label="Which of these must hold"
            data-part="compare"
            value={`${row.negation === 'none' ? '' : '!'}${row.name}`}
            onChange={({ currentTarget }) => choose(currentTarget.value)}
          >
            {CHOICES.map((choice) => (
              <option key={choice} value={choice}>
                {choiceLabel(choice)}
              </option>
            ))}
          </select>
          {!isRoot && actions}
        </legend>
        {rows.length > 0 && (
          <ol>
            {rows.map((one, n) => (
              <RowOf key={one.id} row={one} scope={scope} place="group" join={n === 0 ? undefined : joinWord(row)} />
            ))}
          </ol>
        )}
        <RowIssues id={row.id} />
        <p class="adds">
          <button type="button" data-part="add" onClick={() => add(emptyRow(store.nextId))}>
            + Condition
          </button>
          {!inRelation && relation !== undefined && (
            <button
              type="button"
              onClick={() => add(relationRow(store.nextId(), 'some', relation, everyRow(store.nextId)))}
            >
              + Related rows
            </button>
          )}
          {!inRelation && (
            <button type="button" onClick={() => add(fixedRow(store.nextId(), 'in_segment'), 'value')}>
              + Segment
            </button>
          )}
          <button
            type="button"
            onClick={() => add(newGroup(row.name === 'and' ? 'or' : 'and', [], store.nextId), 'add')}
          >
            + Group
          </button>
        </p>
      </fieldset>
      {!inRelation && !isRoot && <RowNumbers id={row.id} />}
    </Tag>
  );
}
