/** The condition as JSON, which is the same draft: what is typed here is a row there as soon as it parses. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { builderJson } from './builder-json.ts';
import { builderTree } from './builder-tree.ts';
import type { RowIssue } from './row-issue.ts';
import type { DraftStore } from './draft-store.ts';
import { useDraft } from './draft-view.ts';
import { parseCondition } from './json-place.ts';

export function JsonView({
  store,
  issues,
  onUnparsed,
}: {
  readonly store: DraftStore;
  readonly issues: readonly RowIssue[];
  readonly onUnparsed: (unparsed: boolean) => void;
}) {
  const { tree } = useDraft(store);
  const [text, setText] = useState(() => jsonText(tree));
  // The tree that the text was last in step with; another one came from elsewhere, such as undo.
  const shown = useRef(tree);
  const parsed = parseCondition(text);
  useEffect(() => {
    if (shown.current === tree) return;
    shown.current = tree;
    setText(jsonText(tree));
  }, [tree]);
  useEffect(() => {
    onUnparsed(!parsed.ok);
    return () => onUnparsed(false);
  }, [parsed.ok]);
  const type = (typed: string): void => {
    setText(typed);
    const now = parseCondition(typed);
    if (!now.ok) return;
    store.editTree(
      (_, nextId) => {
        const next = builderTree(now.json, nextId);
        shown.current = next;
        return next;
      },
      { label: 'json' },
    );
  };
  return (
    <div class="json-view">
      <label>
        JsonLogic
        <textarea
          class="code"
          rows={24}
          spellcheck={false}
          autocomplete="off"
          aria-describedby="json-issues"
          aria-invalid={parsed.ok ? undefined : 'true'}
          value={text}
          onInput={({ currentTarget }) => type(currentTarget.value)}
        />
      </label>
      <div id="json-issues" role="status">
        {!parsed.ok && <p class="row-issues">{parsed.message} The builder keeps the condition as it was until then.</p>}
        {parsed.ok && issues.length > 0 && (
          <ul class="row-issues">
            {issues.map(({ pointer, message, hint }) => (
              <li key={`${pointer} ${message}`}>
                <code>{pointer === '' ? 'whole' : pointer}</code> {message}{' '}
                {hint !== undefined && <span class="hint">{hint}</span>}
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}

function jsonText(tree: Parameters<typeof builderJson>[0]): string {
  return JSON.stringify(builderJson(tree), null, 2) ?? '';
}
