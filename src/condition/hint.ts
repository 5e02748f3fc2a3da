/** What to do about a kind of issue, where nothing better is known of the one at hand: every issue has a hint. */
const HINTS: Readonly<Record<string, string>> = {
  'computed-name': 'write {"var": "name"}',
  'forbidden-name': 'give the field another name under `fields` in the config file',
  'lone-surrogate': 'take it out, or write the whole character',
  'more-issues': 'mend those that are listed and try again',
  nul: 'take it out',
  'out-of-range': 'write a number in that range',
  'text-too-long': 'compare with less text, or use `starts_with`',
  'too-large': 'split it into segments and use `in_segment`, or load a long list into a static segment',
  'too-many-digits': 'write fewer digits',
  'unknown-field': 'fields are the columns of the table, and what the config file has under `fields`',
  'unknown-operator': 'the operators are listed in the README under "Conditions"',
  'unknown-relation': 'relations are those that the config file has under `relations`',
  'unknown-segment': 'create it first, or in the same transaction',
  'unknown-unit': 'write one of these',
  withheld: 'run `segmentd doctor`: it says what to do',
  'wrong-type': 'compare it with a value of its own type, or use an operator or a field that fits',
};

export function hintOf(code: string): string {
  return HINTS[code] ?? 'the forms that are accepted are listed in the README under "Conditions"';
}
