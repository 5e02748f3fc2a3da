/** The whole page: who is there, then the page of the address. Each page is loaded when it is first opened. */
import { LocationProvider, Route, Router } from 'preact-iso';
import { ApiFailure, answered } from '../client/api-failure.ts';
import { getMe } from '../client/api.ts';
import { useQuery } from '../client/query.ts';
import { FailureNote } from '../part/failure-note.tsx';
import { Frame } from '../part/frame.tsx';
import { lazyPage } from '../part/lazy-page.tsx';
import { SegmentListPage } from './segment-list-page.tsx';
import { SignInPage } from './sign-in-page.tsx';

const BuilderPage = lazyPage(() => import('./builder-page.tsx'), 'BuilderPage');
const AuditPage = lazyPage(() => import('./audit-page.tsx'), 'AuditPage');
const ComparePage = lazyPage(() => import('./compare-page.tsx'), 'ComparePage');
const ContactListPage = lazyPage(() => import('./contact-list-page.tsx'), 'ContactListPage');
const ContactPage = lazyPage(() => import('./contact-page.tsx'), 'ContactPage');
const StatusPage = lazyPage(() => import('./status-page.tsx'), 'StatusPage');
const SegmentPage = lazyPage(() => import('./segment-page.tsx'), 'SegmentPage');
const WhyPage = lazyPage(() => import('./why-page.tsx'), 'WhyPage');
const UnknownPage = lazyPage(() => import('./unknown-page.tsx'), 'UnknownPage');

/** Addresses of the page; files and signing in are the browser's own. */
const OF_PAGE = /^(?!\/(api|sign-))/;

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
        <Route path="/" component={SegmentListPage} />
        <Route path="/segments" component={SegmentListPage} />
        <Route path="/segments/new" component={BuilderPage} />
        <Route path="/segments/:key/edit" component={BuilderPage} />
        <Route path="/contacts" component={ContactListPage} />
        <Route path="/contacts/:contact" component={ContactPage} />
        <Route path="/compare" component={ComparePage} />
        <Route path="/status" component={StatusPage} />
        <Route path="/audit" component={AuditPage} />
        <Route path="/segments/:segment" component={SegmentPage} />
        <Route path="/segments/:segment/contacts/:contact" component={WhyPage} />
        <Route default component={UnknownPage} />
      </Router>
    </Frame>
  );
}
