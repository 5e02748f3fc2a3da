/** Chooses columns among all that there are: those of the member, of the contact, and numbers of its related rows. */
import { useId, useState } from 'preact/hooks';
import type { Column } from '../client/api.ts';
import './column-picker.css';

interface Props {
  readonly all: readonly Column[];
  readonly chosen: readonly string[];
  readonly onChoose: (names: readonly string[]) => void;
}

/** Columns from which on a search helps. */
const MANY = 15;

const GROUPS = { member: 'Membership', delta: 'Change', contact: 'Contact' } as const;

export function ColumnPicker({ all, chosen, onChoose }: Props) {
  const [search, setSearch] = useState('');
  const id = useId();
  const asked = search.trim().toLowerCase();
  const shown = all.filter(({ name, label }) => `${name} ${label}`.toLowerCase().includes(asked));
  const groups = groupedColumns(shown);
  return (
    <div class="column-picker">
      {all.length > MANY && (
        <>
          <label for={`${id}-search`} class="hidden-text">
            Find a column
          </label>
          <input
            id={`${id}-search`}
            type="search"
            placeholder="Find a column"
            value={search}
            onInput={(event) => setSearch(event.currentTarget.value)}
          />
        </>
      )}
      <div class="column-groups" tabIndex={0} role="region" aria-label="Columns">
        {[...groups].map(([group, columns]) => (
          <fieldset key={group} class="choices stacked">
            <legend dir="auto">{group}</legend>
            {columns.map(({ name, label, masked, description }) => (
              <label key={name} title={description ?? undefined}>
                <input
                  type="checkbox"
                  checked={chosen.includes(name)}
                  onChange={(event) =>
                    onChoose(event.currentTarget.checked ? [...chosen, name] : chosen.filter((other) => other !== name))
                  }
                />
                <span dir="auto">
                  {label}
                  {masked && <span class="quiet"> (personal)</span>}
                </span>
              </label>
            ))}
          </fieldset>
        ))}
        {shown.length === 0 && <p class="quiet">No column has such a name.</p>}
      </div>
    </div>
  );
}

/** In the order in which the first of each group comes. */
function groupedColumns(columns: readonly Column[]): ReadonlyMap<string, readonly Column[]> {
  const groups = new Map<string, Column[]>();
  for (const column of columns) {
    const name = column.group === 'relation' ? (column.relation ?? '') : GROUPS[column.group];
    const group = groups.get(name);
    if (group) group.push(column);
    else groups.set(name, [column]);
  }
  return groups;
}
