/** The condition on a relation's rows, under the row that reads them. */
import type { Row } from './builder-node.ts';
import { isGroup } from './builder-edit.ts';
import type { ScopeWords } from './builder-vocabulary.ts';
import { useEditor } from './editor-context.ts';
import { emptyRow, isEveryRow } from './row-action.ts';

export interface WhereBlockProps {
  readonly scope: ScopeWords;
  /** Absent: every row counts. */
  readonly where: Row | undefined;
  /** Puts one more row in. @param where what is there, without a bare `true` */
  readonly onAdd: (row: Row, where: Row | undefined) => void;
}

export function WhereBlock({ scope, where: given, onAdd }: WhereBlockProps) {
  const { store, Row: RowOf } = useEditor();
  const where = given && !isEveryRow(given) ? given : undefined;
  const add = (): void => {
    const row = emptyRow(store.nextId);
    onAdd(row, where);
    store.focusOn({ row: row.id, part: 'what' });
  };
  return (
    <div class="where">
      {where && (
        <>
          <span class="word">{scope.label} where</span>
          <RowOf row={where} scope={scope} place="part" join={undefined} />
        </>
      )}
      {!(where && isGroup(where)) && (
        <p class="adds">
          <button type="button" data-part="add" onClick={add}>
            {where ? '+ Condition' : `+ Condition on ${scope.label}`}
          </button>
        </p>
      )}
    </div>
  );
}
