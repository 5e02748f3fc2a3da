/** `/contacts/ID`: all that segmentd knows of one contact: its segments, since when and why, overrides, and what happened. */
import { keepPreviousData } from '@tanstack/query-core';
import { useLocation, useRoute } from 'preact-iso/router';
import { useState } from 'preact/hooks';
import { answered } from '../client/api-failure.ts';
import { getContactsByContact } from '../client/api.ts';
import { useCatalogue } from '../client/catalogue-query.ts';
import { useQuery } from '../client/query.ts';
import { ContactEvents, ContactOverrides, ContactSegments, ContactValues } from '../part/contact-section.tsx';
import { contactName } from '../part/contact-name.ts';
import { FailureNote } from '../part/failure-note.tsx';
import { PageHead } from '../part/page-head.tsx';
import { RevealButton } from '../part/reveal-button.tsx';
import { SegmentPicker } from '../part/segment-picker.tsx';
import { Skeleton } from '../part/skeleton.tsx';
import '../part/panel.css';

export function ContactPage() {
  const { params } = useRoute();
  const { route } = useLocation();
  const contact = params['contact'] ?? '';
  const [revealed, reveal] = useState(false);
  const catalogue = useCatalogue();
  const display = catalogue.data?.contacts.display ?? [];
  const query = useQuery({
    queryKey: ['contact', contact, revealed],
    queryFn: ({ signal }) => answered(getContactsByContact(contact, revealed ? { reveal: 'true' } : {}, { signal })),
    placeholderData: (before, query_) => (query_?.queryKey[1] === contact ? keepPreviousData(before) : undefined),
  });
  const { data } = query;
  return (
    <>
      <PageHead
        title={data ? contactName(contact, data.values, display) : `Contact ${contact}`}
        from={{ path: '/contacts', name: 'Contacts' }}
      >
        <span class="grow" />
        {data?.exists && <RevealButton revealed={revealed} onChange={reveal} />}
      </PageHead>
      {query.error && <FailureNote error={query.error} again={() => void query.refetch()} />}
      {query.isPending && !query.error && <Skeleton rows={8} height={40} />}
      {data && (
        <div class="panels">
          {data.exists ? (
            <ContactValues contact={contact} values={data.values} display={display} />
          ) : (
            <p class="note warn">
              The contacts table has no contact <b dir="auto">{contact}</b> now. What happened before is kept below.
            </p>
          )}
          <ContactSegments contact={contact} segments={data.segments} />
          <section class="panel" aria-labelledby="ask-title">
            <h2 id="ask-title">Why is it not in another segment?</h2>
            <SegmentPicker
              label="Segment to ask about"
              value=""
              onPick={(key) => route(`/segments/${encodeURIComponent(key)}/contacts/${encodeURIComponent(contact)}`)}
            />
          </section>
          <ContactOverrides overrides={data.overrides} />
          <ContactEvents events={data.events} />
        </div>
      )}
    </>
  );
}
