/** Contacts with what the page shows of them. */
import type { Catalogue, FoundContact } from '../client/api.ts';
import { contactName } from './contact-name.ts';

interface ContactTableProps {
  readonly contacts: readonly FoundContact[];
  readonly display: Catalogue['contacts']['display'];
  /** Column of the key. */
  readonly keyName: string;
}

export function ContactTable({ contacts, display, keyName }: ContactTableProps) {
  const [first, ...others] = display;
  return (
    <div class="wide-table">
      <table class="plain-table cards">
        <thead>
          <tr>
            <th scope="col">{first?.label ?? keyName}</th>
            {others.map(({ field, label }) => (
              <th key={field} scope="col">
                {label}
              </th>
            ))}
            {first && <th scope="col">{keyName}</th>}
          </tr>
        </thead>
        <tbody>
          {contacts.map(({ contact_id: contact, values }) => (
            <tr key={contact}>
              <td dir="auto">
                <a href={`/contacts/${encodeURIComponent(contact)}`}>
                  {first && (values[first.field] ?? '') !== ''
                    ? values[first.field]
                    : contactName(contact, values, display)}
                </a>
              </td>
              {others.map(({ field }) => (
                <td key={field} dir="auto">
                  {values[field] ?? <span class="quiet">–</span>}
                </td>
              ))}
              {first && <td class="quiet">{contact}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
