/** The whole page: who is there, then the page of the address. Each page is loaded when it is first opened. */
import { exec, LocationProvider, Route, Router } from 'preact-iso/router';
import { ApiFailure, answered } from '../client/api-failure.ts';
import { getMe } from '../client/api.ts';
import { useQuery } from '../client/query.ts';
import { FailureNote } from '../part/failure-note.tsx';
import { Frame } from '../part/frame.tsx';
import { lazyPage, type LazyPage } from '../part/lazy-page.tsx';
// oxlint-disable-next-line import/no-unassigned-import
import './page-base.ts';
import { SignInPage } from './sign-in-page.tsx';

const listPage = lazyPage(() => import('./segment-list-page.tsx'), 'SegmentListPage');
const builderPage = lazyPage(() => import('./builder-page.tsx'), 'BuilderPage');
const UnknownPage = lazyPage(() => import('./unknown-page.tsx'), 'UnknownPage');

const PAGES: readonly (readonly [path: string, page: LazyPage])[] = [
  ['/', listPage],
  ['/segments', listPage],
  ['/segments/new', builderPage],
  ['/segments/:key/edit', builderPage],
  ['/contacts', lazyPage(() => import('./contact-list-page.tsx'), 'ContactListPage')],
  ['/contacts/:contact', lazyPage(() => import('./contact-page.tsx'), 'ContactPage')],
  ['/compare', lazyPage(() => import('./compare-page.tsx'), 'ComparePage')],
  ['/status', lazyPage(() => import('./status-page.tsx'), 'StatusPage')],
  ['/audit', lazyPage(() => import('./audit-page.tsx'), 'AuditPage')],
  ['/segments/:segment', lazyPage(() => import('./segment-page.tsx'), 'SegmentPage')],
  ['/segments/:segment/contacts/:contact', lazyPage(() => import('./why-page.tsx'), 'WhyPage')],
];
/** Addresses of the page; files and signing in are the browser's own. */
const OF_PAGE = /^(?!\/(api|sign-))/;

/** An address that is cut inside of an escape has no page, and the router cannot read it. */
function isReadable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}
if (!isReadable(location.pathname)) history.replaceState(null, '', '/unreadable');

/** The page of this address is fetched while the server says who is there. */
const [, first] = PAGES.find(([path]) => exec(location.pathname, path)) ?? [];
void first?.preload();

export function App() {
  return (
    <LocationProvider scope={OF_PAGE}>
      <Entered />
    </LocationProvider>
  );
}

function Entered() {
  const me = useQuery({ queryKey: ['me'], queryFn: ({ signal }) => answered(getMe({ signal })), staleTime: Infinity });
  if (me.error instanceof ApiFailure && me.error.status === 401) return <SignInPage failure={me.error} />;
  if (me.error && !me.data) return <FailureNote error={me.error} again={() => void me.refetch()} />;
  if (!me.data) return <p class="loading frame">Loading…</p>;
  return (
    <Frame me={me.data}>
      <Router>
        {PAGES.map(([path, page]) => (
          <Route key={path} path={path} component={page} />
        ))}
        <Route default component={UnknownPage} />
      </Router>
    </Frame>
  );
}
