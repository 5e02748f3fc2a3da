/** The parts of a segment's page. Each has an address, so that a link opens it and a new tab of the browser can. */
import type { SegmentOutline } from '../client/api.ts';

const TABS = {
  members: 'Members',
  events: 'Events',
  versions: 'Versions',
  uses: 'Used by',
  exports: 'Exports',
  overrides: 'Exceptions',
  code: 'JSON and SQL',
} as const;

export type TabName = keyof typeof TABS;

export function tabOf(name: string): TabName {
  return Object.hasOwn(TABS, name) ? (name as TabName) : 'members';
}

export function tabPath(key: string, tab: TabName): string {
  return `/segments/${encodeURIComponent(key)}${tab === 'members' ? '' : `?tab=${tab}`}`;
}

export function SegmentTabs({ segment, tab }: { readonly segment: SegmentOutline; readonly tab: TabName }) {
  const counts: Partial<Record<TabName, number>> = { versions: segment.version, uses: segment.used_by };
  return (
    <nav class="tabs" aria-label="Parts of the segment">
      {(Object.keys(TABS) as TabName[]).map((name) => (
        <a key={name} href={tabPath(segment.key, name)} aria-current={name === tab ? 'page' : undefined}>
          {name === 'overrides' && segment.kind === 'static' ? 'Added contacts' : TABS[name]}
          {counts[name] !== undefined && <span class="quiet"> {counts[name]}</span>}
        </a>
      ))}
    </nav>
  );
}
