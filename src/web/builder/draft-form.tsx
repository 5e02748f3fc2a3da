/** What a segment is called and how it keeps its members. */
import { useMemo, useState } from 'preact/hooks';
import { Combobox } from '../part/combobox.tsx';
import type { ComboboxOption } from '../part/combobox-option.ts';
import { useStore } from '../client/page-store.ts';
import type { DraftStore } from './draft-store.ts';
import { keyOf, type SegmentDraft, type SegmentKind } from './segment-draft.ts';
import { splitValues } from './constant-text.ts';

const KEY = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/;

const KIND_WORDS: Readonly<Record<SegmentKind, string>> = {
  dynamic: 'Dynamic: follows a condition',
  static: 'Static: you list the contacts',
  snapshot: 'Snapshot: taken once, then fixed',
};

/** Why a key cannot be used; undefined for one that can. */
export function keyProblem(key: string, known?: (key: string) => boolean): string | undefined {
  if (key === '') return 'Enter a name or a key.';
  if (!KEY.test(key)) return 'Use letters, digits, "_", "-" and ".", beginning with a letter or a digit.';
  return known?.(key) === true ? 'Another segment has this key.' : undefined;
}

export function DraftForm({
  store,
  isNew,
  timezone,
  known,
}: {
  readonly store: DraftStore;
  readonly isNew: boolean;
  readonly segments: readonly ComboboxOption[];
  /** The catalogue's. */
  readonly timezone: string;
  readonly known: ((key: string) => boolean) | undefined;
}) {
  const draft = useStore(store);
  const [tags, setTags] = useState<string>();
  const set = (change: Partial<SegmentDraft>, label?: string): void =>
    store.edit((before) => ({ ...before, ...change }), { label });
  const key = keyOf(draft);
  const problem = isNew ? keyProblem(key, known) : undefined;
  const begun = draft.name !== '' || draft.key !== '';
  const zones = useMemo(zoneOptions, []);
  const takeTags = (text: string): void => {
    setTags(undefined);
    set({ tags: [...new Set(splitValues(text))] });
  };
  return (
    <div class="draft-form">
      <label class="draft-name">
        Name
        <input
          maxLength={200}
          autocomplete="off"
          value={draft.name}
          placeholder={isNew ? 'Loyal customers' : draft.key}
          onInput={({ currentTarget }) => set({ name: currentTarget.value }, 'name')}
        />
      </label>
      {isNew && (
        <label>
          Key
          <input
            maxLength={100}
            autocomplete="off"
            spellcheck={false}
            value={key}
            aria-describedby="draft-key-problem"
            aria-invalid={begun && problem !== undefined ? 'true' : undefined}
            onInput={({ currentTarget: { value } }) => set({ key: value, ownKey: value !== '' }, 'key')}
          />
          <span id="draft-key-problem" class={begun && problem !== undefined ? 'field-error' : undefined}>
            {begun && problem !== undefined ? problem : 'Programs name the segment by it. It does not change.'}
          </span>
        </label>
      )}
      {isNew && (
        <label>
          Kind
          <select
            value={draft.kind}
            onChange={({ currentTarget }) => set({ kind: currentTarget.value as SegmentKind, of: '' })}
          >
            {(Object.keys(KIND_WORDS) as SegmentKind[]).map((kind) => (
              <option key={kind} value={kind}>
                {KIND_WORDS[kind]}
              </option>
            ))}
          </select>
        </label>
      )}
      <details class="wide" open={!isNew && draft.description !== '' ? true : undefined}>
        <summary>
          Description, tags{draft.kind === 'dynamic' ? ', time zone' : ''}
          {draft.tags.length > 0 && <span> · {draft.tags.join(', ')}</span>}
        </summary>
        <div class="draft-form">
          <label>
            Description
            <input
              maxLength={2000}
              autocomplete="off"
              value={draft.description}
              onInput={({ currentTarget }) => set({ description: currentTarget.value }, 'description')}
            />
          </label>
          <label>
            Tags
            <input
              autocomplete="off"
              value={tags ?? draft.tags.join(', ')}
              placeholder="comma between them"
              onInput={({ currentTarget }) => setTags(currentTarget.value)}
              onChange={({ currentTarget }) => takeTags(currentTarget.value)}
            />
          </label>
          {draft.kind === 'dynamic' && (
            <div class="labelled">
              <span aria-hidden="true">Time zone of days and midnights</span>
              <Combobox
                label="Time zone of days and midnights"
                value={draft.timezone}
                text={draft.timezone === '' ? `${timezone} (default)` : draft.timezone}
                options={() => [{ value: '', label: `${timezone} (default)` }, ...zones]}
                onPick={(zone) => set({ timezone: zone })}
              />
            </div>
          )}
        </div>
      </details>
    </div>
  );
}

function zoneOptions(): readonly ComboboxOption[] {
  return Intl.supportedValuesOf('timeZone').map((zone) => ({
    value: zone,
    label: zone,
    group: zone.includes('/') ? zone.slice(0, zone.indexOf('/')) : 'Other',
  }));
}
