/** Which columns the table of members shows: those that the person chose for this segment, else those that the catalogue displays. */
import { useState } from 'preact/hooks';
import { answered } from '../client/api-failure.ts';
import { getSegmentsByKeyColumns, type Column } from '../client/api.ts';
import { useCatalogue } from '../client/catalogue-query.ts';
import { useQuery } from '../client/query.ts';

export interface Columns {
  /** Everything that could be shown; empty until it is read. */
  readonly all: readonly Column[];
  /** Names; empty: those that the catalogue displays. */
  readonly chosen: readonly string[];
  readonly labelOf: (name: string) => string;
  readonly choose: (names: readonly string[]) => void;
}

const PLACE = 'segmentd.columns.';

/** Columns that an export and the table can have. */
export function useColumnList(key: string) {
  return useQuery<readonly Column[]>({
    queryKey: ['segment', key, 'columns'],
    queryFn: async ({ signal }) => (await answered(getSegmentsByKeyColumns(key, { signal }))).columns,
    staleTime: 300_000,
    meta: { live: 'own' },
  });
}

export function useColumns(key: string): Columns {
  const [chosen, setChosen] = useState(() => stored(key));
  const all = useColumnList(key).data ?? [];
  return {
    // The table shows key and since when by itself.
    all: all.filter(({ group }) => group === 'contact' || group === 'relation'),
    chosen,
    labelOf: (name) => all.find((column) => column.name === name)?.label ?? name,
    choose(names) {
      setChosen(names);
      try {
        if (names.length === 0) localStorage.removeItem(PLACE + key);
        else localStorage.setItem(PLACE + key, JSON.stringify(names));
      } catch {
        // A browser that keeps nothing: the choice holds while the page is open.
      }
    },
  };
}

/** The columns of contacts that the table of members shows. */
export function useShownColumns(key: string): readonly string[] {
  const [chosen] = useState(() => stored(key));
  const display = useCatalogue().data?.contacts.display ?? [];
  return chosen.length > 0 ? chosen : display.map(({ field }) => field);
}

function stored(key: string): readonly string[] {
  try {
    const names: unknown = JSON.parse(localStorage.getItem(PLACE + key) ?? '[]');
    return Array.isArray(names) ? names.filter((name): name is string => typeof name === 'string') : [];
  } catch {
    return [];
  }
}
