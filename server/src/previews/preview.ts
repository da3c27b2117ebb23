/** What a message shows of a page that it links to (spec 30 §1.2): members of its entry in `urls`. */
export interface Preview {
  meta: Readonly<Record<string, string>>;
  /** By these clients decide whether the address itself is a picture, sound or film. */
  headers?: { contentType?: string; contentLength?: string };
}
