/** Inputs for what stands in a row, one for each form of argument that the operator table knows: a form without one does not compile. */
import { useId } from 'preact/hooks';
import { isArithmetic, operators, type ArgumentForm, type Operator } from '../../condition/operator.ts';
import { Combobox } from '../part/combobox.tsx';
import type { Argument } from './builder-node.ts';
import { NUMBER_WORDS, scopeInside, type ScopeWords, type ValueWords } from './builder-vocabulary.ts';
import { constantOf, constantText, wholeNumberOf } from './constant-text.ts';
import { useEditor } from './editor-context.ts';
import { InstantInput } from './instant-input.tsx';
import { ListInput } from './list-input.tsx';
import { KilometresInput, PlaceInput } from './place-input.tsx';
import { constant } from './row-change.ts';
import { SubjectInput } from './subject-input.tsx';

export interface ValueInputProps<Form extends ArgumentForm = ArgumentForm> {
  readonly form: Form;
  readonly argument: Argument;
  /** Of what it is compared with. */
  readonly value: ValueWords | undefined;
  readonly scope: ScopeWords;
  readonly label: string;
  readonly describedBy: string | undefined;
  readonly invalid: boolean;
  readonly onChange: (argument: Argument) => void;
}

type Input<Type extends ArgumentForm['type']> = (
  props: ValueInputProps<Extract<ArgumentForm, { readonly type: Type }>>,
) => preact.JSX.Element | null;

/** Rows, and values that a row is about, are drawn around it and not beside it. */
const elsewhere = (): null => null;

const inputs: { readonly [Type in ArgumentForm['type']]: Input<Type> } = {
  condition: elsewhere,
  'row-condition': elsewhere,
  relation: elsewhere,
  rows: elsewhere,
  'mapped-rows': elsewhere,
  column: elsewhere,
  // What query builders write around a count stays as it is.
  'count-step': elsewhere,
  zero: elsewhere,
  field: ValueOrField,
  value: ValueOrField,
  literal: ValueOrField,
  literals: ValueList,
  texts: ValueList,
  needles: TextOrTexts,
  text: PlainText,
  name: PlainText,
  place: PlaceInput,
  number: KilometresInput,
  'whole-number': WholeNumber,
  choice: Choice,
  segment: SegmentKey,
};

export function ValueInput(props: ValueInputProps) {
  const Draw = inputs[props.form.type] as (props: ValueInputProps) => preact.JSX.Element | null;
  return <Draw {...props} />;
}

function jsonOf(argument: Argument): unknown {
  return argument.kind === 'constant' ? argument.json : undefined;
}

function ValueOrField(props: ValueInputProps) {
  const { argument, scope, label, describedBy, invalid, onChange } = props;
  if (argument.kind !== 'constant')
    return (
      <>
        <SubjectInput
          argument={argument}
          scope={scope}
          label={label}
          describedBy={describedBy}
          invalid={invalid}
          onChange={onChange}
          part="value"
        />
        <TermsInput argument={argument} scope={scope} describedBy={describedBy} onChange={onChange} />
        <FixedParts argument={argument} scope={scope} describedBy={describedBy} onChange={onChange} />
      </>
    );
  return <Literal {...props} />;
}

type PartProps = Pick<ValueInputProps, 'argument' | 'scope' | 'describedBy' | 'onChange'>;

/** What a value is made of beside fields and rows: a text, a number, a unit. */
export function FixedParts({ argument, scope, describedBy, onChange }: PartProps) {
  if (argument.kind !== 'value' || isArithmetic(argument.name)) return null;
  const { label, arguments: forms }: Operator = operators[argument.name];
  return (
    <>
      {argument.arguments.map((one, n) => {
        const form = forms[n];
        return one.kind === 'constant' && form ? (
          <ValueInput
            // A part has no name but its place.
            key={n}
            form={form}
            argument={one}
            value={undefined}
            scope={scope}
            label={label}
            describedBy={describedBy}
            invalid={false}
            onChange={(next) => onChange({ ...argument, arguments: argument.arguments.with(n, next) })}
          />
        ) : null;
      })}
    </>
  );
}

const SIGNS = { '+': '+', '-': '−', '*': '×' } as const;

/** The numbers of a calculation with the sign between them, where the argument is one or is over one. */
export function TermsInput({ argument, scope, describedBy, onChange }: PartProps) {
  const { vocabulary } = useEditor();
  if (argument.kind !== 'value') return null;
  const [mapped] = argument.arguments;
  if (mapped?.kind === 'mapped' && mapped.field.kind === 'value') {
    const inner = scopeInside(vocabulary, mapped.rows.relation.name, scope);
    return (
      <TermsInput
        argument={mapped.field}
        scope={inner}
        describedBy={describedBy}
        onChange={(field) => field.kind === 'value' && onChange({ ...argument, arguments: [{ ...mapped, field }] })}
      />
    );
  }
  if (!isArithmetic(argument.name)) return null;
  const { name, arguments: terms } = argument;
  const set = (list: readonly Argument[]): void => onChange({ ...argument, arguments: list });
  return (
    <span class="terms" role="group" aria-label="Calculation">
      {terms.map((term, n) => (
        // A term has no name but its place.
        <span key={n} class="term">
          {n === 1 && (
            <select
              aria-label="Sign"
              value={name}
              onChange={({ currentTarget }) => onChange(withSign(argument, currentTarget.value))}
            >
              {Object.entries(SIGNS).map(([sign, text]) => (
                <option key={sign} value={sign} disabled={sign === '-' && terms.length > 2}>
                  {text}
                </option>
              ))}
            </select>
          )}
          {n > 1 && <span class="word">{SIGNS[name]}</span>}
          <ValueInput
            form={{ type: 'value', families: ['number'] }}
            argument={term}
            value={NUMBER_WORDS}
            scope={scope}
            label={`Number ${n + 1}`}
            describedBy={describedBy}
            invalid={false}
            onChange={(next) => set(terms.with(n, next))}
          />
          <button
            type="button"
            class="plain"
            onClick={() =>
              set(terms.with(n, term.kind === 'constant' ? { kind: 'field', name: '', bare: true } : constant(1)))
            }
          >
            {term.kind === 'constant' ? 'use a field' : 'use a number'}
          </button>
          {terms.length > 2 && (
            <button
              type="button"
              class="icon"
              aria-label={`Remove number ${n + 1}`}
              onClick={() => set(terms.toSpliced(n, 1))}
            >
              ×
            </button>
          )}
        </span>
      ))}
      {name !== '-' && (
        <button type="button" class="plain" onClick={() => set([...terms, constant(1)])}>
          Add a number
        </button>
      )}
    </span>
  );
}

function withSign(argument: Extract<Argument, { readonly kind: 'value' }>, sign: string): Argument {
  return isArithmetic(sign) ? { ...argument, name: sign } : argument;
}

function Literal({ argument, value, label, describedBy, invalid, onChange }: ValueInputProps) {
  const id = useId();
  const text = constantText(jsonOf(argument));
  const family = value?.family ?? 'text';
  const set = (typed: string): void => onChange(constant(constantOf(typed, family)));
  const shared = {
    'aria-label': label,
    'aria-describedby': describedBy,
    'aria-invalid': invalid ? ('true' as const) : undefined,
    'data-part': 'value',
  };
  if (family === 'boolean') {
    const known = ['true', 'false'];
    return (
      <select {...shared} value={text} onChange={({ currentTarget }) => set(currentTarget.value)}>
        {!known.includes(text) && <option value={text}>{text}</option>}
        <option value="true">yes</option>
        <option value="false">no</option>
      </select>
    );
  }
  if (value?.complete === true && value.values.length <= 60)
    return (
      <select {...shared} value={text} onChange={({ currentTarget }) => set(currentTarget.value)}>
        {!value.values.some((one) => one.value === text) && (
          <option value={text}>{text === '' ? 'choose …' : text}</option>
        )}
        {value.values.map((one) => (
          <option key={one.value} value={one.value}>
            {one.label ?? one.value}
          </option>
        ))}
      </select>
    );
  if (family === 'date' || family === 'instant')
    return (
      <InstantInput
        label={label}
        describedBy={describedBy}
        invalid={invalid}
        text={text}
        family={family}
        onText={set}
      />
    );
  const values = value?.values ?? [];
  return (
    <>
      <input
        {...shared}
        class={family === 'number' ? 'short' : 'long'}
        inputMode={family === 'number' ? 'decimal' : 'text'}
        autocomplete="off"
        spellcheck={false}
        list={values.length > 0 ? id : undefined}
        // An empty text is a value, which a person who has filled in nothing does not mean.
        placeholder={family === 'text' ? 'empty text' : undefined}
        value={text}
        title={values.find((one) => one.value === text)?.label ?? undefined}
        onInput={({ currentTarget }) => set(currentTarget.value)}
      />
      {values.length > 0 && (
        <datalist id={id}>
          {values.map((one) => (
            <option key={one.value} value={one.value}>
              {one.label ?? ''}
            </option>
          ))}
        </datalist>
      )}
    </>
  );
}

function PlainText({ argument, label, describedBy, invalid, onChange }: ValueInputProps) {
  return (
    <input
      class="long"
      aria-label={label}
      aria-describedby={describedBy}
      aria-invalid={invalid ? 'true' : undefined}
      data-part="value"
      autocomplete="off"
      spellcheck={false}
      value={constantText(jsonOf(argument))}
      onInput={({ currentTarget }) => onChange(constant(currentTarget.value))}
    />
  );
}

function ValueList({ argument, value, label, describedBy, invalid, onChange }: ValueInputProps) {
  return (
    <ListInput
      json={jsonOf(argument)}
      value={value}
      label={label}
      describedBy={describedBy}
      invalid={invalid}
      onChange={(json) => onChange(constant(json))}
    />
  );
}

/** A list, once it is one: the row's menu makes it. */
function TextOrTexts(props: ValueInputProps) {
  return Array.isArray(jsonOf(props.argument)) ? <ValueList {...props} /> : <PlainText {...props} />;
}

function WholeNumber({
  form,
  argument,
  label,
  describedBy,
  invalid,
  onChange,
}: ValueInputProps<Extract<ArgumentForm, { readonly type: 'whole-number' }>>) {
  const json = jsonOf(argument);
  return (
    <>
      <input
        class="short"
        aria-label={`${label}: ${form.label}`}
        aria-describedby={describedBy}
        aria-invalid={invalid ? 'true' : undefined}
        data-part="value"
        inputMode="numeric"
        autocomplete="off"
        value={constantText(json)}
        onInput={({ currentTarget }) => onChange(constant(wholeNumberOf(currentTarget.value)))}
      />
      {form.least === undefined && typeof json === 'number' && <span class="word">{periodWords(json)}</span>}
      {form.label === 'days' && <span class="word">days</span>}
    </>
  );
}

/** Which period a number means, counted from the current one. */
export function periodWords(periods: number): string {
  if (periods === 0) return '(this one)';
  if (periods === -1) return '(the one before)';
  if (periods === 1) return '(the next one)';
  return periods < 0 ? `(${-periods} before this one)` : `(${periods} after this one)`;
}

function Choice({
  form,
  argument,
  label,
  describedBy,
  invalid,
  onChange,
}: ValueInputProps<Extract<ArgumentForm, { readonly type: 'choice' }>>) {
  const text = constantText(jsonOf(argument));
  return (
    <select
      aria-label={`${label}: ${form.label}`}
      aria-describedby={describedBy}
      aria-invalid={invalid ? 'true' : undefined}
      data-part="value"
      value={text}
      onChange={({ currentTarget }) => onChange(constant(currentTarget.value))}
    >
      {!form.of.includes(text) && <option value={text}>{text}</option>}
      {form.of.map((one) => (
        <option key={one} value={one}>
          {form.counted ? `${one}s` : one}
        </option>
      ))}
    </select>
  );
}

function SegmentKey({ argument, describedBy, invalid, onChange }: ValueInputProps) {
  const { segments, nameOfSegment } = useEditor();
  const key = constantText(jsonOf(argument));
  return (
    <Combobox
      label="Segment"
      part="value"
      value={key}
      text={nameOfSegment(key)}
      options={segments}
      onPick={(picked) => onChange(constant(picked))}
      placeholder="Find a segment"
      describedBy={describedBy}
      invalid={invalid}
    />
  );
}
