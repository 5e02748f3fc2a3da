/**
 * The condition as JSON, which is the same draft: what is typed here is a row there as soon as it parses. What a query builder exported
 * is read in the words of the language, with a note of what was read how.
 */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { check } from '../../condition/condition.ts';
import type { ReadCondition } from '../../condition/foreign/foreign-condition.ts';
import { useStore } from '../client/page-store.ts';
import { builderJson } from './builder-json.ts';
import type { Row } from './builder-node.ts';
import { builderTree } from './builder-tree.ts';
import type { RowIssue } from './row-issue.ts';
import type { DraftStore } from './draft-store.ts';
import { useEditor } from './editor-context.ts';
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
  const { tree, timezone } = useStore(store);
  const { catalogue } = useEditor().vocabulary;
  const [text, setText] = useState(() => jsonText(tree));
  // The tree that the text was last in step with; another one came from elsewhere, such as undo.
  const shown = useRef(tree);
  const [read, setRead] = useState<ReadCondition>();
  const parsed = parseCondition(text);
  useLayoutEffect(() => {
    if (shown.current === tree) return;
    shown.current = tree;
    setRead(undefined);
    setText(jsonText(tree));
  }, [tree]);
  useEffect(() => {
    onUnparsed(!parsed.ok);
    return () => onUnparsed(false);
  }, [parsed.ok]);
  /** Returns the tree that the draft now has. */
  const take = (condition: unknown): Row => {
    store.editTree(
      (_, nextId) => {
        shown.current = builderTree(condition, nextId);
        return shown.current;
      },
      { label: 'json' },
    );
    return shown.current;
  };
  // What the language has every word of needs no reading, and most pages never load the forms of query builders.
  const readLater = async (json: unknown, zone: { readonly timezone?: string }, taken: Row): Promise<void> => {
    const { readCondition } = await import('../../condition/foreign/foreign-condition.ts');
    // Whatever a person did since then stands, here or in another view.
    if (store.draft.tree !== taken) return;
    const found = readCondition(json, { catalogue, ...zone });
    setRead(found);
    if (found.condition !== json) take(found.condition);
  };
  const type = (typed: string): void => {
    setText(typed);
    setRead(undefined);
    const now = parseCondition(typed);
    if (!now.ok) return;
    const zone = timezone === '' ? {} : { timezone };
    const taken = take(now.json);
    // Without their code the condition stays as it was typed.
    if (!check(now.json, catalogue, zone).ok) readLater(now.json, zone, taken).catch(() => {});
  };
  const listed = read === undefined ? issues : writtenIssues(read, issues);
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
        {parsed.ok && read !== undefined && read.notes.length > 0 && (
          <ul class="row-issues" aria-label="What was read how">
            {read.notes.map(({ pointer, message }) => (
              <li key={`${pointer} ${message}`} class="hint">
                <code>{pointer === '' ? 'whole' : pointer}</code> {message}
              </li>
            ))}
          </ul>
        )}
        {parsed.ok && listed.length > 0 && (
          <ul class="row-issues">
            {listed.map(({ pointer, message, hint }) => (
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

/** The issues with their places in the text; those of a builder that left a part out come alone. */
function writtenIssues(
  read: ReadCondition,
  issues: readonly RowIssue[],
): readonly Pick<RowIssue, 'pointer' | 'message' | 'hint'>[] {
  if (read.issues.length > 0) return read.issues.map(({ pointer, message, hint }) => ({ pointer, message, hint }));
  return issues.map((issue) => {
    const [placed] = read.placed([{ code: '', pointer: issue.pointer, message: issue.message }]);
    return { ...issue, pointer: placed?.pointer ?? issue.pointer };
  });
}

function jsonText(tree: Parameters<typeof builderJson>[0]): string {
  return JSON.stringify(builderJson(tree), null, 2) ?? '';
}
