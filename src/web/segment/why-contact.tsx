/** Why a contact is in a segment: the verdict, each part of the condition with value and threshold, what comes next, what happened. */
import { useState } from 'preact/hooks';
import { answered } from '../client/api-failure.ts';
import { getSegmentsByKeyExplanationsAndContact, type Explanation, type OverridesWrite } from '../client/api.ts';
import { mayEdit, useMe } from '../client/me-context.ts';
import { useQuery } from '../client/query.ts';
import { FailureNote } from '../part/failure-note.tsx';
import { Instant } from '../part/instant.tsx';
import { Moment } from '../part/moment.tsx';
import { Skeleton } from '../part/skeleton.tsx';
import { upperFirst } from './sentence-text.ts';
import { causeText } from './cause-text.ts';
import { EventList } from './event-list.tsx';
import { OverrideDialog } from './override-dialog.tsx';
import { agreementText, nextText, overrideText, whyTitle } from './why-text.ts';
import { hasMasked, WhyTree } from './why-tree.tsx';
import './why.css';

interface Props {
  readonly segmentKey: string;
  readonly contact: string;
  readonly kind: 'dynamic' | 'static' | 'snapshot' | undefined;
}

export function WhyContact({ segmentKey, contact, kind }: Props) {
  const me = useMe();
  const editable = mayEdit(me);
  const [reveal, setReveal] = useState(false);
  const [decision, setDecision] = useState<OverridesWrite['decision'] | undefined>();
  const found = useQuery({
    queryKey: ['segment', segmentKey, 'why', contact, reveal],
    queryFn: ({ signal }) =>
      answered(
        getSegmentsByKeyExplanationsAndContact(segmentKey, contact, reveal ? { reveal: 'true' } : {}, { signal }),
      ),
    placeholderData: (before: Explanation | undefined) => before,
  });
  const why = found.data;
  if (!why) {
    return (
      <>
        <h2 class="why-title">Contact {contact}</h2>
        {found.error ? (
          <FailureNote error={found.error} again={() => void found.refetch()} />
        ) : (
          <Skeleton rows={6} height={48} />
        )}
      </>
    );
  }
  return (
    <div class="why">
      <h2 class="why-title" dir="auto">
        {whyTitle(contact, why)}
      </h2>
      {found.error && <FailureNote error={found.error} />}
      <Verdict why={why} />
      <p class="quiet" aria-live="polite">
        {agreementText(why)}
      </p>
      {why.segment.issues.map(({ message }) => (
        <p key={message} class="note bad">
          {message}
        </p>
      ))}
      {why.override && (
        <div class="note warn">
          <p>
            <b dir="auto">{overrideText(why.override)}</b>, <Moment at={why.override.created_at} />
            {why.override.expires_at !== null && (
              <>
                {' '}
                until <Instant at={why.override.expires_at} />
              </>
            )}
            : this counts more than the condition.
          </p>
          {why.override.note !== null && <p dir="auto">{why.override.note}</p>}
        </div>
      )}
      {why.condition && <WhyTree node={why.condition} />}
      {why.ranks.map(({ name, as_of: asOf }) => (
        <p key={name} class="quiet">
          The rank <bdi>{name}</bdi>{' '}
          {asOf === null ? (
            'is not computed yet'
          ) : (
            <>
              is as of <Instant at={asOf} />
            </>
          )}
          .
        </p>
      ))}
      {me.rights.reveal && why.condition && hasMasked(why.condition) && (
        <label class="tick" title="Each look at personal values is noted in the audit.">
          <input type="checkbox" checked={reveal} onChange={(event) => setReveal(event.currentTarget.checked)} />
          Reveal personal values
        </label>
      )}
      <NextFlip why={why} />
      {editable && kind !== undefined && kind !== 'snapshot' && why.exists && (
        <div class="buttons start">
          {kind === 'dynamic' && why.stored.member && (
            <button type="button" onClick={() => setDecision('exclude')}>
              Exclude this contact…
            </button>
          )}
          {kind === 'dynamic' && !why.stored.member && (
            <button type="button" onClick={() => setDecision('include')}>
              Include this contact…
            </button>
          )}
          {kind === 'dynamic' && why.override && (
            <button type="button" onClick={() => setDecision('reset')}>
              Let the condition decide…
            </button>
          )}
          {kind === 'static' && (
            <button type="button" onClick={() => setDecision(why.override ? 'remove' : 'add')}>
              {why.override ? 'Remove this contact…' : 'Add this contact…'}
            </button>
          )}
        </div>
      )}
      <section>
        <h2>What happened</h2>
        <EventList segmentKey={segmentKey} contact={contact} none="It has neither entered nor left." />
      </section>
      {decision && kind !== undefined && kind !== 'snapshot' && (
        <OverrideDialog
          segmentKey={segmentKey}
          kind={kind}
          contact={contact}
          decision={decision}
          onClose={() => setDecision(undefined)}
        />
      )}
    </div>
  );
}

function Verdict({ why: { stored } }: { readonly why: Explanation }) {
  return (
    <p>
      <b class={stored.member ? 'yes' : 'no'}>{stored.member ? '✓ Member' : '✗ Not a member'}</b>
      {stored.since !== null && (
        <>
          {stored.member ? ' since ' : '; left '}
          <Instant at={stored.since} />
          {stored.reason !== null && `, ${causeText({ reason: stored.reason, version: stored.version })}`}
        </>
      )}
    </p>
  );
}

function NextFlip({ why }: { readonly why: Explanation }) {
  const { flip, matches, causes } = why.next;
  if (flip === null) {
    const text = nextText(why);
    return text === '' ? null : <p class="quiet">{text}</p>;
  }
  return (
    <div class="next-flip">
      <b>
        {matches ? 'Enters' : 'Leaves'} <Instant at={flip} />
      </b>
      {causes.map((cause) => (
        <p key={cause} dir="auto">
          {upperFirst(cause)}
        </p>
      ))}
      <p class="quiet">if nothing else happens.</p>
    </div>
  );
}
