/** Many members would leave: the person types their number, so that it is not done by a slip. */
import { useId } from 'preact/hooks';
import { numberText } from '../client/number-text.ts';

interface Props {
  readonly leaving: number;
  readonly typed: string;
  readonly onType: (text: string) => void;
}

export function GuardField({ leaving, typed, onType }: Props) {
  const id = useId();
  return (
    <div class="note warn field">
      <label for={id}>
        This moves many members. Type <b class="number">{numberText(leaving)}</b>, the number that leave, to go on.
      </label>
      <input
        id={id}
        inputMode="numeric"
        autocomplete="off"
        value={typed}
        onInput={(event) => onType(event.currentTarget.value)}
      />
    </div>
  );
}
