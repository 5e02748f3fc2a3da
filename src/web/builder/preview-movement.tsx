/** What saving an edit would do: who would enter, leave and stay, what changes in words, and what the guard says. */
import type { Amount, EditPreview } from '../client/api.ts';
import { FailureNote } from '../part/failure-note.tsx';
import { amountWords, boundsWords, countWords } from './amount-text.ts';
import type { DraftPreview, PreviewedDraft } from './draft-preview.ts';
import { SomeContacts } from './preview-contact.tsx';

export interface PreviewMovementProps {
  readonly draft: PreviewedDraft;
  readonly preview: DraftPreview;
  readonly onTry: ((contact: string) => void) | undefined;
}

export function PreviewMovement({ draft: { segment, kind }, preview, onTry }: PreviewMovementProps) {
  const { movement, moves, isMoving, movementFailure, again } = preview;
  if (!segment) return null;
  if (!moves || movementFailure || !movement)
    return (
      <section>
        <h2>If you save this</h2>
        {!moves ? (
          <p class="quiet">{stillWords(segment.live_version, kind)}</p>
        ) : movementFailure ? (
          <FailureNote error={movementFailure} again={again} />
        ) : (
          <p class="quiet" role="status">
            Looking who would enter and leave…
          </p>
        )}
      </section>
    );
  const some = (title: string, contacts: EditPreview['sample']['entering']) =>
    contacts.length > 0 && (
      <SomeContacts title={title} contacts={contacts.slice(0, 5)} segmentKey={segment.key} onTry={onTry} />
    );
  return (
    <>
      <Moved movement={movement} isMoving={isMoving} />
      {some('Some who would leave', movement.sample.leaving)}
      {some('Some who would enter', movement.sample.entering)}
    </>
  );
}

function stillWords(liveVersion: number | null, kind: string): string {
  if (kind !== 'dynamic') return 'The members stay as they are, and no condition moves them any more.';
  if (liveVersion === null) return 'The segment is built for the first time: no member can leave.';
  return 'The condition is as it is saved: no member moves.';
}

function Moved({ movement, isMoving }: { readonly movement: EditPreview; readonly isMoving: boolean }) {
  const { members, changes, guard } = movement;
  const [entering, leaving] = (['entering', 'leaving'] as const).map((side) => amountOf(movement, side));
  if (!entering || !leaving) return null;
  const staying: Amount = {
    ...leaving,
    value: Math.max(0, members - leaving.value),
    low: leaving.high === null ? null : Math.max(0, members - leaving.high),
    high: leaving.low === null ? null : Math.max(0, members - leaving.low),
  };
  return (
    <section>
      <h2>If you save this</h2>
      <p class="preview-moves number">
        <span class="enter" title={boundsWords(entering)}>
          +{amountWords(entering)} enter
        </span>
        <span class="leave" title={boundsWords(leaving)}>
          −{amountWords(leaving)} leave
        </span>
      </p>
      <p class="quiet number" title={boundsWords(staying)}>
        {amountWords(staying)} stay, untouched
        {movement.basis === 'sample' && (isMoving ? ' · counting…' : ' · there was no time to count')}
      </p>
      <ChangedWords changes={changes} />
      {guard.exceeds && (
        <p class="note warn" role="note">
          This moves {guard.percent === null ? '' : `${countWords(Math.round(guard.percent))} % of `}the members. Saving
          asks you to type the number who leave.
        </p>
      )}
    </section>
  );
}

function amountOf({ basis, bounds, ...moved }: EditPreview, side: 'entering' | 'leaving'): Amount {
  const value = moved[side];
  const isCounted = basis === 'exact' || bounds === null || bounds[side].low === bounds[side].high;
  return isCounted ? { value, basis: 'exact', low: value, high: value } : { value, basis: 'sample', ...bounds[side] };
}

const KINDS = { '-': 'minus', '+': 'plus' } as const;

function ChangedWords({ changes }: { readonly changes: readonly string[] }) {
  return (
    <div class="preview-changes">
      {changes.map((line) => {
        const kind = line.startsWith('- ') || line.startsWith('+ ') ? KINDS[line.slice(0, 1) as '-' | '+'] : 'other';
        return (
          <p key={line} class={kind}>
            {kind !== 'other' && <span class="hidden-text">{kind === 'minus' ? 'No longer: ' : 'New: '}</span>}
            <bdi>{line}</bdi>
          </p>
        );
      })}
    </div>
  );
}
