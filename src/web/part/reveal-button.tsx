/** Shows masked values in full, for who has the right; the audit notes it. */
import { mayReveal, useMe } from '../client/me-context.ts';
import { useCatalogue } from '../client/catalogue-query.ts';

interface RevealButtonProps {
  readonly revealed: boolean;
  readonly onChange: (revealed: boolean) => void;
}

/** Nothing where no value is masked. */
export function RevealButton({ revealed, onChange }: RevealButtonProps) {
  const me = useMe();
  const { data } = useCatalogue();
  if (!data?.contacts.display.some(({ masked }) => masked)) return null;
  if (!mayReveal(me)) return <span class="quiet">Personal values are masked.</span>;
  return (
    <button
      type="button"
      aria-pressed={revealed}
      title="The audit notes who shows masked values."
      onClick={() => onChange(!revealed)}
    >
      {revealed ? 'Mask values' : 'Show masked values'}
    </button>
  );
}
