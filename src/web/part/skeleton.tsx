/** Rows that are being read: they have the height of what comes, so that nothing jumps. */
import './skeleton.css';

export function Skeleton({ rows, height }: { readonly rows: number; readonly height: number }) {
  return (
    <div class="skeleton" role="status">
      <span class="hidden-text">Loading…</span>
      {Array.from({ length: rows }, (_, at) => (
        <div key={at} class="skeleton-row" style={{ height: `${height}px` }} aria-hidden="true">
          <span class="skeleton-bar" style={{ width: `${30 + ((at * 17) % 35)}%` }} />
        </div>
      ))}
    </div>
  );
}
