/** What the list of segments is narrowed to; all of it stands in the address. */
import { useUrlQuery } from '../client/url-query.ts';
import { useUrlText } from '../client/url-text.ts';
import { SHOWN_STATES } from './state-chip.tsx';
import './segment-filter.css';

/** Milliseconds without a key before the server is asked. */
const PAUSE = 120;

const KINDS = { dynamic: 'Dynamic', static: 'Static', snapshot: 'Snapshot' } as const;
const ORDERS = { needs: 'Needs you first', key: 'By key', members: 'Most members', edited: 'Last edited' } as const;

export function SegmentFilter({ tags }: { readonly tags: readonly string[] }) {
  const url = useUrlQuery();
  const tag = url.get('tag');
  const choices: Readonly<Record<string, string>> = Object.fromEntries(
    [...new Set([...(tag === '' ? [] : [tag]), ...tags])].map((name) => [name, name]),
  );
  return (
    <search class="filters">
      <SearchField />
      <Choice name="state" label="State" any="Any state" choices={asChoices(SHOWN_STATES)} />
      <Choice name="tag" label="Tag" any="Any tag" choices={choices} />
      <Choice name="kind" label="Type" any="Any type" choices={KINDS} />
      <Choice name="order" label="Order" choices={ORDERS} first="needs" />
    </search>
  );
}

function SearchField() {
  const [text, setText] = useUrlText('search', PAUSE);
  return (
    <input
      type="search"
      aria-label="Search segments"
      placeholder="Name, key, tag or field"
      value={text}
      maxLength={200}
      autocomplete="off"
      spellcheck={false}
      onInput={(event) => setText(event.currentTarget.value)}
    />
  );
}

interface ChoiceProps {
  readonly name: string;
  readonly label: string;
  readonly choices: Readonly<Record<string, string>>;
  /** What the choice of everything is called. */
  readonly any?: string;
  /** The choice that the address does not name. */
  readonly first?: string;
}

function Choice({ name, label, choices, any, first = '' }: ChoiceProps) {
  const url = useUrlQuery();
  const current = url.get(name);
  return (
    <select
      aria-label={label}
      value={current === '' ? first : current}
      onChange={({ currentTarget: { value } }) => url.set({ [name]: value === first ? '' : value }, true)}
    >
      {any !== undefined && <option value="">{any}</option>}
      {Object.entries(choices).map(([value, text]) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
    </select>
  );
}

function asChoices(values: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(values.map((value) => [value, `${value[0]?.toUpperCase() ?? ''}${value.slice(1)}`]));
}
