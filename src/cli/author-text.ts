/** Who wrote something, for people: the person, and the database role where it has another name. */

export interface Authored {
  readonly createdBy: string;
  readonly databaseRole: string;
}

/** `ana (as segmentd_app)`; `segmentd_app` when the person is not known */
export function authorText({ createdBy, databaseRole }: Authored): string {
  return createdBy === databaseRole ? createdBy : `${createdBy} (as ${databaseRole})`;
}
