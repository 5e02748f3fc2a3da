/** The members, read as one scrolls. Arrow keys go from contact to contact; Enter says why it is in. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Member as MemberRow, MemberPage, SegmentOutline } from '../client/api.ts';
import { numberText } from '../client/number-text.ts';
import { useRowBlocks } from '../client/row-blocks.ts';
import { CopyButton } from '../part/copy-button.tsx';
import { FailureNote } from '../part/failure-note.tsx';
import { Instant } from '../part/instant.tsx';
import { causeNoun } from './cause-text.ts';
import { whyPath } from './override-tab.tsx';
import type { Columns } from './member-column.ts';
import { BLOCK, readMembers, type MemberQuery } from './member-read.ts';
import { movedBase, ROW, rowWindow, type RowWindow } from './row-window.ts';
import './member-table.css';

interface Props {
  readonly segment: SegmentOutline;
  readonly query: MemberQuery;
  readonly columns: Columns;
  /** The contact whose why is open; '' is none. */
  readonly contact: string;
  readonly onContact: (contact: string) => void;
}

export function MemberTable({ segment, query, columns, contact, onContact }: Props) {
  const view = useRef<HTMLDivElement>(null);
  const [scroll, setScroll] = useState({ top: 0, height: 600 });
  const [base, setBase] = useState(0);
  const [current, setCurrent] = useState(0);
  const listKey = ['segment', segment.key, 'members', query];
  const list = JSON.stringify(listKey);
  const wanted = rowWindow(Infinity, base, scroll.top, scroll.height);
  const blocks = useRowBlocks<MemberRow, MemberPage>({
    queryKey: listKey,
    read: (cursor, signal) => readMembers(segment.key, query, cursor, signal),
    size: BLOCK,
    first: wanted.first,
    last: wanted.end,
  });
  const { first, end, above, below } = rowWindow(blocks.count, base, scroll.top, scroll.height);

  useLayoutEffect(() => {
    const shown = view.current;
    if (!shown) return undefined;
    const look = (): void => setScroll({ top: shown.scrollTop, height: shown.clientHeight });
    const watch = new ResizeObserver(look);
    watch.observe(shown);
    return () => watch.disconnect();
  }, []);
  // Another list begins at its top.
  useLayoutEffect(() => {
    setBase(0);
    setCurrent(0);
    if (view.current) view.current.scrollTop = 0;
  }, [list]);

  const onScroll = (): void => {
    const shown = view.current;
    if (!shown) return;
    const moved = movedBase(blocks.count, base, shown.scrollTop);
    if (moved !== base) {
      shown.scrollTop -= (moved - base) * ROW;
      setBase(moved);
    }
    keepKeyboard(shown, rowWindow(blocks.count, moved, shown.scrollTop, shown.clientHeight));
    setScroll({ top: shown.scrollTop, height: shown.clientHeight });
  };
  const goTo = (index: number): void => {
    const shown = view.current;
    if (!shown) return;
    const to = Math.max(0, Math.min(blocks.count - 1, index));
    setCurrent(to);
    const top = (to - base) * ROW;
    const room = shown.clientHeight - 2 * ROW;
    if (top < shown.scrollTop) shown.scrollTop = top;
    else if (top > shown.scrollTop + room) shown.scrollTop = top - room;
    onScroll();
    // The row may be drawn only now, or still be read: then the list keeps the keyboard.
    requestAnimationFrame(() =>
      (shown.querySelector<HTMLElement>(`[data-row="${to}"] a`) ?? shown).focus({ preventScroll: true }),
    );
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const page = Math.max(1, Math.floor(scroll.height / ROW) - 2);
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page }[event.key];
    if (step === undefined && event.key !== 'Home' && event.key !== 'End') return;
    event.preventDefault();
    goTo(step === undefined ? (event.key === 'Home' ? 0 : blocks.count - 1) : current + step);
  };

  const rows = Array.from({ length: Math.max(0, end - first) }, (_, at) => first + at);
  const names = query.columns.length > 0 ? query.columns : Object.keys(blocks.row(0)?.values ?? {});
  const width = names.length + 3;
  const isEmpty = blocks.whole && blocks.count === 0;
  return (
    <>
      {blocks.error && <FailureNote error={blocks.error} again={blocks.again} />}
      {blocks.page?.slow && (
        <div class="note">
          <p>{blocks.page.slow.sentence}</p>
          {blocks.page.slow.command !== null && (
            <p class="command">
              <code>{blocks.page.slow.command}</code> <CopyButton text={blocks.page.slow.command} what="the SQL" />
            </p>
          )}
        </div>
      )}
      <div
        class="member-rows"
        ref={view}
        role="region"
        aria-label="Members"
        tabIndex={0}
        onScroll={onScroll}
        onKeyDown={onKeyDown}
        aria-busy={blocks.pending}
      >
        <table aria-rowcount={blocks.whole ? blocks.count + 1 : -1}>
          <thead>
            <tr aria-rowindex={1}>
              <th scope="col">Contact</th>
              {names.map((name) => (
                <th key={name} scope="col">
                  {columns.labelOf(name)}
                </th>
              ))}
              <th scope="col">Since</th>
              <th scope="col">Because of</th>
            </tr>
          </thead>
          <tbody>
            {above > 0 && <Spacer height={above} width={width} />}
            {rows.map((index) => {
              const row = blocks.row(index);
              return row ? (
                <Member
                  key={row.contact_id}
                  row={row}
                  index={index}
                  names={names}
                  path={whyPath(segment.key, row.contact_id)}
                  isCurrent={index === current}
                  isOpen={row.contact_id === contact}
                  onOpen={() => {
                    setCurrent(index);
                    onContact(row.contact_id);
                  }}
                />
              ) : (
                <tr key={`row ${index}`} aria-hidden="true" class="unread">
                  <td colSpan={width}>
                    <span class="skeleton-bar" style={{ width: `${20 + ((index * 17) % 30)}%` }} />
                  </td>
                </tr>
              );
            })}
            {below > 0 && <Spacer height={below} width={width} />}
          </tbody>
        </table>
        {isEmpty && <p class="no-rows quiet">{emptyText(segment, query)}</p>}
      </div>
      <p class="quiet small-print number" role="status">
        {rowsText(blocks.count, blocks.whole, segment, query)}
      </p>
    </>
  );
}

/** A row that leaves the page while it has the focus gives it to the list. */
function keepKeyboard(list: HTMLElement, { first, end }: RowWindow): void {
  const row = list.querySelector<HTMLElement>('[data-row]:focus-within');
  const index = Number(row?.dataset['row']);
  if (row && (index < first || index >= end)) list.focus({ preventScroll: true });
}

interface MemberProps {
  readonly row: MemberRow;
  readonly index: number;
  readonly names: readonly string[];
  readonly path: string;
  readonly isCurrent: boolean;
  readonly isOpen: boolean;
  readonly onOpen: () => void;
}

/** Where there is no room beside the table, the link leads to a page of its own. */
const WIDE = '(min-width: 1000px)';

function Member({ row, index, names, path, isCurrent, isOpen, onOpen }: MemberProps) {
  return (
    <tr data-row={index} aria-rowindex={index + 2} class={isOpen ? 'open' : undefined}>
      <th scope="row">
        <a
          href={path}
          tabIndex={isCurrent ? 0 : -1}
          aria-current={isOpen ? 'true' : undefined}
          dir="auto"
          onClick={(event) => {
            if (event.ctrlKey || event.metaKey || event.shiftKey || !matchMedia(WIDE).matches) return;
            event.preventDefault();
            event.stopPropagation();
            onOpen();
          }}
        >
          {row.contact_id}
        </a>
      </th>
      {names.map((name) => (
        <td key={name} dir="auto" title={row.values[name] ?? undefined}>
          {row.values[name] ?? <span class="quiet">–</span>}
        </td>
      ))}
      <td>{row.entered_at === null ? <span class="quiet">long ago</span> : <Instant at={row.entered_at} />}</td>
      <td>
        {row.reason !== null ? causeNoun({ reason: row.reason, version: row.version }) : <span class="quiet">–</span>}
      </td>
    </tr>
  );
}

function Spacer({ height, width }: { readonly height: number; readonly width: number }) {
  return (
    <tr aria-hidden="true" class="spacer">
      <td colSpan={width} style={{ height: `${height}px` }} />
    </tr>
  );
}

function emptyText({ live_version: live }: SegmentOutline, { find, reason, at, change }: MemberQuery): string {
  if (find !== '') return 'No such contact is among them.';
  if (reason !== '') return 'No contact is here for this reason.';
  if (change === 'new') return 'No contact is new since then.';
  if (change === 'left') return 'No contact has left since then.';
  if (at !== '') return 'It had no members then.';
  return live === null ? 'It has no members yet.' : 'No contact fits now. Contacts appear here as soon as they do.';
}

function rowsText(
  count: number,
  whole: boolean,
  { members }: SegmentOutline,
  { find, reason, at, change }: MemberQuery,
): string {
  if (whole) return `${numberText(count)} ${count === 1 ? 'row' : 'rows'}`;
  const isAll = find === '' && reason === '' && at === '' && change === '';
  return isAll ? `${numberText(members)} rows, loaded as you scroll` : 'Loaded as you scroll';
}
