/** Who is in, now or at a moment: the history above, the table below, and beside it why a contact is in. */
import { useState } from 'preact/hooks';
import type { SegmentOutline } from '../client/api.ts';
import { useUrlQuery } from '../client/url-query.ts';
import { MemberTable } from './member-table.tsx';
import { MemberTool } from './member-tool.tsx';
import type { MemberQuery } from './member-read.ts';
import { SizeHistory } from './size-history.tsx';
import { useColumns } from './member-column.ts';
import { useDebounced } from '../client/debounced.ts';
import { WhyContact } from './why-contact.tsx';

/** Milliseconds between the last keystroke and the search. */
const PAUSE = 150;

export function MemberTab({ segment }: { readonly segment: SegmentOutline }) {
  const { key, kind } = segment;
  const address = useUrlQuery();
  const at = address.get('at');
  const contact = address.get('contact');
  const [find, setFind] = useState('');
  const [reveal, setReveal] = useState(false);
  const columns = useColumns(key);
  const change = at === '' ? '' : changeOf(address.get('change'));
  const query: MemberQuery = {
    columns: columns.chosen,
    find: useDebounced(find.trim(), PAUSE),
    reason: address.get('reason'),
    at,
    change,
    reveal,
  };
  return (
    <div class={contact === '' ? 'tab-grid' : 'tab-grid with-aside'}>
      <div class="tab-main">
        <SizeHistory
          segment={segment}
          at={at}
          onAt={(moment) => address.set({ at: moment, ...(moment === '' ? { change: '' } : {}) })}
        />
        <MemberTool
          query={query}
          find={find}
          onFind={setFind}
          onReason={(reason) => address.set({ reason })}
          onChange={(next) => address.set({ change: next })}
          columns={columns}
          reveal={reveal}
          onReveal={setReveal}
        />
        <MemberTable
          segment={segment}
          query={query}
          columns={columns}
          contact={contact}
          onContact={(id) => address.set({ contact: id }, contact === '')}
        />
      </div>
      {contact !== '' && (
        <aside class="panel" aria-label={`Contact ${contact}`}>
          <div class="panel-head">
            <a href={`/contacts/${encodeURIComponent(contact)}`}>The contact</a>
            <a href={`/segments/${encodeURIComponent(key)}/contacts/${encodeURIComponent(contact)}`}>Own page</a>
            <button type="button" class="small" onClick={() => address.set({ contact: '' })}>
              Close<span class="hidden-text"> contact {contact}</span>
            </button>
          </div>
          <WhyContact key={contact} segmentKey={key} contact={contact} kind={kind} />
        </aside>
      )}
    </div>
  );
}

function changeOf(text: string): MemberQuery['change'] {
  return text === 'new' || text === 'left' ? text : '';
}
