/** The session of somebody at the service that they have logged in by, as the service names it. */
export interface ServiceSession {
  service: string;
  /** Who the service says it is. */
  issuer: string;
  /** Whom the session is of. */
  name: { text: string; format?: string; nameQualifier?: string; spNameQualifier?: string };
  /** Which of their sessions. */
  index?: string;
}
