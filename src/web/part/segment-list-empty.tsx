/** A list without rows: what to do next. */
import { useLocation } from 'preact-iso/router';
import { mayEdit, useMe } from '../client/me-context.ts';
import './empty-note.css';

/** There is no segment at all. */
export function NoSegments() {
  const me = useMe();
  return (
    <section class="empty">
      <h2>There are no segments yet</h2>
      <p>
        A segment is a group of contacts that share something: customers in Spain, people who paid three orders in 90
        days, members of a list that you upload. You describe it once. segmentd keeps its members up to date by itself,
        as your data changes and as time passes.
      </p>
      {mayEdit(me) ? (
        <ol>
          <li>Choose what its contacts have in common. The number of contacts shows as you go.</li>
          <li>Look at who would be in, and why.</li>
          <li>Save it. Export its members, or read them in your own programs.</li>
        </ol>
      ) : (
        <p class="quiet">You can look at segments. An editor or an admin can make the first one.</p>
      )}
      {mayEdit(me) && (
        <p>
          <a class="button primary" href="/segments/new">
            Make the first segment
          </a>
        </p>
      )}
    </section>
  );
}

/** No segment fits what is looked for. */
export function NothingFound() {
  const { route } = useLocation();
  return (
    <section class="empty">
      <h2>No segment fits</h2>
      <p>The search looks in names, keys, descriptions, tags, and the fields that a segment reads.</p>
      <p>
        <button type="button" onClick={() => route('/segments')}>
          Show all segments
        </button>
      </p>
    </section>
  );
}
