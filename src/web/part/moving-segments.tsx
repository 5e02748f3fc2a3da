/** Segments whose members are being computed, and how far that is. */
import type { SegmentStatus } from '../client/api.ts';

export function MovingSegments({ segments }: { readonly segments: readonly SegmentStatus[] }) {
  if (segments.length === 0) return null;
  return (
    <section aria-labelledby="moving-title" class="panel">
      <h2 id="moving-title">Being counted</h2>
      <ul class="plain-list">
        {segments.map(({ key, progress, owed }) => (
          <li key={key} class="moving">
            <span>
              <a href={`/segments/${encodeURIComponent(key)}`} dir="auto">
                {key}
              </a>
              <br />
              <small>{owed[0] ?? ''}</small>
            </span>
            {progress === null ? (
              <span class="quiet">waits</span>
            ) : (
              <progress value={progress} aria-label={`Progress of ${key}`} />
            )}
            <span class="number quiet">{progress === null ? '' : `${Math.floor(progress * 100)}%`}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
