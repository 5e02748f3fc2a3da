/** Fetches a file as the browser does: it is written to the disk while it comes, however long it is. */

export function filePath(id: string): string {
  return `/api/v1/exports/${encodeURIComponent(id)}/file`;
}

export function startDownload(id: string): void {
  const link = document.createElement('a');
  link.href = filePath(id);
  // The server names the file.
  link.download = '';
  link.click();
}
