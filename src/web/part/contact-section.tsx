/** The sections of the page of a contact. */
import type { Catalogue, Contact } from '../client/api.ts';
import { countText } from '../client/number-text.ts';
import { Moment } from './moment.tsx';
import { reasonText } from './reason-text.ts';

interface ContactValuesProps {
  readonly contact: string;
  readonly values: Contact['values'];
  readonly display: Catalogue['contacts']['display'];
}

export function ContactValues({ contact, values, display }: ContactValuesProps) {
  return (
    <dl class="figures">
      <div>
        <dt>Key</dt>
        <dd>{contact}</dd>
      </div>
      {display.map(({ field, label }) => (
        <div key={field}>
          <dt>{label}</dt>
          <dd dir="auto">{values[field] ?? <span class="quiet">none</span>}</dd>
        </div>
      ))}
    </dl>
  );
}

const whyPath = (segment: string, contact: string): string =>
  `/segments/${encodeURIComponent(segment)}/contacts/${encodeURIComponent(contact)}`;

interface ContactSegmentsProps {
  readonly contact: string;
  readonly segments: Contact['segments'];
}

export function ContactSegments({ contact, segments }: ContactSegmentsProps) {
  return (
    <section class="panel" aria-labelledby="in-title">
      <h2 id="in-title" aria-live="polite">
        {segments.length === 0 ? 'In no segment' : `In ${countText(segments.length, 'segment')}`}
      </h2>
      {segments.length > 0 && (
        <div class="wide-table">
          <table class="plain-table cards">
            <thead>
              <tr>
                <th scope="col">Segment</th>
                <th scope="col">Since</th>
                <th scope="col">Because</th>
                <th scope="col">
                  <span class="hidden-text">Why</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {segments.map(({ key, name, entered_at: entered, reason }) => (
                <tr key={key}>
                  <td dir="auto">
                    <a href={`/segments/${encodeURIComponent(key)}`}>{name ?? key}</a>
                  </td>
                  <td>
                    <Moment at={entered} />
                  </td>
                  <td>{reason === null ? '' : reasonText(reason)}</td>
                  <td>
                    <a href={whyPath(key, contact)}>
                      Why<span class="hidden-text"> it is in {name ?? key}</span>
                    </a>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

const KIND = {
  include: 'always in',
  exclude: 'never in',
  member: 'listed in',
} as const satisfies Record<Contact['overrides'][number]['kind'], string>;

export function ContactOverrides({ overrides }: { readonly overrides: Contact['overrides'] }) {
  if (overrides.length === 0) return null;
  return (
    <section class="panel" aria-labelledby="override-title">
      <h2 id="override-title">What a person decided</h2>
      <ul class="plain-list">
        {overrides.map((one) => (
          <li key={one.segment}>
            <span class={`chip ${one.kind === 'exclude' ? 'warn' : ''}`}>{KIND[one.kind]}</span>{' '}
            <a href={`/segments/${encodeURIComponent(one.segment)}`} dir="auto">
              {one.segment}
            </a>{' '}
            {one.note !== null && <q dir="auto">{one.note}</q>}
            <small>
              <span dir="auto">{one.created_by}</span>, <Moment at={one.created_at} />
              {one.expires_at !== null && (
                <>
                  {' '}
                  · ends <Moment at={one.expires_at} />
                </>
              )}
            </small>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function ContactEvents({ events }: { readonly events: Contact['events'] }) {
  return (
    <section class="panel" aria-labelledby="events-title">
      <h2 id="events-title">What happened</h2>
      {events.length === 0 ? (
        <p class="quiet">It entered no segment and left none so far.</p>
      ) : (
        <ol class="plain-list" aria-live="polite" aria-relevant="additions">
          {events.map((event) => (
            <li key={event.id}>
              <span class={`chip ${event.change === 'entered' ? 'good' : 'warn'}`}>{event.change}</span>{' '}
              <a href={`/segments/${encodeURIComponent(event.segment)}`} dir="auto">
                {event.segment_name ?? event.segment}
              </a>
              , because {reasonText(event.reason)}
              <small>
                <Moment at={event.at} />
              </small>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
