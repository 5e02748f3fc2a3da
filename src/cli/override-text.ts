/** Overrides for people: one line each, and what a verb wrote. */
import type { Overridden, OverriddenByFile, Override } from '../index.ts';
import { authorText } from './author-text.ts';
import { plural } from './printed-output.ts';

export function overrideText(override: Override): string {
  const { contactId, kind, note, createdAt, expiresAt } = override;
  return [
    contactId,
    kind,
    `by ${authorText(override)}`,
    createdAt,
    ...(expiresAt === null ? [] : [`until ${expiresAt}`]),
    ...(note === null ? [] : [note]),
  ].join('  ');
}

export function overriddenText(overridden: Overridden | OverriddenByFile, done: string): readonly string[] {
  const { key, asked, changed } = overridden;
  const { unknown, unknownKeys } = 'unknownKeys' in overridden ? overridden : { unknown: 0, unknownKeys: [] };
  return [
    `${plural(changed, 'contact')} ${done}: ${key}`,
    ...(asked - changed - unknown > 0 ? [`${plural(asked - changed - unknown, 'contact')} as before`] : []),
    ...(unknown > 0
      ? [
          `${plural(unknown, 'key')} of no contact, left out: ${unknownKeys.join(', ')}${unknown > unknownKeys.length ? ', …' : ''}`,
        ]
      : []),
  ];
}
