/** An address that leads nowhere. */
import { PageHead } from '../part/page-head.tsx';

export function UnknownPage() {
  return (
    <>
      <PageHead title="There is no such page" />
      <p>
        The link may be old. <a href="/segments">All segments</a> are a good place to begin.
      </p>
    </>
  );
}
