/** `/audit`: who did what, the newest first. For admins. */
import { useState } from 'preact/hooks';
import { answered } from '../client/api-failure.ts';
import { getAudit, type Action, type ActionPage } from '../client/api.ts';
import { useDebounced } from '../client/debounced.ts';
import { useInfiniteQuery } from '../client/query.ts';
import { useOwnQuery, useUrlQuery } from '../client/url-query.ts';
import { detailText } from '../part/action-detail.ts';
import { ACTION_WORDS } from '../part/action-text.ts';
import { FailureNote } from '../part/failure-note.tsx';
import { Moment } from '../part/moment.tsx';
import { PageHead } from '../part/page-head.tsx';
import { Skeleton } from '../part/skeleton.tsx';
import { TokenList } from '../part/token-list.tsx';
import '../part/panel.css';
import '../part/segment-filter.css';

/** What the page can be narrowed to by typing. */
const FIELDS = { actor: 'Person', segment: 'Segment key', contact: 'Contact key' } as const;
type Filter = keyof typeof FIELDS | 'action';

export function AuditPage() {
  const url = useOwnQuery();
  const asked = Object.fromEntries(
    [...Object.keys(FIELDS), 'action'].flatMap((name) => (url[name] ? [[name, url[name]]] : [])),
  ) as Partial<Record<Filter, string>>;
  const audit = useInfiniteQuery<ActionPage, string | undefined>({
    queryKey: ['audit', asked],
    queryFn: ({ pageParam, signal }) =>
      answered(getAudit({ ...asked, limit: 100, cursor: pageParam } as Parameters<typeof getAudit>[0], { signal })),
    initialPageParam: undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
  });
  const items = audit.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <PageHead title="Audit" />
      <div class="panels">
        <section class="panel" aria-labelledby="audit-title">
          <h2 id="audit-title">Who did what</h2>
          <AuditFilter />
          {audit.error && <FailureNote error={audit.error} again={() => void audit.refetch()} />}
          {audit.isPending && <Skeleton rows={8} height={36} />}
          {audit.data && items.length === 0 && <p class="quiet">Nothing of that kind was done.</p>}
          {items.length > 0 && <ActionTable actions={items} />}
          {audit.hasNextPage && (
            <p>
              <button type="button" disabled={audit.isFetchingNextPage} onClick={() => void audit.fetchNextPage()}>
                {audit.isFetchingNextPage ? 'Loading…' : 'Show older ones'}
              </button>
            </p>
          )}
        </section>
        {!audit.error && <TokenList />}
      </div>
    </>
  );
}

function AuditFilter() {
  const url = useUrlQuery();
  return (
    <search class="filters list-tools">
      {Object.entries(FIELDS).map(([name, label]) => (
        <FilterField key={name} name={name} label={label} />
      ))}
      <select
        aria-label="Action"
        value={url.get('action')}
        onChange={({ currentTarget: { value } }) => url.set({ action: value }, true)}
      >
        <option value="">Any action</option>
        {Object.entries(ACTION_WORDS).map(([action, words]) => (
          <option key={action} value={action}>
            {words}
          </option>
        ))}
      </select>
    </search>
  );
}

function FilterField({ name, label }: { readonly name: string; readonly label: string }) {
  const url = useUrlQuery();
  const [text, setText] = useState(url.get(name));
  const [sent, send] = useState(text);
  const settled = useDebounced(text, 300);
  if (settled !== sent) {
    send(settled);
    queueMicrotask(() => url.set({ [name]: settled.trim() }));
  }
  return (
    <input
      type="search"
      aria-label={label}
      placeholder={label}
      value={text}
      maxLength={200}
      onInput={(event) => setText(event.currentTarget.value)}
    />
  );
}

function ActionTable({ actions }: { readonly actions: readonly Action[] }) {
  return (
    <div class="wide-table">
      <table class="plain-table cards">
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Who</th>
            <th scope="col">What</th>
            <th scope="col">Segment</th>
            <th scope="col">Contact</th>
            <th scope="col">More</th>
          </tr>
        </thead>
        <tbody>
          {actions.map((one) => (
            <tr key={one.id}>
              <td>
                <Moment at={one.at} />
              </td>
              <td dir="auto" title={`database role ${one.database_role}${one.way === null ? '' : `, by ${one.way}`}`}>
                {one.actor ?? one.database_role}
              </td>
              <td>{ACTION_WORDS[one.action]}</td>
              <td dir="auto">
                {one.segment !== null && <a href={`/segments/${encodeURIComponent(one.segment)}`}>{one.segment}</a>}
              </td>
              <td>
                {one.contact !== null && <a href={`/contacts/${encodeURIComponent(one.contact)}`}>{one.contact}</a>}
              </td>
              <td class="quiet" dir="auto">
                {detailText(one.detail)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
