/** `/contacts`: a contact is found by its key or by what the page shows of it. */
import { keepPreviousData } from '@tanstack/query-core';
import { useState } from 'preact/hooks';
import { answered } from '../client/api-failure.ts';
import { getContacts, type ContactPage } from '../client/api.ts';
import { useCatalogue } from '../client/catalogue-query.ts';
import { mayAdmin, useMe } from '../client/me-context.ts';
import { useInfiniteQuery } from '../client/query.ts';
import { useUrlQuery } from '../client/url-query.ts';
import { useUrlText } from '../client/url-text.ts';
import { findWords } from '../part/contact-name.ts';
import { ContactTable } from '../part/contact-table.tsx';
import { CopyButton } from '../part/copy-button.tsx';
import { FailureNote } from '../part/failure-note.tsx';
import { PageHead } from '../part/page-head.tsx';
import { RevealButton } from '../part/reveal-button.tsx';
import { Skeleton } from '../part/skeleton.tsx';
import { ShowMore } from '../part/show-more.tsx';
import '../part/panel.css';
import '../part/segment-filter.css';

/** Milliseconds without a key before the server is asked: a search may read many rows. */
const PAUSE = 200;

export function ContactListPage() {
  const me = useMe();
  const [revealed, reveal] = useState(false);
  const catalogue = useCatalogue();
  const display = catalogue.data?.contacts.display ?? [];
  const find = useUrlQuery().get('find');
  const contacts = useInfiniteQuery<ContactPage, string | undefined>({
    queryKey: ['contacts', find, revealed],
    queryFn: ({ pageParam, signal }) =>
      answered(
        getContacts(
          {
            limit: 50,
            ...(pageParam === undefined ? {} : { cursor: pageParam }),
            ...(find === '' ? {} : { find }),
            ...(revealed ? { reveal: 'true' } : {}),
          },
          { signal },
        ),
      ),
    initialPageParam: undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: keepPreviousData,
  });
  const pages = contacts.data?.pages ?? [];
  const items = pages.flatMap((page) => page.items);
  const slow = pages[0]?.slow ?? null;
  return (
    <>
      <PageHead title="Contacts">
        <span class="grow" />
        <RevealButton revealed={revealed} onChange={reveal} />
      </PageHead>
      <search class="list-tools">
        <FindField words={findWords(display)} />
        <span class="quiet" role="status">
          {contacts.isFetching && !contacts.isPending ? 'Looking…' : ''}
        </span>
      </search>
      {contacts.error && <FailureNote error={contacts.error} again={() => void contacts.refetch()} />}
      {slow && (
        <div class="note warn">
          <p>{slow.sentence}</p>
          {slow.command !== null && mayAdmin(me) && (
            <p>
              <code>{slow.command}</code> <CopyButton text={slow.command} what="what makes it fast" />
            </p>
          )}
        </div>
      )}
      {contacts.isPending && !contacts.error && <Skeleton rows={8} height={36} />}
      {contacts.data && items.length === 0 && (
        <NoContact find={find} hasMasked={display.some(({ masked }) => masked)} />
      )}
      {items.length > 0 && !catalogue.isPending && (
        <ContactTable contacts={items} display={display} keyName={catalogue.data?.contacts.key ?? 'key'} />
      )}
      <ShowMore list={contacts} />
    </>
  );
}

function FindField({ words }: { readonly words: string }) {
  const [text, setText] = useUrlText('find', PAUSE);
  return (
    <input
      type="search"
      class="find"
      aria-label="Find a contact"
      placeholder={words}
      value={text}
      maxLength={200}
      autocomplete="off"
      spellcheck={false}
      onInput={(event) => setText(event.currentTarget.value)}
    />
  );
}

function NoContact({ find, hasMasked }: { readonly find: string; readonly hasMasked: boolean }) {
  return (
    <section class="empty">
      <h2>{find === '' ? 'There are no contacts yet' : 'No contact fits'}</h2>
      {find !== '' && hasMasked && (
        <p>
          Personal values are found as a whole: write the whole address, for example. Other values are found by a part.
        </p>
      )}
    </section>
  );
}
