/** A call began, changed or ended: `stream-notify-room` `<rid>/videoconf` (spec 40 §8.2). */
export interface ConferenceChanged {
  rid: string;
  callId: string;
}

/** The clients of the other members shall ring (`video-conference`, spec 40 §8.3). */
export interface ConferenceRings {
  callId: string;
  rid: string;
  /** Who calls. */
  uid: string;
}

declare module '../kernel/events.ts' {
  interface Events {
    'conference.changed': ConferenceChanged;
    'conference.rings': ConferenceRings;
  }
}
