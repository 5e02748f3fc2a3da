/**
 * What most pages show. It comes with the first page, in one file: a file for each of these small parts would cost a list of segments 13
 * requests and 2 KB.
 */
/* oxlint-disable import/no-unassigned-import -- each is drawn by the pages; here they only come along. */
import '../client/number-text.ts';
import '../client/url-query.ts';
import '../part/copy-button.tsx';
import '../part/freshness-chip.tsx';
import '../part/moment.tsx';
import '../part/page-head.tsx';
import '../part/segment-need.tsx';
import '../part/skeleton.tsx';
import '../part/state-chip.tsx';
