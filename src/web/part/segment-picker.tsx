/** A segment, found by name, key, tag or field. */
import { useState } from 'preact/hooks';
import { answered } from '../client/api-failure.ts';
import { getSegments, getSegmentsByKey } from '../client/api.ts';
import { useDebounced } from '../client/debounced.ts';
import { numberText } from '../client/number-text.ts';
import { useQuery } from '../client/query.ts';
import { Combobox } from './combobox.tsx';
import { fittingOptions } from './combobox-option.ts';

const PAUSE = 120;
const SHOWN = 30;

interface SegmentPickerProps {
  readonly label: string;
  /** Its key; '' when none is chosen. */
  readonly value: string;
  readonly onPick: (key: string) => void;
}

export function SegmentPicker({ label, value, onPick }: SegmentPickerProps) {
  const [typed, setTyped] = useState('');
  const search = useDebounced(typed.trim(), PAUSE);
  const found = useQuery({
    queryKey: ['segments', 'picker', search],
    queryFn: ({ signal }) => answered(getSegments({ limit: SHOWN, ...(search === '' ? {} : { search }) }, { signal })),
    placeholderData: (before) => before,
  });
  const chosen = useQuery({
    queryKey: ['segment', value],
    queryFn: ({ signal }) => answered(getSegmentsByKey(value, { signal })),
    enabled: value !== '',
  });
  const options = (found.data?.items ?? []).map(({ key, name, members }) => ({
    value: key,
    label: name ?? key,
    hint: numberText(members),
  }));
  const isSettled = typed.trim() === search && !found.isPlaceholderData;
  return (
    <Combobox
      label={label}
      placeholder="Find a segment"
      value={value}
      text={value === '' ? '' : (chosen.data?.name ?? value)}
      // Until the answer to the last keystroke is there, only what fits it may be taken.
      options={() => (isSettled ? options : fittingOptions(options, typed))}
      onSearch={setTyped}
      onPick={(key) => {
        setTyped('');
        onPick(key);
      }}
    />
  );
}
