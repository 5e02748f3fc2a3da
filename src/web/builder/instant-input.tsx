/**
 * A day, or a moment with its zone. A day of a moment's field means that whole day in the segment's zone. What is neither stays text, so
 * that a person finds and corrects it.
 */
export interface InstantInputProps {
  readonly label: string;
  readonly describedBy: string | undefined;
  readonly invalid: boolean;
  readonly text: string;
  readonly family: 'date' | 'instant';
  readonly onText: (text: string) => void;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const MOMENT = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)(Z|[+-]\d{2}:\d{2})$/;

export function InstantInput({ text, family, label, describedBy, invalid, onText }: InstantInputProps) {
  const shared = {
    'aria-describedby': describedBy,
    'aria-invalid': invalid ? ('true' as const) : undefined,
  };
  const moment = family === 'instant' ? MOMENT.exec(text) : null;
  if (moment) {
    const [, local = '', zone = ''] = moment;
    return (
      <>
        <input
          {...shared}
          type="datetime-local"
          step="any"
          max="9999-12-31T23:59:59.999"
          aria-label={label}
          data-part="value"
          value={local}
          onInput={({ currentTarget }) => currentTarget.value !== '' && onText(`${currentTarget.value}${zone}`)}
        />
        <input
          {...shared}
          class="short"
          aria-label={`${label}: offset from UTC`}
          title="Offset from UTC, such as +02:00 or Z"
          value={zone}
          onChange={({ currentTarget }) => onText(`${local}${currentTarget.value}`)}
        />
        <button type="button" class="plain" onClick={() => onText(local.slice(0, 10))}>
          whole day
        </button>
      </>
    );
  }
  const isDay = text === '' || DAY.test(text);
  return (
    <>
      {isDay ? (
        <input
          {...shared}
          type="date"
          aria-label={label}
          data-part="value"
          value={text}
          max="9999-12-31"
          onInput={({ currentTarget }) => onText(currentTarget.value)}
        />
      ) : (
        <input
          {...shared}
          class="long"
          aria-label={label}
          data-part="value"
          value={text}
          onInput={({ currentTarget }) => onText(currentTarget.value)}
        />
      )}
      {family === 'instant' && DAY.test(text) && (
        <button type="button" class="plain" onClick={() => onText(`${text}T00:00:00Z`)}>
          with a time
        </button>
      )}
    </>
  );
}
