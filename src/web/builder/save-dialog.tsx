/**
 * Review and save: what changes in words, who enters and leaves, the guard's question, another person's edit beside one's own. Whatever
 * the server answers, the draft stays.
 */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { answered } from '../client/api-failure.ts';
import { postSegmentsByKeyEditPreviews, type Preview, type Segment } from '../client/api.ts';
import { countText } from '../client/number-text.ts';
import { queries, useQuery } from '../client/query.ts';
import { sendKeys, type SentKeys } from '../client/send-keys.ts';
import { FailureNote } from '../part/failure-note.tsx';
import type { KeyList } from '../part/key-list.ts';
import type { Vocabulary } from './builder-vocabulary.ts';
import { amountWords } from './amount-text.ts';
import { changedWords } from './changed-words.ts';
import { ConflictView } from './conflict-view.tsx';
import type { DraftCheck, RowIssue } from './row-issue.ts';
import { differencesOf } from './draft-difference.ts';
import { previewKey, previewText } from './draft-preview.ts';
import type { DraftStore } from './draft-store.ts';
import { keyProblem } from './draft-form.tsx';
import { saveDraft, type Saved } from './save-segment.ts';
import { changedParts, draftOf, keyOf, needsCondition, partsOfDraft, partsOfSegment } from './segment-draft.ts';

export interface SaveDialogProps {
  readonly store: DraftStore;
  readonly segment: Segment | undefined;
  readonly checked: DraftCheck;
  readonly vocabulary: Vocabulary;
  readonly keys: KeyList | undefined;
  readonly onClose: () => void;
  /** Another version is what the draft is compared with now. */
  readonly onOvertaken: (theirs: Segment) => void;
  readonly onRefused: (issues: readonly RowIssue[]) => void;
  readonly onSaved: (segment: Segment) => void;
}

export function SaveDialog(props: SaveDialogProps) {
  const { store, segment, vocabulary, keys, onClose, onOvertaken, onRefused, onSaved } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const [busy, setBusy] = useState(false);
  const [answer, setAnswer] = useState<Exclude<Saved, { kind: 'refused' }>>();
  const [sent, setSent] = useState<SentKeys>();
  const [failed, setFailed] = useState<Error>();
  const [stopped, setStopped] = useState(false);
  const [typed, setTyped] = useState('');
  const sending = useRef<AbortController>(undefined);
  useLayoutEffect(() => {
    dialog.current?.showModal();
    return () => {
      sending.current?.abort();
      dialog.current?.close();
    };
  }, []);
  const { draft } = store;

  const send = async (to: Segment): Promise<void> => {
    if (!keys) return onSaved(to);
    setFailed(undefined);
    setStopped(false);
    setBusy(true);
    const control = new AbortController();
    sending.current = control;
    let last = sent;
    try {
      for await (const now of sendKeys(to.key, keys, control.signal, sent)) setSent((last = now));
      setSent((last = { ...(last ?? NONE_SENT), share: 1 }));
      if (last.unknownCount === 0) onSaved(to);
    } catch (error) {
      if (control.signal.aborted) setStopped(true);
      else setFailed(error instanceof Error ? error : new Error(String(error)));
    }
    sending.current = undefined;
    setBusy(false);
  };
  const save = async (confirm: boolean): Promise<void> => {
    setBusy(true);
    const saved = await saveDraft(draft, segment, confirm);
    if (saved.kind === 'refused') return onRefused(saved.issues);
    setAnswer(saved);
    if (saved.kind === 'saved') await send(saved.segment);
    setBusy(false);
  };

  const after = partsOfDraft(draft);
  const needed = answer?.kind === 'guarded' ? answer.move.leaving || answer.move.entering : 0;
  const confirmed = answer?.kind !== 'guarded' || typed.replaceAll(/[\s.,]/g, '') === String(needed);
  const problem = segment ? undefined : keyProblem(keyOf(draft));
  const isSaved = answer?.kind === 'saved';
  const isSending = isSaved && busy;
  return (
    <dialog
      ref={dialog}
      class="save-dialog"
      aria-labelledby="save-title"
      onCancel={(event) => {
        event.preventDefault();
        if (!busy) onClose();
      }}
    >
      {answer?.kind === 'overtaken' && segment ? (
        <ConflictView
          base={segment}
          theirs={answer.theirs}
          mine={after}
          vocabulary={vocabulary}
          onTheirs={() => {
            store.edit(() => draftOf(answer.theirs, store.nextId));
            onOvertaken(answer.theirs);
            onClose();
          }}
          onMine={() => {
            const mine = changedParts(partsOfSegment(segment), after);
            store.edit((before) => {
              const merged = draftOf({ ...answer.theirs, ...mine }, store.nextId);
              return { ...merged, tree: 'condition' in mine ? before.tree : merged.tree };
            });
            onOvertaken(answer.theirs);
            setAnswer(undefined);
          }}
          onClose={onClose}
        />
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (isSaved) void send(answer.segment);
            else if (confirmed) void save(answer?.kind === 'guarded');
          }}
        >
          <h2 id="save-title">{segment ? 'Save these changes?' : 'Create this segment?'}</h2>
          <Changes {...props} />
          {segment && <Movement store={store} segment={segment} />}
          {keys && <p>Contacts of {keys.name} are added.</p>}
          {answer?.kind === 'guarded' && (
            <div class="note warn" role="alert">
              <p>{answer.message}</p>
              <label>
                Type {needed.toLocaleString()} to let it through
                <input
                  inputMode="numeric"
                  autocomplete="off"
                  value={typed}
                  onInput={({ currentTarget }) => setTyped(currentTarget.value)}
                />
              </label>
            </div>
          )}
          {answer?.kind === 'failed' && <FailureNote error={answer.error} />}
          {failed && <FailureNote error={failed} />}
          {stopped && <p role="status">Stopped. What was sent is in the segment.</p>}
          {sent && <Sending sent={sent} />}
          {problem !== undefined && (
            <p class="field-error" role="alert">
              {problem}
            </p>
          )}
          <p class="dialog-end">
            <span class="grow" />
            {isSending && (
              <button type="button" onClick={() => sending.current?.abort()}>
                Stop
              </button>
            )}
            {isSaved && !busy && (
              <button type="button" onClick={() => onSaved(answer.segment)}>
                Open the segment
              </button>
            )}
            {!isSaved && (
              <button type="button" disabled={busy} onClick={onClose}>
                Back to the draft
              </button>
            )}
            {(!isSaved || (!busy && (failed || stopped))) && (
              <button class="primary" disabled={busy || !confirmed || problem !== undefined}>
                {busy ? 'Saving…' : isSaved ? 'Send the rest' : segment ? 'Save' : 'Create'}
              </button>
            )}
          </p>
        </form>
      )}
    </dialog>
  );
}

const NONE_SENT: SentKeys = { sent: 0, added: 0, unknown: [], unknownCount: 0, share: 1, parts: 0 };

/** What would be saved, before and after. */
function Changes({ store, segment, checked, vocabulary }: SaveDialogProps) {
  const { draft } = store;
  if (!segment)
    return (
      <div class="diff">
        <p class="plus">
          <bdi>{draft.name.trim() === '' ? keyOf(draft) : draft.name}</bdi> ({keyOf(draft)})
        </p>
        {needsCondition(draft) && <p class="plus">{checked.sentence}</p>}
        {needsCondition(draft) && <WouldBeIn condition={checked.condition} timezone={draft.timezone} />}
        {draft.of !== '' && <p class="plus">The members that {draft.of} has now.</p>}
      </div>
    );
  const differences = differencesOf(partsOfSegment(segment), partsOfDraft(draft), vocabulary);
  if (differences.length === 0) return <p class="quiet">Nothing but the contacts changes.</p>;
  return (
    <>
      {differences.map(({ part, name, before, after }) => (
        <section key={part} aria-label={name}>
          <h3>{name}</h3>
          <div class="diff">
            {before !== null && (
              <p class="minus">
                <span class="hidden-text">Before: </span>
                <Marked text={before} other={after} />
              </p>
            )}
            <p class="plus">
              <span class="hidden-text">After: </span>
              <Marked text={after ?? 'none'} other={before} />
            </p>
          </div>
        </section>
      ))}
    </>
  );
}

/** How many the draft finds, where it is counted already: nothing is asked for here. */
function WouldBeIn({ condition, timezone }: { readonly condition: unknown; readonly timezone: string }) {
  const text = previewText(condition, timezone === '' ? null : timezone);
  const known = (['exact', 'estimate'] as const).map((mode) => queries.getQueryData<Preview>(previewKey(text, mode)));
  const inside = known.find((one) => one !== undefined)?.amounts.in;
  if (inside === undefined) return null;
  return (
    <p>
      <b class="number">{amountWords(inside)}</b> {inside.value === 1 ? 'contact' : 'contacts'} would be in.
    </p>
  );
}

/** A text with the words marked that the other text does not have there. */
function Marked({ text, other }: { readonly text: string; readonly other: string | null }) {
  if (other === null) return <>{text}</>;
  const { start, before, end } = changedWords(text, other);
  return (
    <>
      {start}
      {before !== '' && <mark>{before}</mark>}
      {end}
    </>
  );
}

/** How many enter and leave with an edit of what decides it. */
function Movement({ store, segment }: { readonly store: DraftStore; readonly segment: Segment }) {
  const { draft } = store;
  const changed = changedParts(partsOfSegment(segment), partsOfDraft(draft));
  const moves = 'condition' in changed || 'timezone' in changed || 'kind' in changed;
  const change = {
    ...('condition' in changed ? { condition: changed.condition } : {}),
    ...('timezone' in changed && changed.timezone ? { timezone: changed.timezone } : {}),
    ...(changed.kind === undefined ? {} : { kind: changed.kind }),
  };
  const effect = useQuery({
    queryKey: ['edit-preview', segment.key, segment.version, JSON.stringify(change)],
    queryFn: ({ signal }) => answered(postSegmentsByKeyEditPreviews(segment.key, { ...change, sample: 0 }, { signal })),
    enabled: moves && Object.keys(change).length > 0,
  });
  if (!moves) return null;
  return (
    <section aria-label="Who moves" aria-live="polite">
      <h3>If you save this</h3>
      {effect.error && <p class="quiet">Who enters and leaves cannot be counted now: {effect.error.message}</p>}
      {effect.isLoading && <p class="quiet">Counting who enters and leaves…</p>}
      {effect.data && (
        <p class="moves number">
          <span class="enter">
            {effect.data.basis === 'exact' ? '' : '≈ '}+{effect.data.entering.toLocaleString()} enter
          </span>
          <span class="leave">
            {effect.data.basis === 'exact' ? '' : '≈ '}−{effect.data.leaving.toLocaleString()} leave
          </span>
        </p>
      )}
    </section>
  );
}

function Sending({ sent }: { readonly sent: SentKeys }) {
  return (
    <section aria-label="Contacts" aria-live="polite">
      <progress max={1} value={sent.share} aria-label="Contacts sent" />{' '}
      <span class="number">
        {countText(sent.sent, 'key')} sent, {countText(sent.added, 'contact')} added
      </span>
      {sent.unknownCount > 0 && (
        <details open>
          <summary>
            {countText(sent.unknownCount, 'key')}{' '}
            {sent.unknownCount === 1 ? 'is no contact and was' : 'are no contacts and were'} left out
          </summary>
          <textarea class="code" readOnly rows={5} aria-label="Unknown keys" value={sent.unknown.join('\n')} />
          {sent.unknownCount > sent.unknown.length && (
            <p class="quiet">The first {sent.unknown.length.toLocaleString()} are listed.</p>
          )}
        </details>
      )}
    </section>
  );
}
