/** `/segments/KEY/contacts/ID`: why one contact is in a segment or not. */
import { useRoute } from 'preact-iso/router';
import { answered } from '../client/api-failure.ts';
import { getSegmentsByKey } from '../client/api.ts';
import { useQuery } from '../client/query.ts';
import { PageHead } from '../part/page-head.tsx';
import { sentenceText } from '../segment/sentence-text.ts';
import { WhyContact } from '../segment/why-contact.tsx';
import '../segment/segment.css';

export function WhyPage() {
  const { segment: key = '', contact = '' } = useRoute().params;
  return <OneWhy key={`${key} ${contact}`} segmentKey={key} contact={contact} />;
}

function OneWhy({ segmentKey, contact }: { readonly segmentKey: string; readonly contact: string }) {
  const segment = useQuery({
    queryKey: ['segment', segmentKey],
    queryFn: ({ signal }) => answered(getSegmentsByKey(segmentKey, { signal })),
  }).data;
  return (
    <div class="segment-page">
      <PageHead
        title={`Contact ${contact}`}
        from={{ path: `/segments/${encodeURIComponent(segmentKey)}`, name: segment?.name ?? segmentKey }}
      >
        <span class="grow" />
        <a href={`/contacts/${encodeURIComponent(contact)}`}>All segments of this contact</a>
      </PageHead>
      {segment?.sentence !== null && segment?.sentence !== undefined && (
        <p class="sentence" dir="auto">
          {sentenceText(segment.sentence)}
        </p>
      )}
      <div class="reading">
        <WhyContact segmentKey={segmentKey} contact={contact} kind={segment?.kind} />
      </div>
    </div>
  );
}
