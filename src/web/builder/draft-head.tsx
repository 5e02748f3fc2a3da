/** The top of the builder: what is edited, undo and redo, the link of the draft, and saving. */
import { useState } from 'preact/hooks';
import type { Segment } from '../client/api.ts';
import { useStore } from '../client/page-store.ts';
import type { DraftStore } from './draft-store.ts';

export interface DraftHeadProps {
  readonly store: DraftStore;
  readonly segment: Segment | undefined;
  readonly canEdit: boolean;
  readonly dirty: boolean;
  readonly ready: boolean;
  readonly whyNot: string;
  /** Writes the link and gives the address. */
  readonly onCopyLink: () => Promise<string>;
  readonly onReview: () => void;
}

export function DraftHead(props: DraftHeadProps) {
  const { store, segment, canEdit, dirty, ready, whyNot, onCopyLink, onReview } = props;
  useStore(store);
  const [said, setSaid] = useState('');
  const copy = async (): Promise<void> => {
    const address = await onCopyLink();
    try {
      await navigator.clipboard.writeText(address);
      setSaid('Copied.');
    } catch {
      setSaid('The link stands in the address bar.');
    }
  };
  const why = !canEdit ? 'Saving needs the role editor.' : !dirty ? 'Nothing is changed.' : ready ? undefined : whyNot;
  return (
    <div class="head draft-head">
      <nav aria-label="Breadcrumb">
        <a href="/segments">Segments</a>{' '}
        {segment && (
          <>
            <span aria-hidden="true">/</span>{' '}
            <a href={`/segments/${encodeURIComponent(segment.key)}`}>
              <bdi>{segment.name ?? segment.key}</bdi>
            </a>{' '}
          </>
        )}
        <span aria-hidden="true">/</span>
      </nav>
      <h1 tabIndex={-1}>{segment ? 'Edit' : 'New segment'}</h1>
      {segment && (
        <span class="chip">
          {segment.state} · version {segment.version}
        </span>
      )}
      {segment && <span class="quiet number">{segment.members.toLocaleString()} members</span>}
      <span class="grow" />
      <span class="quiet" role="status">
        {said}
      </span>
      <button type="button" title="Ctrl Z" disabled={!store.canUndo} onClick={() => store.undo()}>
        Undo
      </button>
      <button type="button" title="Ctrl Shift Z" disabled={!store.canRedo} onClick={() => store.redo()}>
        Redo
      </button>
      <button type="button" title="The draft is in the link; nothing is saved" onClick={() => void copy()}>
        Copy link
      </button>
      <button type="button" class="primary" disabled={why !== undefined} title={why} onClick={onReview}>
        Review and save…
      </button>
    </div>
  );
}
