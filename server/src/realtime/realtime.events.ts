/** What a client wrote to a stream, for its subscribers on every node; told without a commit. */
export interface StreamWritten {
  stream: string;
  eventName: string;
  args: readonly unknown[];
  /** The connection it came by, on whichever node: it does not hear of it. */
  except: string;
}

declare module '../kernel/events.ts' {
  interface Events {
    'stream.written': StreamWritten;
  }
}
