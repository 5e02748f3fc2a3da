/** What uses a segment: segments that read it, and schedules that export it. */
import type { Uses } from '../client/api.ts';

export function UseList({ uses: { segments, schedules } }: { readonly uses: Uses }) {
  return (
    <ul class="plain-list">
      {segments.map(({ key, state, path, wanted }) => (
        <li key={`${key} ${path.join(' ')}`}>
          <a href={`/segments/${encodeURIComponent(key)}`} dir="auto">
            {key}
          </a>{' '}
          <span class="quiet">
            {path.length > 2 ? `reads it through ${path.slice(1, -1).join(', ')}` : 'reads it'}
            {wanted ? '' : ', until its edit is live'} · {state}
          </span>
        </li>
      ))}
      {schedules.map((id) => (
        <li key={id}>
          Schedule {id} <span class="quiet">exports it</span>
        </li>
      ))}
    </ul>
  );
}
