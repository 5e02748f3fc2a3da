/** A few contacts with the columns that the config shows of them. Values are text, never markup. */
import type { NamedContact } from '../client/api.ts';

export interface SomeContactsProps {
  readonly title: string;
  readonly contacts: readonly NamedContact[];
  /** Of a saved segment: a link says why a contact is in or out now. */
  readonly segmentKey?: string;
  /** Tries the draft on the contact, row by row. */
  readonly onTry?: ((contact: string) => void) | undefined;
}

export function SomeContacts({ title, contacts, segmentKey, onTry }: SomeContactsProps) {
  return (
    <section>
      <h2>{title}</h2>
      <ul class="preview-contacts">
        {contacts.map(({ contact_id: contact, values }) => {
          const [name = contact, ...others] = Object.values(values).filter((value) => value !== null && value !== '');
          const id = encodeURIComponent(contact);
          return (
            <li key={contact}>
              <a href={`/contacts/${id}`} title={`${name} (contact ${contact})`}>
                <bdi>{name}</bdi>
              </a>
              <span class="quiet">
                <bdi>{others.join(', ')}</bdi>
              </span>
              {onTry ? (
                <button type="button" class="preview-why" onClick={() => onTry(contact)}>
                  why?<span class="hidden-text"> Try the condition on {name}</span>
                </button>
              ) : (
                segmentKey !== undefined && (
                  <a class="preview-why" href={`/segments/${encodeURIComponent(segmentKey)}/contacts/${id}`}>
                    why?<span class="hidden-text"> {name}</span>
                  </a>
                )
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
