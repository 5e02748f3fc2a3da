/** Beside the builder: who would be in, what saving would do, what it costs. Shows numbers of the draft that it was given, and of no other. */
import { useEffect, useMemo } from 'preact/hooks';
import type { Amount, Preview } from '../client/api.ts';
import { FailureNote } from '../part/failure-note.tsx';
import { amountWords, boundsWords } from './amount-text.ts';
import { useDraftPreview, type PreviewedDraft } from './draft-preview.ts';
import { PreviewCost } from './preview-cost.tsx';
import { PreviewMovement } from './preview-movement.tsx';
import { SomeContacts } from './preview-contact.tsx';
import './preview-panel.css';

/** Of a row of the condition. */
export interface RowAmounts {
  readonly alone: Amount | null;
  readonly left: Amount | null;
  /** All contacts. */
  readonly contacts: number | null;
}

export interface PreviewPanelProps {
  readonly draft: PreviewedDraft;
  /** Gets the numbers of the rows by JSON pointer; none as soon as they are not of this draft. */
  readonly onRows: (rows: ReadonlyMap<string, RowAmounts>) => void;
  /** Tries the condition on a contact, row by row. */
  readonly onTry?: (contact: string) => void;
}

const NO_ROWS: ReadonlyMap<string, RowAmounts> = new Map();

export function PreviewPanel({ draft, onRows, onTry }: PreviewPanelProps) {
  const preview = useDraftPreview(draft);
  const { numbers } = preview;
  const rows = useMemo(() => (numbers ? rowsOf(numbers) : NO_ROWS), [numbers]);
  useEffect(() => onRows(rows), [rows, onRows]);
  return (
    <div class="preview-panel" aria-busy={preview.isCounting}>
      <section>
        <h2>Who would be in</h2>
        {!draft.valid ? (
          <p class="quiet">{isEmpty(draft.condition) ? EMPTY : UNFINISHED}</p>
        ) : preview.failure ? (
          <FailureNote error={preview.failure} again={preview.again} />
        ) : (
          <Headline numbers={numbers} isCounting={preview.isCounting} isDisconnected={preview.isDisconnected} />
        )}
      </section>
      {draft.valid && draft.segment && <PreviewMovement draft={draft} preview={preview} onTry={onTry} />}
      {numbers && numbers.sample.length > 0 && (
        <SomeContacts title="Some who would be in" contacts={numbers.sample.slice(0, 5)} onTry={onTry} />
      )}
      {numbers && <PreviewCost numbers={numbers} />}
    </div>
  );
}

const EMPTY = 'Add a condition to see who would be in.';
const UNFINISHED = 'The numbers come when every row is complete.';

function isEmpty(condition: unknown): boolean {
  return ['{"and":[]}', '{"or":[]}'].includes(JSON.stringify(condition));
}

interface HeadlineProps {
  readonly numbers: Preview | undefined;
  readonly isCounting: boolean;
  readonly isDisconnected: boolean;
}

function Headline({ numbers, isCounting, isDisconnected }: HeadlineProps) {
  if (!numbers)
    return (
      <>
        <p class="preview-number quiet">…</p>
        <div class="preview-bar" />
        <p class="quiet" role="status">
          {isDisconnected ? SILENT : 'Looking at a sample…'}
        </p>
      </>
    );
  const { in: inside, out, contacts } = numbers.amounts;
  const share = contacts.value === 0 ? 0 : (100 * inside.value) / contacts.value;
  return (
    <>
      <p class="number" title={boundsWords(inside)}>
        <span class="preview-number">{amountWords(inside)}</span> in <span class="quiet">· {amountWords(out)} out</span>
      </p>
      <div class="preview-bar" aria-hidden="true">
        <i style={{ width: `${share}%` }} />
      </div>
      <p class="quiet" role="status">
        {isDisconnected ? SILENT : basisWords(inside, numbers, isCounting)}
      </p>
    </>
  );
}

const SILENT = 'The server does not answer. Trying again…';

function basisWords(inside: Amount, { at }: Preview, isCounting: boolean): string {
  if (inside.basis === 'exact') return `Counted exactly at ${new Date(at).toLocaleTimeString()}.`;
  const bounds = boundsWords(inside) ?? '';
  return isCounting ? `${bounds} Counting…` : `${bounds} There was no time to count.`;
}

function rowsOf({ condition, amounts: { contacts } }: Preview): ReadonlyMap<string, RowAmounts> {
  const rows = new Map<string, RowAmounts>();
  const visit = ({ pointer, amounts: { alone, left }, children }: Preview['condition']): void => {
    if (pointer !== null) rows.set(pointer, { alone, left, contacts: contacts.value });
    for (const child of children) visit(child);
  };
  visit(condition);
  return rows;
}
