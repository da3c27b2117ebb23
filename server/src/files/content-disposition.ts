/** The header that names a download. RFC 8187: what `encodeURIComponent` leaves alone is more than it takes. */
export function contentDisposition(way: 'inline' | 'attachment', name: string): string {
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${way}; filename*=UTF-8''${encoded}`;
}
