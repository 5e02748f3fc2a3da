/** What a contact is called: the first displayed value that it has, else its key. Pure. */

/** Columns that the page shows of a contact, in order. */
type Display = readonly { readonly field: string; readonly label: string }[];
type Values = Readonly<Record<string, string | null>>;

export function contactName(contact: string, values: Values, display: Display): string {
  const field = display.find(({ field }) => (values[field] ?? '') !== '');
  return (field && values[field.field]) ?? contact;
}

/** `Email, First name or key`. */
export function findWords(display: Display): string {
  const labels = display.map(({ label }) => label);
  return labels.length === 0 ? 'Key' : `${labels.join(', ')} or key`;
}
