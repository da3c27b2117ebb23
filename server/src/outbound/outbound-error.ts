/** Why a request to the outside was not made or not finished. */
export type OutboundFault =
  | 'bad-url'
  | 'blocked-address'
  | 'blocked-port'
  | 'too-many-redirects'
  | 'content-type'
  | 'too-large'
  | 'timeout'
  | 'network';

/** The one error of `guardedFetch`. Its message is for people and names no address that the URL did not name. */
export class OutboundError extends Error {
  readonly fault: OutboundFault;

  constructor(fault: OutboundFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}
