/** Finds a contact by its key, or by what pages show of contacts, as one types. */
import { useEffect, useState } from 'preact/hooks';
import { answered } from '../client/api-failure.ts';
import { getContacts } from '../client/api.ts';
import { useQuery } from '../client/query.ts';
import { Combobox } from './combobox.tsx';

export function ContactPicker({
  contact,
  onContact,
}: {
  readonly contact: string | undefined;
  readonly onContact: (contact: string) => void;
}) {
  const [typed, setTyped] = useState('');
  const [find, setFind] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setFind(typed.trim()), 150);
    return () => clearTimeout(timer);
  }, [typed]);
  const found = useQuery({
    queryKey: ['contacts', 'found', find],
    queryFn: ({ signal }) => answered(getContacts({ find, limit: 20 }, { signal })),
    enabled: find !== '',
    staleTime: 10_000,
  });
  const options = (found.data?.items ?? []).map(({ contact_id: id, values }) => ({
    value: id,
    label: id,
    hint: Object.values(values)
      .filter((value) => value !== null)
      .slice(0, 3)
      .join(', '),
  }));
  // A key that is typed whole needs no search, and stands first.
  const key = typed.trim();
  const exact = options.filter(({ value }) => value === key);
  const first = key === '' || exact.length > 0 ? exact : [{ value: key, label: key, hint: 'this key' }];
  return (
    <Combobox
      label="Contact"
      value={contact ?? ''}
      text={contact ?? ''}
      placeholder="Key, name or e-mail"
      options={() => [...first, ...options.filter((one) => !exact.includes(one))]}
      onSearch={setTyped}
      onPick={(picked) => {
        setTyped('');
        onContact(picked);
      }}
    />
  );
}
