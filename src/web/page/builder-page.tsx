/** `/segments/new` and `/segments/:key/edit`: what is needed to edit, then the draft: that of the link, or the segment as it is. */
import { useEffect, useState } from 'preact/hooks';
import { useRoute } from 'preact-iso/router';
import { DraftEditor } from '../builder/draft-editor.tsx';
import { readDraftLink, type LinkedDraft } from '../builder/draft-link.ts';
import { rowIds } from '../builder/builder-tree.ts';
import { vocabularyOf } from '../builder/builder-vocabulary.ts';
import { answered } from '../client/api-failure.ts';
import { getCatalogue, getMe, getSegmentsByKey } from '../client/api.ts';
import { useQuery } from '../client/query.ts';
import { FailureNote } from '../part/failure-note.tsx';
import './builder-page.css';

export function BuilderPage() {
  const { key } = useRoute().params;
  // Another segment is another editor.
  return <Opened key={key ?? ''} segmentKey={key} />;
}

function Opened({ segmentKey }: { readonly segmentKey: string | undefined }) {
  const catalogue = useQuery({
    queryKey: ['catalogue'],
    queryFn: ({ signal }) => answered(getCatalogue({ signal })),
    staleTime: 60_000,
  });
  const me = useQuery({ queryKey: ['me'], queryFn: ({ signal }) => answered(getMe({ signal })), staleTime: Infinity });
  const segment = useQuery({
    queryKey: ['segment', segmentKey ?? '', 'edited'],
    queryFn: ({ signal }) => answered(getSegmentsByKey(segmentKey ?? '', { signal })),
    enabled: segmentKey !== undefined,
    // The draft is made of what was read first; a later version is shown beside it.
    staleTime: Infinity,
    gcTime: 0,
  });
  const [nextId] = useState(rowIds);
  const [linked, setLinked] = useState<LinkedDraft | 'none' | 'damaged'>();
  useEffect(() => {
    const hash = location.hash || keptHash();
    void readDraftLink(hash, nextId).then((read) => setLinked(read ?? (/^#[dz]=/.test(hash) ? 'damaged' : 'none')));
  }, [nextId]);
  const failed = catalogue.error ?? segment.error ?? me.error;
  const title = segmentKey === undefined ? 'New segment' : `Edit ${segment.data?.name ?? segmentKey}`;
  useEffect(() => {
    document.title = `${title} · segmentd`;
  }, [title]);
  if (failed && !(catalogue.data && me.data && (segment.data ?? segmentKey === undefined)))
    return (
      <>
        <div class="head">
          <h1>{title}</h1>
        </div>
        <FailureNote
          error={failed}
          again={() => {
            void catalogue.refetch();
            void me.refetch();
            if (segmentKey !== undefined) void segment.refetch();
          }}
        />
      </>
    );
  if (!catalogue.data || !me.data || linked === undefined || (segmentKey !== undefined && !segment.data))
    return <BuilderSkeleton title={title} />;
  return (
    <DraftEditor
      vocabulary={vocabularyOf(catalogue.data)}
      body={catalogue.data}
      segment={segment.data}
      linked={typeof linked === 'string' ? undefined : linked}
      damagedLink={linked === 'damaged'}
      canEdit={me.data.role !== 'viewer'}
      nextId={nextId}
    />
  );
}

/** The draft that this tab kept while the person signed in (sign-in-page.tsx); read once. */
function keptHash(): string {
  const address = location.pathname + location.search;
  const hash = sessionStorage.getItem(address) ?? '';
  sessionStorage.removeItem(address);
  return hash;
}

/** As large as what comes. */
function BuilderSkeleton({ title }: { readonly title: string }) {
  return (
    <div aria-busy="true">
      <div class="head">
        <h1>{title}</h1>
        <span class="quiet">Loading…</span>
      </div>
      <div class="builder-wait sentence-wait" />
      <div class="builder-wait rows-wait" />
    </div>
  );
}
