/** What the table of members shows: find a contact, why it entered, who is new or left since the moment, and which columns. */
import { useId, useState } from 'preact/hooks';
import { useMe } from '../client/me-context.ts';
import { Modal } from '../part/modal.tsx';
import { REASON_CODES, reasonText } from '../part/reason-text.ts';
import { ColumnPicker } from './column-picker.tsx';
import { upperFirst } from './sentence-text.ts';
import type { Columns } from './member-column.ts';
import type { MemberQuery } from './member-read.ts';

interface Props {
  readonly query: MemberQuery;
  readonly find: string;
  readonly onFind: (text: string) => void;
  readonly onReason: (code: string) => void;
  readonly onChange: (change: MemberQuery['change']) => void;
  readonly columns: Columns;
  readonly reveal: boolean;
  readonly onReveal: (reveal: boolean) => void;
}

export function MemberTool({ query, find, onFind, onReason, onChange, columns, reveal, onReveal }: Props) {
  const me = useMe();
  const id = useId();
  const [open, setOpen] = useState(false);
  return (
    <div class="toolbar">
      <label for={`${id}-find`} class="hidden-text">
        Find a contact
      </label>
      <input
        id={`${id}-find`}
        type="search"
        value={find}
        placeholder="Contact by key or e-mail"
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => onFind(event.currentTarget.value)}
      />
      {query.at !== '' && (
        <select
          aria-label="Show"
          value={query.change}
          onChange={(event) => onChange(event.currentTarget.value as MemberQuery['change'])}
        >
          <option value="">Members then</option>
          <option value="new">New since</option>
          <option value="left">Left since</option>
        </select>
      )}
      {query.at === '' && (
        <select aria-label="Because" value={query.reason} onChange={(event) => onReason(event.currentTarget.value)}>
          <option value="">Any reason</option>
          {REASON_CODES.map((code) => (
            <option key={code} value={code}>
              {upperFirst(reasonText(code))}
            </option>
          ))}
        </select>
      )}
      <span class="grow" />
      {me.rights.reveal && (
        <label class="tick" title="Each look at personal values is noted in the audit.">
          <input type="checkbox" checked={reveal} onChange={(event) => onReveal(event.currentTarget.checked)} />
          Reveal personal values
        </label>
      )}
      <button type="button" onClick={() => setOpen(true)}>
        Columns…
      </button>
      {open && (
        <Modal title="Columns" onClose={() => setOpen(false)}>
          <div class="stack">
            <ColumnPicker all={columns.all} chosen={columns.chosen} onChoose={columns.choose} />
            <p class="quiet">
              Kept in this browser, for this segment. Without a choice the table shows what the team displays.
            </p>
            <div class="buttons">
              <button type="button" disabled={columns.chosen.length === 0} onClick={() => columns.choose([])}>
                As the team displays
              </button>
              <button type="button" class="primary" onClick={() => setOpen(false)}>
                Done
              </button>
            </div>
          </div>
        </Modal>
      )}
    </div>
  );
}
