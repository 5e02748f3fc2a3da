/** Inputs for a fixed place, as its latitude and longitude, and for a distance from it. */
import type { Argument } from './builder-node.ts';
import { constantOf, constantText } from './constant-text.ts';

interface NumberInputProps {
  readonly argument: Argument;
  readonly label: string;
  readonly describedBy: string | undefined;
  readonly invalid: boolean;
  readonly onChange: (argument: Argument) => void;
}

const jsonOf = (argument: Argument): unknown => (argument.kind === 'constant' ? argument.json : undefined);

function Decimal({
  json,
  label,
  describedBy,
  invalid,
  onJson,
}: Pick<NumberInputProps, 'label' | 'describedBy' | 'invalid'> & {
  readonly json: unknown;
  readonly onJson: (json: unknown) => void;
}) {
  return (
    <input
      class="short"
      aria-label={label}
      aria-describedby={describedBy}
      aria-invalid={invalid ? 'true' : undefined}
      data-part="value"
      inputMode="decimal"
      autocomplete="off"
      value={constantText(json)}
      onInput={({ currentTarget }) => onJson(constantOf(currentTarget.value.trim(), 'number'))}
    />
  );
}

/** A list of a latitude and a longitude. */
export function PlaceInput({ argument, label, describedBy, invalid, onChange }: NumberInputProps) {
  const json = jsonOf(argument);
  const list: readonly unknown[] = Array.isArray(json) ? json : ['', ''];
  return (
    <>
      <span class="word">within reach of</span>
      {['latitude', 'longitude'].map((name, n) => (
        <Decimal
          key={name}
          json={list[n]}
          label={`${label}: ${name}`}
          describedBy={describedBy}
          invalid={invalid}
          onJson={(next) => onChange({ kind: 'constant', json: list.with(n, next) })}
        />
      ))}
    </>
  );
}

export function KilometresInput({ argument, label, describedBy, invalid, onChange }: NumberInputProps) {
  return (
    <>
      <Decimal
        json={jsonOf(argument)}
        label={`${label}: km`}
        describedBy={describedBy}
        invalid={invalid}
        onJson={(json) => onChange({ kind: 'constant', json })}
      />
      <span class="word">km</span>
    </>
  );
}
