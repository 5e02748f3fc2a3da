/** What a combobox offers, and which of it fits what is typed. Pure. */

export interface ComboboxOption {
  readonly value: string;
  readonly label: string;
  readonly group?: string;
  /** More about it, shown at its end. */
  readonly hint?: string | undefined;
}

/** Options in whose words every word of the text is found; those that begin with it first. */
export function fittingOptions(options: readonly ComboboxOption[], text: string): readonly ComboboxOption[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return options;
  const [first = ''] = words;
  const fitting = options.filter(({ label, value, group = '' }) => {
    const all = `${group} ${label} ${value}`.toLowerCase();
    return words.every((word) => all.includes(word));
  });
  const begins = fitting.filter(({ label }) => label.toLowerCase().startsWith(first));
  return [...begins, ...fitting.filter((one) => !begins.includes(one))];
}
