/** Picks the contact that the draft is tried on, and says whether that contact would be in. The rows carry their own marks. */
import { ContactPicker } from '../part/contact-picker.tsx';
import { FailureNote } from '../part/failure-note.tsx';
import type { TriedRows } from './use-trial.ts';
import './trial-panel.css';

export interface TrialPanelProps {
  readonly contact: string | undefined;
  readonly tried: TriedRows;
  /** Whether the checker has no issue. */
  readonly valid: boolean;
  readonly onContact: (contact: string | undefined) => void;
}

export function TrialPanel({ contact, tried, valid, onContact }: TrialPanelProps) {
  return (
    <section class="trial" aria-label="Try it on a contact">
      <h2>Try it on a contact</h2>
      <p class="trial-form">
        <ContactPicker contact={contact} onContact={onContact} />
        {contact !== undefined && (
          <button type="button" class="plain" onClick={() => onContact(undefined)}>
            Stop
          </button>
        )}
      </p>
      <div aria-live="polite">{contact !== undefined && <Verdict tried={tried} valid={valid} />}</div>
    </section>
  );
}

function Verdict({ tried, valid }: { readonly tried: TriedRows; readonly valid: boolean }) {
  const { trial, isSure, error, again, verdicts } = tried;
  if (error && !trial) return <FailureNote error={error} again={again} />;
  if (!trial) return <p class="quiet">{valid ? 'Asking…' : 'It is tried as soon as every row is complete.'}</p>;
  if (!trial.exists) return <p>There is no such contact.</p>;
  const whole = isSure ? trial.verdict : (verdicts.get('')?.here ?? null);
  return (
    <>
      <p>
        <strong class={whole === null ? undefined : whole ? 'holds' : 'fails'}>
          {whole === null ? 'Not known yet' : whole ? '✓ Would be in' : '✗ Would not be in'}
        </strong>{' '}
        <span class="quiet">{isSure ? 'as Postgres says' : 'as this page computes'}</span>
      </p>
      {trial.base === false && <p>The filter of the contacts table leaves this contact out.</p>}
      {trial.hidden.length > 0 && (
        <p class="quiet">Postgres alone answers for what is hidden here: {trial.hidden.join(', ')}.</p>
      )}
    </>
  );
}
