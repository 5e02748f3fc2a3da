/** The draft in one sentence, always in sight, or what is still to do. */
import type { ComponentChildren } from 'preact';
import type { DraftCheck, RowIssue } from './row-issue.ts';

/** Issues that are listed; all of them stand at their rows. */
const LISTED = 4;

export function SentenceBox({
  checked,
  unchecked,
  refused,
  onGo,
}: {
  readonly checked: DraftCheck;
  /** Stands here while nothing checks the draft. */
  readonly unchecked: ComponentChildren;
  readonly refused: readonly RowIssue[];
  readonly onGo: (issue: RowIssue) => void;
}) {
  const issues = [...checked.issues, ...refused];
  const count = issues.length;
  const started = !issues.every(({ pointer, empty }) => empty && (pointer === '' || pointer === '/and'));
  return (
    <section class={`sentence ${count > 0 && started ? 'unready' : ''}`} aria-label="In words" aria-live="polite">
      {unchecked}
      {checked.sentence !== undefined && <p>{checked.sentence}</p>}
      {count > 0 && !started && <p class="quiet">Add a first condition: who shall be in this segment?</p>}
      {count > 0 && started && (
        <>
          <p>{count === 1 ? 'One place is not ready:' : `${count} places are not ready:`}</p>
          <ul>
            {issues.slice(0, LISTED).map((issue) => (
              <li key={`${issue.pointer} ${issue.message}`}>
                <button type="button" class="plain" onClick={() => onGo(issue)}>
                  {issue.message}
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
