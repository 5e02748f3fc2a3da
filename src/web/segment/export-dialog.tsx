/** Asks for a file of the members: which columns, which format, all of them or who came and left, now or on a schedule. */
import { useId, useState } from 'preact/hooks';
import { answered } from '../client/api-failure.ts';
import { useAction } from '../client/use-action.ts';
import { postSchedules, postSegmentsByKeyExports, type Column, type NewExport } from '../client/api.ts';
import { FailureNote } from '../part/failure-note.tsx';
import { Modal } from '../part/modal.tsx';
import { Skeleton } from '../part/skeleton.tsx';
import { ColumnPicker } from './column-picker.tsx';
import { cronOf, FIRST_RHYTHM, type Rhythm } from './cron-text.ts';
import { startDownload } from './file-download.ts';
import { readAgain } from './entity.ts';
import { useColumnList, useShownColumns } from './member-column.ts';
import { RhythmField } from './rhythm-field.tsx';

type Format = NonNullable<NewExport['format']>;

const FORMATS = {
  csv: 'CSV, for spreadsheets',
  ndjson: 'NDJSON, for programs',
  parquet: 'Parquet, for data warehouses',
} as const satisfies Record<Format, string>;

interface Props {
  readonly segmentKey: string;
  readonly when: 'now' | 'schedule';
  /** Called when the server has taken the order, before the dialog closes. */
  readonly onOrdered?: () => void;
  readonly onClose: () => void;
}

export function ExportDialog({ segmentKey: key, when, onOrdered, onClose }: Props) {
  const columns = useColumnList(key);
  const [picked, setPicked] = useState<readonly string[] | undefined>();
  const shown = useShownColumns(key);
  const [format, setFormat] = useState<Format>('csv');
  const [gzip, setGzip] = useState(false);
  const [isDelta, setDelta] = useState(false);
  const [name, setName] = useState('daily');
  const [rhythm, setRhythm] = useState<Rhythm>(FIRST_RHYTHM);
  const id = useId();
  const offered = (columns.data ?? []).filter((column) => isOffered(column, isDelta));
  // Until a person chooses, a file has what the table of members shows.
  const chosen = picked ?? (shown.length === 0 ? [] : [...offered.filter(isOwn).map((one) => one.name), ...shown]);
  const names = chosen.filter((one) => offered.some((column) => column.name === one));
  const order = useAction(async () => {
    const file = {
      format,
      ...(format === 'parquet' ? {} : { gzip }),
      ...(names.length === 0 ? {} : { columns: [...names] }),
      ...(isDelta ? { delta: name.trim() } : {}),
    };
    if (when === 'now') {
      const made = await answered(postSegmentsByKeyExports(key, file));
      startDownload(made.id);
    } else {
      const { cron, timezone } = cronOf(rhythm);
      await answered(postSchedules({ ...file, key, cron, timezone }));
    }
    await readAgain(key);
    onOrdered?.();
    onClose();
  });
  return (
    <Modal title={when === 'now' ? 'Export the members' : 'Export on a schedule'} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void order.run();
        }}
      >
        {when === 'schedule' && <RhythmField rhythm={rhythm} onRhythm={setRhythm} />}
        <div class="field">
          <label for={`${id}-format`}>Format</label>
          <select
            id={`${id}-format`}
            value={format}
            onChange={(event) => setFormat(event.currentTarget.value as Format)}
          >
            {Object.entries(FORMATS).map(([value, text]) => (
              <option key={value} value={value}>
                {text}
              </option>
            ))}
          </select>
        </div>
        {format !== 'parquet' && (
          <label class="tick">
            <input type="checkbox" checked={gzip} onChange={(event) => setGzip(event.currentTarget.checked)} />
            Compressed (gzip)
          </label>
        )}
        <fieldset class="choices stacked">
          <legend>Who</legend>
          <label>
            <input type="radio" name={`${id}-who`} checked={!isDelta} onChange={() => setDelta(false)} />
            All members
          </label>
          <label>
            <input type="radio" name={`${id}-who`} checked={isDelta} onChange={() => setDelta(true)} />
            Only who entered and left since the last file
          </label>
        </fieldset>
        {isDelta && (
          <div class="field">
            <label for={`${id}-delta`}>Name of the series (its first file has all members)</label>
            <input
              id={`${id}-delta`}
              required
              maxLength={200}
              value={name}
              onInput={(event) => setName(event.currentTarget.value)}
            />
          </div>
        )}
        <details>
          <summary>Columns: {columnsText(columns.data ?? [], names, picked !== undefined)}</summary>
          {columns.error && <FailureNote error={columns.error} again={() => void columns.refetch()} />}
          {columns.data ? (
            <ColumnPicker all={offered} chosen={chosen} onChoose={setPicked} />
          ) : (
            <Skeleton rows={3} height={26} />
          )}
        </details>
        {order.error && <FailureNote error={order.error} />}
        <div class="buttons">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button class="primary" disabled={order.busy || (isDelta && name.trim() === '')}>
            {when === 'now' ? 'Download' : 'Schedule'}
          </button>
        </div>
      </form>
    </Modal>
  );
}

/** Of the membership or the change, not of the contact. */
function isOwn({ group }: Column): boolean {
  return group === 'member' || group === 'delta';
}

/** A file of changes says when each was, and nothing of since when. */
function isOffered({ name, group }: Column, isDelta: boolean): boolean {
  return isDelta ? name !== 'entered_at' : group !== 'delta';
}

function columnsText(all: readonly Column[], names: readonly string[], isPicked: boolean): string {
  if (names.length === 0) return 'key and since when · choose more';
  if (isPicked) return `${names.length} chosen`;
  return `${names.map((name) => all.find((one) => one.name === name)?.label ?? name).join(', ')} · choose others`;
}
