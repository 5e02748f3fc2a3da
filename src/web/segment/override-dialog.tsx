/** Decides of single contacts, whatever the condition says: with a note, and until when. */
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { useAction } from '../client/use-action.ts';
import type { OverridesWrite } from '../client/api.ts';
import { countText, numberText } from '../client/number-text.ts';
import { FailureNote } from '../part/failure-note.tsx';
import type { KeyList, KeyPart } from '../part/key-list.ts';
import { KeyPicker } from '../part/key-picker.tsx';
import { Modal } from '../part/modal.tsx';
import { readAgain } from './entity.ts';
import { sendDecisions, type SentDecisions } from './send-decision.ts';

type Decision = OverridesWrite['decision'];

const CHOICES = {
  dynamic: [
    { decision: 'include', name: 'Include', means: 'a member, whatever the condition says' },
    { decision: 'exclude', name: 'Exclude', means: 'no member, whatever the condition says' },
    { decision: 'reset', name: 'Let the condition decide', means: 'takes an exception away' },
  ],
  static: [
    { decision: 'add', name: 'Add', means: 'a member from now on' },
    { decision: 'remove', name: 'Remove', means: 'no member any more' },
  ],
} as const satisfies Record<string, readonly { decision: Decision; name: string; means: string }[]>;

export interface OverrideDialogProps {
  readonly segmentKey: string;
  readonly kind: 'dynamic' | 'static';
  /** The contact that is decided of; absent: the person names them. */
  readonly contact?: string;
  readonly decision?: Decision;
  readonly onClose: () => void;
}

export function OverrideDialog({ segmentKey, kind, contact, decision: first, onClose }: OverrideDialogProps) {
  const [decision, setDecision] = useState<Decision>(first ?? CHOICES[kind][0].decision);
  const [list, setList] = useState<KeyList | undefined>();
  const [note, setNote] = useState('');
  const [until, setUntil] = useState('');
  const [sent, setSent] = useState<SentDecisions | undefined>();
  const id = useId();
  const sending = useRef<AbortController>(undefined);
  // A dialog that is closed sends no further part: its result would not be shown.
  useEffect(() => () => sending.current?.abort(), []);
  const isEnd = decision === 'reset' || decision === 'remove';
  const write = useAction(async () => {
    const more: Partial<OverridesWrite> = {};
    if (!isEnd && note.trim() !== '') more.note = note.trim();
    if (!isEnd && until !== '') more.until = new Date(until).toISOString();
    const keys: KeyList | undefined =
      contact === undefined ? list : { name: contact, size: 1, parts: () => onePart(contact) };
    if (!keys) return;
    const { signal } = (sending.current = new AbortController());
    try {
      for await (const step of sendDecisions(segmentKey, keys, { decision, ...more }, signal)) setSent(step);
    } catch (failure) {
      // Parts before it are in. A server that does not answer is not waited for: the failure is shown at once.
      void readAgain(segmentKey);
      throw failure;
    }
    await readAgain(segmentKey);
    if (contact !== undefined) onClose();
  });
  const title =
    contact !== undefined
      ? `Contact ${contact}`
      : kind === 'dynamic'
        ? 'Include or exclude contacts'
        : 'Add or remove contacts';
  return (
    <Modal title={title} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setSent(undefined);
          void write.run();
        }}
      >
        <fieldset class="choices stacked">
          <legend class="hidden-text">What is decided</legend>
          {CHOICES[kind].map((one) => (
            <label key={one.decision}>
              <input
                type="radio"
                name={`${id}-decision`}
                checked={decision === one.decision}
                onChange={() => setDecision(one.decision)}
              />
              <span>
                {one.name} <span class="quiet">— {one.means}</span>
              </span>
            </label>
          ))}
        </fieldset>
        {contact === undefined && <KeyPicker onKeys={setList} />}
        {!isEnd && (
          <>
            <div class="field">
              <label for={`${id}-note`}>Note: why, for others to read</label>
              <input
                id={`${id}-note`}
                value={note}
                maxLength={2_000}
                dir="auto"
                onInput={(event) => setNote(event.currentTarget.value)}
              />
            </div>
            <div class="field">
              <label for={`${id}-until`}>Until (empty: without an end)</label>
              <input
                id={`${id}-until`}
                type="datetime-local"
                value={until}
                onInput={(event) => setUntil(event.currentTarget.value)}
              />
            </div>
          </>
        )}
        {write.error && <FailureNote error={write.error} />}
        <div role="status">
          {sent && (
            <>
              {write.busy && <progress value={sent.share} max={1} aria-label="Sent" />}
              <p class="quiet">
                {countText(sent.asked, 'contact')} named, {numberText(sent.changed)} changed.
              </p>
            </>
          )}
        </div>
        {sent && sent.unknownCount > 0 && (
          <div class="note warn">
            <p>
              {countText(sent.unknownCount, 'contact')} {sent.unknownCount === 1 ? 'does' : 'do'} not exist and{' '}
              {sent.unknownCount === 1 ? 'was' : 'were'} left out:
            </p>
            <p class="unknown-keys" dir="auto">
              {sent.unknown.join(', ')}
            </p>
          </div>
        )}
        <div class="buttons">
          <button type="button" onClick={onClose}>
            {sent ? 'Close' : 'Cancel'}
          </button>
          <button class="primary" disabled={write.busy || (contact === undefined && !list)}>
            {CHOICES[kind].find((one) => one.decision === decision)?.name}
          </button>
        </div>
      </form>
    </Modal>
  );
}

/** A key is one key, whatever characters it has. */
async function* onePart(contact: string): AsyncGenerator<KeyPart> {
  yield await Promise.resolve({ keys: [contact], read: 0 });
}
