/** A condition without a form: in words and as JSON. It can be moved, copied and deleted, and edited as JSON. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { replaceRow } from './builder-edit.ts';
import type { RawRow } from './builder-node.ts';
import type { ScopeWords } from './builder-vocabulary.ts';
import { builderTree } from './builder-tree.ts';
import { useEditor } from './editor-context.ts';
import { parseCondition } from './json-place.ts';

function wordsOf(json: unknown, scope: ScopeWords): string {
  const who = scope.relation === null ? 'contact' : 'row';
  if (json === true) return `every ${who}`;
  if (json === false) return `no ${who}`;
  return 'written as JSON';
}

export function RawCondition({ row, scope }: { readonly row: RawRow; readonly scope: ScopeWords }) {
  const { store } = useEditor();
  const [text, setText] = useState<string>();
  const area = useRef<HTMLTextAreaElement>(null);
  const edit = useRef<HTMLButtonElement>(null);
  const isOpen = text !== undefined;
  const wasOpen = useRef(isOpen);
  useLayoutEffect(() => {
    // The button that opens or closes the text goes with it: the keyboard goes on where a person reads.
    if (isOpen !== wasOpen.current) (isOpen ? area : edit).current?.focus();
    wasOpen.current = isOpen;
  }, [isOpen]);
  const parsed = text === undefined ? undefined : parseCondition(text);
  const take = (): void => {
    if (!parsed?.ok) return;
    setText(undefined);
    store.editTree(
      (tree, nextId) => replaceRow(tree, row.id, () => ({ ...builderTree(parsed.json, nextId), id: row.id })),
      { focus: { row: row.id, part: 'first' } },
    );
  };
  return (
    <div class="raw">
      <span class="word">{wordsOf(row.json, scope)}</span>
      {text === undefined ? (
        <>
          <code>{JSON.stringify(row.json) ?? ''}</code>
          <button
            ref={edit}
            type="button"
            class="plain"
            data-part="value"
            onClick={() => setText(JSON.stringify(row.json, null, 2))}
          >
            Edit
          </button>
        </>
      ) : (
        <>
          <textarea
            ref={area}
            class="code"
            aria-label="Condition as JSON"
            rows={6}
            spellcheck={false}
            value={text}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
          {parsed?.ok === false && <p class="row-issues">{parsed.message}</p>}
          <button type="button" disabled={!parsed?.ok} onClick={take}>
            Use it
          </button>
          <button type="button" class="plain" onClick={() => setText(undefined)}>
            Cancel
          </button>
        </>
      )}
    </div>
  );
}
