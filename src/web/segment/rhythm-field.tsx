/** Chooses how often a schedule runs. */
import { useId } from 'preact/hooks';
import { cronOf, cronText, WEEKDAYS, type Rhythm } from './cron-text.ts';

interface Props {
  readonly rhythm: Rhythm;
  readonly onRhythm: (rhythm: Rhythm) => void;
}

const EVERY = {
  hour: 'Every hour',
  day: 'Every day',
  week: 'Every week',
  month: 'Every month',
  other: 'Otherwise (cron)',
} as const;

export function RhythmField({ rhythm, onRhythm }: Props) {
  const id = useId();
  const set = (change: Partial<Rhythm>): void => onRhythm({ ...rhythm, ...change });
  return (
    <fieldset class="choices rhythm">
      <legend>When</legend>
      <select
        aria-label="How often"
        value={rhythm.every}
        onChange={(event) => set({ every: event.currentTarget.value as Rhythm['every'] })}
      >
        {Object.entries(EVERY).map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
      {rhythm.every === 'week' && (
        <select
          aria-label="Day of the week"
          value={String(rhythm.weekday)}
          onChange={(event) => set({ weekday: Number(event.currentTarget.value) })}
        >
          {WEEKDAYS.map((name, at) => (
            <option key={name} value={at}>
              {name}
            </option>
          ))}
        </select>
      )}
      {rhythm.every === 'month' && (
        <input
          type="number"
          aria-label="Day of the month"
          min={1}
          max={28}
          required
          value={rhythm.monthday}
          onInput={(event) => set({ monthday: event.currentTarget.valueAsNumber || 1 })}
        />
      )}
      {rhythm.every === 'other' ? (
        <input
          aria-label="Cron expression"
          required
          maxLength={200}
          value={rhythm.cron}
          onInput={(event) => set({ cron: event.currentTarget.value })}
        />
      ) : (
        <input
          type="time"
          aria-label="Time"
          required
          value={rhythm.time}
          onInput={(event) => set({ time: event.currentTarget.value })}
        />
      )}
      <input
        aria-label="Time zone"
        list={`${id}-zones`}
        required
        value={rhythm.timezone}
        onInput={(event) => set({ timezone: event.currentTarget.value })}
      />
      <datalist id={`${id}-zones`}>
        {Intl.supportedValuesOf('timeZone').map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
      <small class="quiet">
        {cronText(cronOf(rhythm).cron)}, {rhythm.timezone}
      </small>
    </fieldset>
  );
}
