/** What stands around every row: its place in a group, its number, its issues, its verdict, its keys, and where a dragged row drops. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { moveRow, parentOf, isGroup, rowsOfGroup } from './builder-edit.ts';
import { issuesId, useEditor, useNote, type RowProps } from './editor-context.ts';
import { RowNumbers } from './row-number.tsx';
import { VerdictMark } from './verdict-mark.tsx';

export function RowFrame({
  row,
  scope,
  join,
  place,
  actions,
  children,
}: RowProps & { readonly actions: ComponentChildren; readonly children: ComponentChildren }) {
  const { drag, store } = useEditor();
  const [over, setOver] = useState<'before' | 'after'>();
  const { id } = row;
  const inGroup = place === 'group';
  const drop = (): void => {
    const moved = drag.id;
    drag.id = undefined;
    setOver(undefined);
    if (moved === undefined || !over) return;
    store.editTree(
      (tree, nextId) => {
        const parent = parentOf(tree, id);
        if (!parent || !isGroup(parent)) return tree;
        const at = rowsOfGroup(parent)
          .filter((one) => one.id !== moved)
          .findIndex((one) => one.id === id);
        return at < 0 ? tree : moveRow(tree, moved, parent.id, over === 'before' ? at : at + 1, nextId);
      },
      { focus: { row: moved, part: 'menu' } },
    );
  };
  const Tag = inGroup ? 'li' : 'div';
  return (
    <Tag
      class={`row ${over === undefined ? '' : `drop-${over}`}`}
      data-row={id}
      onDragOver={(event) => {
        if (!inGroup || drag.id === undefined || drag.id === id) return;
        event.preventDefault();
        event.stopPropagation();
        const { top, height } = event.currentTarget.getBoundingClientRect();
        setOver(event.clientY < top + height / 2 ? 'before' : 'after');
      }}
      onDragLeave={() => setOver(undefined)}
      onDrop={(event) => {
        if (!inGroup) return;
        event.preventDefault();
        event.stopPropagation();
        drop();
      }}
    >
      {join !== undefined && <span class="join">{join}</span>}
      <div class="line">
        <VerdictMark id={id} />
        <div class="says">{children}</div>
        {actions}
      </div>
      {scope.relation === null && <RowNumbers id={id} />}
      <RowIssues id={id} />
    </Tag>
  );
}

export function RowIssues({ id }: { readonly id: number }) {
  const { issues: notes } = useEditor();
  const issues = useNote(notes, id);
  if (!issues || issues.length === 0) return null;
  return (
    <ul class="row-issues" id={issuesId(id)}>
      {issues.map(({ pointer, message, hint, empty }) => (
        <li key={`${pointer} ${message}`} class={empty ? 'to-do' : undefined}>
          {message} {hint !== undefined && <span class="hint">{hint}</span>}
        </li>
      ))}
    </ul>
  );
}
