/**
 * One draft on its page: what it is called, its condition, who would be in, and saving. Owns the link of the draft, the question before
 * leaving, and what happens after an answer of the server.
 */
import { useEffect, useMemo, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { answered } from '../client/api-failure.ts';
import { getSegments, type Segment } from '../client/api.ts';
import { queries, useQuery } from '../client/query.ts';
import { useStore } from '../client/page-store.ts';
import type { Row } from './builder-node.ts';
import type { CatalogueBody, Vocabulary } from './builder-vocabulary.ts';
import type { NextId } from './builder-tree.ts';
import { ConditionEditor, viewCodes } from './condition-editor.tsx';
import { DraftForm } from './draft-form.tsx';
import { DraftHead } from './draft-head.tsx';
import type { LinkedDraft } from './draft-link.ts';
import { DraftStore } from './draft-store.ts';
import type { RowAmounts } from './preview-panel.tsx';
import { uncheckedDraft, type RowIssue } from './row-issue.ts';
import { useTrial } from './use-trial.ts';
import { SnapshotOf } from './snapshot-of.tsx';
import type { KeyList } from '../part/key-list.ts';
import { laterCode, loadInTurn, useLater } from '../part/later-code.ts';
import { laterPart } from '../part/later-part.tsx';
import { NotLoadedNote } from '../part/not-loaded-note.tsx';
import { draftOf, draftText, needsCondition, newDraft } from './segment-draft.ts';
import { useDraftLink } from './use-draft-link.ts';
import { useLeaveQuestion } from './use-leave-question.ts';

export interface DraftEditorProps {
  readonly vocabulary: Vocabulary;
  readonly body: CatalogueBody;
  /** As it was read; absent for a new one. */
  readonly segment: Segment | undefined;
  readonly linked: LinkedDraft | undefined;
  readonly damagedLink: boolean;
  readonly canEdit: boolean;
  readonly nextId: NextId;
}

const checker = laterCode(() => import('./draft-check.ts'));
const asideCode = laterCode(() => import('./draft-aside.tsx'));
const saveCode = laterCode(() => import('./save-dialog.tsx'));
const staticCode = laterCode(() => import('./static-members.tsx'));
const DraftAside = laterPart(
  asideCode,
  'DraftAside',
  <section>
    <h2>Who would be in</h2>
    <p class="preview-number quiet">…</p>
  </section>,
);
const SaveDialog = laterPart(saveCode, 'SaveDialog');
const StaticMembers = laterPart(staticCode, 'StaticMembers');

const NOTHING_REFUSED: readonly RowIssue[] = [];
const NO_NUMBERS: ReadonlyMap<string, RowAmounts> = new Map();

export function DraftEditor(props: DraftEditorProps) {
  const { canEdit, linked, damagedLink, nextId, segment: read } = props;
  const { route } = useLocation();
  const vocabulary = useMemo(() => props.vocabulary, [props.body]);
  // The segment that the draft is compared with: as it was read, or as another person saved it meanwhile.
  const [segment, setSegment] = useState(read);
  const [store] = useState(
    () => new DraftStore(linked?.draft ?? (read ? draftOf(read, nextId) : newDraft(nextId)), nextId),
  );
  const draft = useStore(store);
  const [refusal, setRefusal] = useState<{ readonly tree: Row; readonly issues: readonly RowIssue[] }>();
  // What the server refused is of the draft that it got.
  const refused = refusal?.tree === draft.tree ? refusal.issues : NOTHING_REFUSED;
  const [unparsed, setUnparsed] = useState(false);
  const [reviewing, setReviewing] = useState(false);
  const [picked, setKeys] = useState<KeyList>();
  const [saved, setSaved] = useState(false);
  const [numbers, setNumbers] = useState(NO_NUMBERS);
  const [contact, setContact] = useState<string>();
  const keys = draft.kind === 'static' ? picked : undefined;
  const base = segment?.version ?? null;

  const segments = useQuery({
    queryKey: ['segments', 'names'],
    queryFn: ({ signal }) => answered(getSegments({ limit: 500 }, { signal })),
  });
  const names = useMemo(
    () =>
      (segments.data?.items ?? [])
        .filter(({ key }) => key !== segment?.key)
        .map(({ key, name }) => ({ value: key, label: name ?? key, hint: name === null ? undefined : key })),
    [segments.data, segment?.key],
  );
  // Only a whole list says that a key is unknown.
  const isSegment = useMemo(() => {
    if (!segments.data || segments.data.next !== null) return undefined;
    const keysOfAll = new Set(segments.data.items.map(({ key }) => key));
    return (key: string) => keysOfAll.has(key);
  }, [segments.data]);
  // Rows can be edited at once; what is said of them comes with the checker.
  useEffect(() => void loadInTurn([checker, asideCode, saveCode, ...viewCodes, staticCode]), []);
  const check = useLater(checker);
  const checked = useMemo(
    () =>
      check === undefined || check === 'failed'
        ? uncheckedDraft(draft.tree)
        : check.checkDraft(draft, vocabulary, isSegment),
    [draft.tree, draft.timezone, vocabulary, isSegment, check],
  );
  const valid = checked.sentence !== undefined;
  const tried = useTrial({ contact, condition: checked.condition, timezone: draft.timezone, valid, vocabulary });

  const original = useMemo(() => draftText(segment ? draftOf(segment, nextId) : newDraft(nextId)), [segment, nextId]);
  const dirty = !saved && (draftText(draft) !== original || keys !== undefined);
  const flush = useDraftLink({ draft, base, on: dirty });
  useLeaveQuestion(dirty);
  // A snapshot that was taken keeps its members.
  // A link of an older version, or a version that another person saved while this page is open.
  const [begunWith, setBegunWith] = useState(linked?.base ?? read?.version);
  const overtakenBase = begunWith !== undefined && begunWith < (read?.version ?? 0) ? begunWith : undefined;
  const conditioned = needsCondition(draft) && !(segment && draft.kind === 'snapshot');

  return (
    <div class="draft">
      <DraftHead
        store={store}
        segment={segment}
        canEdit={canEdit}
        dirty={dirty}
        ready={!unparsed && (!conditioned || checked.sentence !== undefined)}
        whyNot={
          check === undefined
            ? 'The page is still loading.'
            : unparsed
              ? 'The JSON does not parse yet.'
              : 'Some places are not ready.'
        }
        onCopyLink={flush}
        onReview={() => setReviewing(true)}
      />
      {damagedLink && (
        <p class="note warn" role="alert">
          The draft in this link cannot be read: the link may have been cut off. What you see is the segment as it is
          saved.
        </p>
      )}
      {segment && overtakenBase !== undefined && (
        <p class="note warn" role="alert">
          This draft began with version {overtakenBase}. The segment is at version{' '}
          {Math.max(segment.version, read?.version ?? 0)} now. Review and save shows what differs before anything is
          written.
        </p>
      )}
      {!canEdit && (
        <p class="note" role="note">
          You may look at and try out conditions here. Saving needs the role editor.
        </p>
      )}
      <DraftForm
        store={store}
        isNew={segment === undefined}
        segments={names}
        timezone={vocabulary.timezone}
        known={isSegment}
      />
      {draft.kind === 'snapshot' && !segment && <SnapshotOf draft={draft} segments={names} store={store} />}
      {conditioned ? (
        <ConditionEditor
          store={store}
          vocabulary={vocabulary}
          checked={checked}
          unchecked={
            check === 'failed' ? <NotLoadedNote /> : check === undefined && <p class="quiet">Reading the condition…</p>
          }
          refused={refused}
          segments={names}
          numbers={numbers}
          verdicts={tried.verdicts}
          onUnparsed={setUnparsed}
          aside={
            <aside class="draft-aside" aria-label="Who would be in">
              <DraftAside
                draft={{
                  condition: checked.condition,
                  timezone: draft.timezone === '' ? null : draft.timezone,
                  valid,
                  kind: draft.kind,
                  segment: segment ?? null,
                  sentence: checked.sentence ?? null,
                }}
                onRows={setNumbers}
                onTry={setContact}
                contact={contact}
                tried={tried}
                valid={valid}
                onContact={setContact}
              />
            </aside>
          }
        />
      ) : (
        <StaticMembers draft={draft} segment={segment} onKeys={setKeys} />
      )}
      {reviewing && (
        <SaveDialog
          store={store}
          segment={segment}
          checked={checked}
          vocabulary={vocabulary}
          keys={keys}
          onClose={() => setReviewing(false)}
          onOvertaken={(theirs) => {
            setSegment(theirs);
            setBegunWith(theirs.version);
          }}
          onRefused={(issues) => {
            setRefusal({ tree: store.draft.tree, issues });
            setReviewing(false);
          }}
          onSaved={(now) => {
            setSaved(true);
            void queries.invalidateQueries({ queryKey: ['segments'] });
            void queries.invalidateQueries({ queryKey: ['segment', now.key] });
            // After the question before leaving was taken away.
            // Back does not lead to a draft that is a segment by now.
            queueMicrotask(() => route(`/segments/${encodeURIComponent(now.key)}`, read === undefined));
          }}
        />
      )}
    </div>
  );
}
