/** Contacts about which a person decided: their keys, why, by which person, until when. */
import { useState } from 'preact/hooks';
import { answered } from '../client/api-failure.ts';
import { useAction } from '../client/use-action.ts';
import {
  getSegmentsByKeyOverrides,
  postSegmentsByKeyOverrides,
  type Override,
  type SegmentOutline,
} from '../client/api.ts';
import { mayEdit, useMe } from '../client/me-context.ts';
import { useInfiniteQuery } from '../client/query.ts';
import { FailureNote } from '../part/failure-note.tsx';
import { Instant } from '../part/instant.tsx';
import { Skeleton } from '../part/skeleton.tsx';
import { readAgain } from './entity.ts';
import { OverrideDialog } from './override-dialog.tsx';
import { ShowMore } from '../part/show-more.tsx';
import '../part/panel.css';

const MEANS = { member: 'added', include: 'included', exclude: 'excluded' } as const satisfies Record<
  Override['kind'],
  string
>;

export function OverrideTab({ segment: { key, kind } }: { readonly segment: SegmentOutline }) {
  const editable = mayEdit(useMe()) && kind !== 'snapshot';
  const [open, setOpen] = useState(false);
  const found = useInfiniteQuery({
    queryKey: ['segment', key, 'overrides'],
    queryFn: ({ signal, pageParam }) =>
      answered(
        getSegmentsByKeyOverrides(
          key,
          { limit: 100, ...(pageParam === null ? {} : { cursor: pageParam }) },
          { signal },
        ),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  });
  const reset = useAction(async (contact: string) => {
    const decision = kind === 'static' ? 'remove' : 'reset';
    await answered(postSegmentsByKeyOverrides(key, { decision, contacts: [contact] }));
    await readAgain(key);
  });
  if (found.error && !found.data) return <FailureNote error={found.error} again={() => void found.refetch()} />;
  if (!found.data) return <Skeleton rows={5} height={36} />;
  const overrides = found.data.pages.flatMap(({ items }) => items);
  return (
    <>
      <div class="toolbar">
        <p class="quiet">
          {overrides.length > 0
            ? kind === 'static'
              ? 'Contacts that were added.'
              : 'For these contacts a decision counts more than the condition.'
            : kind === 'static'
              ? 'No contact was added yet.'
              : kind === 'snapshot'
                ? 'A snapshot keeps the members that it was made with.'
                : 'The condition decides of every contact: there is no exception.'}
        </p>
        <span class="grow" />
        {editable && (
          <button type="button" onClick={() => setOpen(true)}>
            {kind === 'static' ? 'Add or remove…' : 'Include or exclude…'}
          </button>
        )}
      </div>
      {reset.error && <FailureNote error={reset.error} />}
      {overrides.length > 0 && (
        <div class="wide-table" role="region" aria-label="Exceptions" tabIndex={0}>
          <table class="plain-table">
            <thead>
              <tr>
                <th scope="col">Contact</th>
                <th scope="col">Is</th>
                <th scope="col">Note</th>
                <th scope="col">By</th>
                <th scope="col">Since</th>
                <th scope="col">Until</th>
                {editable && (
                  <th scope="col">
                    <span class="hidden-text">Change</span>
                  </th>
                )}
              </tr>
            </thead>
            <tbody>
              {overrides.map((one) => (
                <tr key={one.contact_id}>
                  <td>
                    <a href={whyPath(key, one.contact_id)} dir="auto">
                      {one.contact_id}
                    </a>
                  </td>
                  <td>{MEANS[one.kind]}</td>
                  <td class="long" dir="auto">
                    {one.note ?? <span class="quiet">–</span>}
                  </td>
                  <td dir="auto">{one.created_by}</td>
                  <td>
                    <Instant at={one.created_at} />
                  </td>
                  <td>
                    {one.expires_at === null ? <span class="quiet">no end</span> : <Instant at={one.expires_at} />}
                  </td>
                  {editable && (
                    <td>
                      <button
                        type="button"
                        class="small"
                        disabled={reset.busy}
                        onClick={() => void reset.run(one.contact_id)}
                        aria-label={`Take back the decision about contact ${one.contact_id}`}
                      >
                        Take back
                      </button>
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <ShowMore list={found} />
      {open && kind !== 'snapshot' && <OverrideDialog segmentKey={key} kind={kind} onClose={() => setOpen(false)} />}
    </>
  );
}

export function whyPath(key: string, contact: string): string {
  return `/segments/${encodeURIComponent(key)}/contacts/${encodeURIComponent(contact)}`;
}
